import { encodeBase64url, randomBytes } from '#primitives'
import { holderCodes } from '../../certificate/holderCodes.ts'
import type { CertificateType } from '../../certificate/model.ts'
import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import { after, type Issuance, kinds, lifetimes } from './model.ts'
import { isEqual, nameOf } from './secret.ts'

/** Whose key it is: salted digests of holder codes. */
type Owner = { readonly salt: string; readonly holders: readonly string[] }

/**
 * Whether a key may carry this certificate: a key that carries somebody's certificate of this department
 * never carries somebody else's. Where the type names no holder, there is nothing to compare.
 *
 * @param keys RFC 7638 thumbprints.
 * @param claims as the offer has them; what the wallet says about itself does not count.
 */
export async function belongToHolder(
  issuance: Issuance,
  keys: readonly string[],
  type: CertificateType,
  claims: JsonObject,
): Promise<boolean> {
  const codes = holderCodes(type, claims)
  if (codes.length === 0) return true
  for (const key of keys) {
    const { salt, holders } = await ownerOf(issuance, key, codes)
    const own = codes.map((code) => digest(salt, code))
    if (!own.some((one) => holders.some((other) => isEqual(one, other)))) return false
  }
  return true
}

async function ownerOf(issuance: Issuance, key: string, codes: readonly string[]): Promise<Owner> {
  const { sessions, issuer, clock } = issuance
  const { address } = issuer.department
  const name = nameOf(key)
  for (;;) {
    const known = await sessions.get(address, kinds.key, name, clock())
    if (known !== undefined) return known.value as unknown as Owner
    const salt = encodeBase64url(randomBytes(16))
    const value = { salt, holders: codes.map((code) => digest(salt, code)) }
    try {
      const expiresAt = after(issuance, lifetimes.key)
      await sessions.add(address, [{ kind: kinds.key, name, value, expiresAt }])
      return value
    } catch (error) {
      if (!(error instanceof InputError && error.code === 'store/duplicate')) throw error
    }
  }
}

function digest(salt: string, code: string): string {
  return nameOf(`weir/holder/1\0${salt}\0${code}`)
}
