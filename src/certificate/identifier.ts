import type { JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { eLicenceCheckCharacter, hasCheckDigit, hasForm } from './checks.ts'
import type { CertificateType } from './model.ts'

/** The object identifier under which all e-licence identifiers stand, GB/T 36904. */
export const eLicenceRoot = '1.2.156.3005.2'

/** The parts of an e-licence identifier. */
export type ELicence = {
  /** Certificate type, 21 characters: the social credit code of its keeper and three digits. */
  readonly typeCode: string
  /** Issuing authority's code: a social credit code, or in older identifiers a shorter one. */
  readonly issuerCode: string
  /** Serial within issuer and type, `0-9A-Z`. */
  readonly serial: string
  /** From 1; a superseding issue counts up. */
  readonly version: number
}

const parts =
  /^(?:1\.2\.156\.3005\.2\.)?([0-9A-Z]{21})\.([0-9A-Z]{1,18})\.([0-9A-Z]{1,30})\.([0-9]{3})\.([0-9A-Z])$/

/**
 * Composes an e-licence identifier with its root and check character.
 *
 * @throws {InputError} `certificate/bad-identifier` if a part has the wrong form.
 * @see GB/T 36904
 */
export function composeELicence(licence: ELicence): string {
  const { typeCode, issuerCode, serial, version } = licence
  const isWhole = Number.isSafeInteger(version) && version >= 1 && version <= 999
  const padded = isWhole ? String(version).padStart(3, '0') : ''
  const body = `${eLicenceRoot}.${typeCode}.${issuerCode}.${serial}.${padded}`
  if (!parts.test(`${body}.0`)) throw new InputError('certificate/bad-identifier')
  return `${body}.${eLicenceCheckCharacter(`${typeCode}${issuerCode}${serial}${padded}`)}`
}

/**
 * Takes an e-licence identifier apart, with or without its root.
 *
 * @throws {InputError} `certificate/bad-identifier` if its form or its check character is wrong.
 */
export function parseELicence(text: string): ELicence {
  const match = parts.exec(text)
  if (match === null) throw new InputError('certificate/bad-identifier')
  const [, typeCode = '', issuerCode = '', serial = '', version = '', check] = match
  if (eLicenceCheckCharacter(`${typeCode}${issuerCode}${serial}${version}`) !== check)
    throw new InputError('certificate/bad-identifier')
  return { typeCode, issuerCode, serial, version: Number(version) }
}

/** What an issuer adds where the type's identifier is not one of its claims. */
export type Assigned = {
  /** Unique within issuer and type, `0-9A-Z`, at most 30; tells nothing about the holder. */
  readonly serial: string
  /** Issuer's social credit code, for e-licence identifiers. */
  readonly issuerCode?: string
  /** Version of this certificate, from 1. */
  readonly version?: number
}

/**
 * The identifier that a certificate carries in the open, unique per issuer and type.
 *
 * @param claims as `checkClaims` returned them.
 * @throws {InputError} `certificate/bad-identifier` if `assigned` lacks what the type's rule needs.
 */
export function certificateIdentifier(
  type: CertificateType,
  claims: JsonObject,
  assigned?: Assigned,
): string {
  const rule = type.identifier
  if (rule.kind === 'field') return claims[rule.field] as string
  if (assigned === undefined || !/^[0-9A-Z]{1,30}$/.test(assigned.serial))
    throw new InputError('certificate/bad-identifier', { type: type.id })
  if (rule.kind === 'assigned') return `${rule.prefix}-${assigned.serial}`
  const { serial, issuerCode = '', version = 1 } = assigned
  if (!hasForm('socialCreditCode', issuerCode) || !hasCheckDigit('socialCreditCode', issuerCode))
    throw new InputError('certificate/bad-identifier', { type: type.id })
  return composeELicence({ typeCode: rule.typeCode, issuerCode, serial, version })
}
