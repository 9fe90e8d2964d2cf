import { importPublicKey, sha256 } from '#primitives'
import type { ParsedCredential, PublicJwk } from '../credential/model.ts'
import { isWeirError } from '../errors.ts'
import { parseEthrDid } from '../identity/did.ts'
import { thumbprint } from '../identity/thumbprint.ts'
import { type Leaf, readLeaf } from '../identity/x509/leaf.ts'
import { hex } from '../primitives/bytes.ts'
import type { PublicKey } from '../primitives/model.ts'
import { bounded } from './bounded.ts'

/** Who a credential says signed it; nothing of it is believed yet. */
export type ClaimedIssuer = {
  /** The DID of `iss`, or of the leaf certificate's subjectAltName. */
  readonly did: string
  /** The department's address and chain; undefined where the DID is of another method. */
  readonly department: { readonly address: string; readonly chainId: number } | undefined
  /** The leaf certificate of `x5c`. */
  readonly leaf: Leaf | undefined
}

/** A key in use, named by its thumbprint. */
export type NamedKey = { readonly thumbprint: string; readonly key: PublicKey }

const leaves = bounded<Leaf>(10_000)
const keys = bounded<NamedKey>(10_000)

/**
 * Reads who a credential claims to be from: with `x5c` the leaf's DID, else `iss`, whose own key `kid`
 * names (the parser refuses a `kid` of another DID).
 *
 * @throws {InputError} `certificate/*` if the leaf cannot be read.
 */
export function claimedIssuer(credential: ParsedCredential): ClaimedIssuer {
  const [der] = credential.x5c ?? []
  const leaf = der === undefined ? undefined : leafOf(der)
  const did = leaf?.did ?? credential.issuer ?? ''
  return { did, department: departmentOf(did), leaf }
}

/**
 * Takes a JWK into use, or the same again from memory: importing costs as much as verifying.
 *
 * @returns undefined if it is no valid key.
 */
export function namedKey(jwk: PublicJwk): NamedKey | undefined {
  const { kty, crv, x, y } = jwk
  const name = JSON.stringify([kty, crv, x, y])
  const known = keys.get(name)
  if (known !== undefined) return known
  try {
    return keys.set(name, { thumbprint: thumbprint(jwk), key: importPublicKey(jwk) })
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}

function leafOf(der: Uint8Array): Leaf {
  const name = hex(sha256(der))
  return leaves.get(name) ?? leaves.set(name, readLeaf(der))
}

function departmentOf(did: string): ClaimedIssuer['department'] {
  try {
    const { address, chainId } = parseEthrDid(did)
    return { address, chainId }
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}
