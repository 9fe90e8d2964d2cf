import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  type Certificate,
  ExtKeyUsage,
  type GeneralName,
  GeneralNames,
  id_AuthorityKeyIdentifier,
  id_BasicConstraints,
  id_ExtKeyUsage,
  id_KeyUsage,
  id_NameConstraints,
  id_SubjectAltName,
  id_SubjectKeyIdentifier,
  NameConstraints,
} from 'pkijs'
import { sha256 } from '#primitives'
import { InputError } from '../../errors.ts'
import { hex } from '../../primitives/bytes.ts'
import { parseCertificate } from './parse.ts'

/** DER of a name without parts, hex. */
export const emptyName = '3000'

/** What path validation asks about a certificate, read once. Hex has no prefix. */
export type CertificateFacts = {
  readonly certificate: Certificate
  /** SHA-256 of the DER. */
  readonly fingerprint: string
  /** DER of the names, hex: equal names are equal bytes here, which is stricter than RFC 5280 asks. */
  readonly subject: string
  readonly issuer: string
  readonly version: number
  readonly serial: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly critical: ReadonlySet<string>
  readonly extensions: ReadonlySet<string>
  readonly isAuthority: boolean
  readonly pathLength: number | undefined
  /** Undefined: no keyUsage extension, anything goes. */
  readonly usages: ReadonlySet<Usage> | undefined
  readonly extendedUsages: readonly string[] | undefined
  readonly subjectKey: string | undefined
  readonly authorityKey: string | undefined
  readonly names: readonly GeneralName[] | undefined
  readonly constraints: NameConstraints | undefined
}

const usageBits = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const
type Usage = (typeof usageBits)[number]

/**
 * Reads a certificate into facts.
 *
 * @throws {InputError} `certificate/malformed`, also where a known extension does not parse.
 */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  const certificate = parseCertificate(der)
  try {
    return facts(der, certificate)
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError('certificate/malformed', { cause })
  }
}

function facts(der: Uint8Array, certificate: Certificate): CertificateFacts {
  const extensions = certificate.extensions ?? []
  const parsed = (id: string): unknown => {
    const found = extensions.find((extension) => extension.extnID === id)
    if (found === undefined) return undefined
    // An extension of ours that the parser gave up on must not pass for one that is not there.
    if (found.parsedValue === undefined || found.parsedValue === null) malformed()
    return found.parsedValue
  }
  const constraints = instance(parsed(id_BasicConstraints), BasicConstraints)
  const authority = instance(parsed(id_AuthorityKeyIdentifier), AuthorityKeyIdentifier)
  const names = parsed(id_SubjectAltName)
  const pathLength = constraints?.pathLenConstraint
  return {
    certificate,
    fingerprint: hex(sha256(der)),
    subject: hexOf(certificate.subject.valueBeforeDecode),
    issuer: hexOf(certificate.issuer.valueBeforeDecode),
    version: certificate.version + 1,
    serial: hexOf(certificate.serialNumber.valueBlock.valueHexView),
    notBefore: date(certificate.notBefore.value),
    notAfter: date(certificate.notAfter.value),
    critical: new Set(extensions.filter((one) => one.critical).map((one) => one.extnID)),
    extensions: new Set(extensions.map((one) => one.extnID)),
    isAuthority: constraints?.cA === true,
    pathLength: pathLength === undefined ? undefined : count(pathLength),
    usages: usages(parsed(id_KeyUsage)),
    extendedUsages: instance(parsed(id_ExtKeyUsage), ExtKeyUsage)?.keyPurposes,
    subjectKey: octets(parsed(id_SubjectKeyIdentifier)),
    authorityKey: octets(authority?.keyIdentifier),
    names: names === undefined ? undefined : altNames(names),
    constraints: instance(parsed(id_NameConstraints), NameConstraints),
  }
}

function malformed(): never {
  throw new InputError('certificate/malformed')
}

function instance<T>(value: unknown, type: new () => T): T | undefined {
  return value === undefined || value instanceof type ? value : malformed()
}

type Block = { valueBlock: { valueHexView: Uint8Array; unusedBits?: number } }

function octets(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const view = (value as Partial<Block>).valueBlock?.valueHexView
  return view instanceof Uint8Array ? hex(view) : malformed()
}

function usages(value: unknown): ReadonlySet<Usage> | undefined {
  if (value === undefined) return undefined
  const bits = (value as Partial<Block>).valueBlock?.valueHexView
  if (!(bits instanceof Uint8Array) || bits.length > 2) malformed()
  return new Set(usageBits.filter((_, i) => ((bits[i >> 3] ?? 0) >> (7 - (i & 7))) & 1))
}

/** The parser gives numbers, and its own integers where they are long; such a path length is absurd. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : malformed()
}

function altNames(value: unknown): readonly GeneralName[] {
  const names =
    value instanceof GeneralNames ? value.names : (value as { altNames?: unknown }).altNames
  return Array.isArray(names) ? names : malformed()
}

function date(value: Date): Date {
  return Number.isNaN(value.getTime()) ? malformed() : value
}

function hexOf(bytes: ArrayBuffer | Uint8Array): string {
  return hex(new Uint8Array(bytes))
}
