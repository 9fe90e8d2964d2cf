import type { CertificateType, DisclosureClass, Field } from '../certificate/model.ts'
import type { ClassOf } from '../presentation/choose.ts'
import type { ClaimPath } from '../presentation/model.ts'

/** The disclosure class of each field of a type; undefined for a type that the holder does not know. */
export function classesOf(
  types: readonly CertificateType[],
  certificateType: string | undefined,
): ClassOf {
  const type = types.find(({ uri }) => uri === certificateType)
  return (path) => (type === undefined ? undefined : classAt(type.fields, path))
}

function classAt(fields: readonly Field[], path: ClaimPath): DisclosureClass | undefined {
  const [name, position, ...inside] = path
  const field = fields.find((candidate) => candidate.name === name)
  if (position === undefined) return field?.disclosure
  // Elements of a list are as their field; members of an object in a list have their own class.
  if (inside.length === 0 || field?.fields === undefined) return undefined
  return classAt(field.fields, inside)
}
