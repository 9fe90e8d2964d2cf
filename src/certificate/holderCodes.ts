import type { JsonObject } from '../credential/model.ts'
import type { CertificateType } from './model.ts'

/**
 * The codes of the holder (or holders) that a certificate names: a resident number, a social credit
 * code. Two certificates have the same holder if they share one.
 *
 * @param claims as disclosed; what is not disclosed is absent.
 * @returns in the order of the claims, without repeats; empty where the type names nobody or the
 *   claim is not disclosed.
 */
export function holderCodes(type: CertificateType, claims: JsonObject): string[] {
  if (type.holderCode === undefined) return []
  const [name, member] = type.holderCode.path.split('.')
  const value = claims[name!]
  const found =
    member === undefined
      ? [value]
      : (Array.isArray(value) ? value : []).map((item) => (item as JsonObject | null)?.[member])
  return [...new Set(found.filter((code) => typeof code === 'string'))]
}
