import { type GeneralName, type GeneralSubtree, RelativeDistinguishedNames } from 'pkijs'
import { hex } from '../../primitives/bytes.ts'
import type { CertificateFacts } from './facts.ts'

const directoryName = 4
const dnsName = 2
const rfc822Name = 1
const commonName = '2.5.4.3'
const emailAddress = '1.2.840.113549.1.9.1'

/**
 * Whether the names of a certificate lie within what an authority above it allows.
 *
 * Directory names are judged: permitted ones byte by byte, excluded ones whatever their case, spaces and
 * string type. A constraint on another kind of name is not: it refuses every certificate that has such a
 * name (a department's always has a URI without a host, which RFC 5280 refuses under URI constraints).
 *
 * @see RFC 5280, section 4.2.1.10
 */
export function isWithin(below: CertificateFacts, above: CertificateFacts): boolean {
  const constraints = above.constraints
  if (constraints === undefined) return true
  const permitted = constraints.permittedSubtrees ?? []
  const excluded = constraints.excludedSubtrees ?? []
  const all = [...permitted, ...excluded]
  if (all.length === 0 || !all.every(isWhole)) return false
  const kinds = kindsOf(below)
  if (all.some(({ base }) => base.type !== directoryName && kinds.has(base.type))) return false

  const subjects = [
    below.certificate.subject,
    ...(below.names ?? []).filter((name) => name.type === directoryName).map((name) => name.value),
  ]
  const allowed = permitted.filter(({ base }) => base.type === directoryName)
  return subjects.every(
    (subject) =>
      subject instanceof RelativeDistinguishedNames &&
      (allowed.length === 0 || allowed.some(({ base }) => startsWith(subject, base))) &&
      !excluded.some(({ base }) => base.type === directoryName && resembles(subject, base)),
  )
}

/** RFC 5280: minimum is 0 and maximum absent. */
function isWhole({ minimum, maximum }: GeneralSubtree): boolean {
  return (minimum === undefined || minimum === 0) && maximum === undefined
}

/** Kinds of names, with those that hide in the subject's attributes. */
function kindsOf({ names, certificate }: CertificateFacts): ReadonlySet<number> {
  const kinds = new Set((names ?? []).map((name) => name.type as number))
  for (const { type, value } of certificate.subject.typesAndValues) {
    if (type === emailAddress) kinds.add(rfc822Name)
    if (type === commonName && String(value.valueBlock.value).includes('.')) kinds.add(dnsName)
  }
  return kinds
}

/** The base's parts are the first parts of the name. Parts are whole DER values, so bytes compare. */
function startsWith(name: RelativeDistinguishedNames, base: GeneralName): boolean {
  if (!(base.value instanceof RelativeDistinguishedNames)) return false
  return parts(name).startsWith(parts(base.value))
}

function parts({ valueBeforeDecode }: RelativeDistinguishedNames): string {
  const bytes = new Uint8Array(valueBeforeDecode)
  const first = bytes[1] ?? 0
  return hex(bytes.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f)))
}

function resembles(name: RelativeDistinguishedNames, base: GeneralName): boolean {
  if (!(base.value instanceof RelativeDistinguishedNames)) return true
  const folded = fold(name)
  return fold(base.value).every((part, i) => part === folded[i])
}

function fold(name: RelativeDistinguishedNames): string[] {
  return name.typesAndValues.map(
    ({ type, value }) =>
      `${type}=${String(value.valueBlock.value).normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()}`,
  )
}
