import type { JsonObject } from '../credential/model.ts'
import type { Field } from './model.ts'

/**
 * Which members of these claims become disclosures: classes S and R, inside lists of objects each
 * object's own.
 *
 * @param prefix JSON pointer of the object that holds the claims, empty at the top.
 * @returns JSON pointers (RFC 6901); claim names need no escapes.
 */
export function disclosablePointers(
  fields: readonly Field[],
  claims: JsonObject,
  prefix: string,
): string[] {
  const pointers: string[] = []
  for (const field of fields) {
    const value = claims[field.name]
    if (value === undefined) continue
    const pointer = `${prefix}/${field.name}`
    if (field.disclosure !== 'P') pointers.push(pointer)
    else if (field.type === 'objects')
      for (const [index, item] of (value as JsonObject[]).entries())
        pointers.push(...disclosablePointers(field.fields!, item, `${pointer}/${index}`))
  }
  return pointers
}
