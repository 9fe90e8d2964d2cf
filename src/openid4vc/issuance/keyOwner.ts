import { decodeUtf8, encodeBase64url, randomBytes } from '#primitives'
import { holderCodes } from '../../certificate/holderCodes.ts'
import type { CertificateType } from '../../certificate/model.ts'
import { parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import { after, type Issuance, kinds, lifetimes } from './model.ts'
import { isEqual, nameOf } from './secret.ts'

/**
 * Whose key it is: salted digests of holder codes. They are kept sealed, since a store that is read, or a
 * backup of it, would give the few possible codes away one after another, also of erased certificates.
 */
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
  const { sessions, issuer, clock, sealer } = issuance
  const { address } = issuer.department
  const name = nameOf(key)
  const context = `weir/key-owner/1 ${name}`
  for (;;) {
    const known = await sessions.get(address, kinds.key, name, clock())
    if (known !== undefined) return opened(sealer.unseal(context, String(known.value.sealed)))
    const salt = encodeBase64url(randomBytes(16))
    const owner: Owner = { salt, holders: codes.map((code) => digest(salt, code)) }
    const value = { sealed: sealer.seal(context, Buffer.from(JSON.stringify(owner))) }
    try {
      const expiresAt = after(issuance, lifetimes.key)
      await sessions.add(address, [{ kind: kinds.key, name, value, expiresAt }])
      return owner
    } catch (error) {
      if (!(error instanceof InputError && error.code === 'store/duplicate')) throw error
    }
  }
}

function opened(plain: Uint8Array): Owner {
  return parseJsonObject(decodeUtf8(new Uint8Array(plain))) as unknown as Owner
}

function digest(salt: string, code: string): string {
  return nameOf(`weir/holder/1\0${salt}\0${code}`)
}
