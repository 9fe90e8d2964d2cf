import type { ParsedCredential, PublicJwk } from '../credential/model.ts'
import { isWeirError } from '../errors.ts'
import type { DepartmentRecord, KeyRecord } from '../identity/model.ts'
import type { ChainView } from '../ports/chain.ts'
import { bounded } from '../verdict/bounded.ts'
import { signatureHolds } from '../verdict/checkSignature.ts'
import { type ClaimedIssuer, claimedIssuer, namedKey } from '../verdict/issuer.ts'
import type { Verifier } from './model.ts'

/** Who signed, as far as it can be found out. */
export type FoundKey = {
  readonly issuer: ClaimedIssuer | undefined
  readonly department: DepartmentRecord | undefined
  /** For `kid` only: the key that verified, or else the first one registered. */
  readonly jwk: PublicJwk | undefined
  readonly record: KeyRecord | undefined
  /** Undefined: there was no key to check with. */
  readonly isSigned: boolean | undefined
}

const nobody: FoundKey = {
  issuer: undefined,
  department: undefined,
  jwk: undefined,
  record: undefined,
  isSigned: undefined,
}

/** Keys of one department that are tried at most. */
const maxKeys = 64

/** Which key last verified under a `kid`: tried first, and believed no more than any other. */
const lastGood = bounded<string>(10_000)

/**
 * Finds the key that signed, by what the pinned chain says of it, and checks the signature.
 *
 * With `x5c` that is the leaf's key. With `kid` it is one of the keys that the issuer's DID ever showed
 * and that DepartmentRegistry holds for this very department; the number in `kid` decides nothing.
 */
export async function findKey(
  verifier: Verifier,
  view: ChainView,
  credential: ParsedCredential,
): Promise<FoundKey> {
  const issuer = readable(credential)
  const claimed = issuer?.department
  if (issuer === undefined || claimed?.chainId !== verifier.chain.identity.chainId) {
    return { ...nobody, issuer }
  }
  const department = await view.department(claimed.address)
  if (issuer.leaf !== undefined) {
    const { publicJwk, thumbprint } = issuer.leaf
    const key = namedKey(publicJwk)
    const isSigned = key && signatureHolds(credential, key)
    const record = isSigned === true ? await view.key(thumbprint) : undefined
    return { issuer, department, jwk: undefined, record, isSigned }
  }
  if (department === undefined) return { ...nobody, issuer }
  return { issuer, department, ...(await tryKeys(verifier, view, credential, claimed.address)) }
}

async function tryKeys(
  verifier: Verifier,
  view: ChainView,
  credential: ParsedCredential,
  address: string,
): Promise<Pick<FoundKey, 'jwk' | 'record' | 'isSigned'>> {
  const { issuer = '', kid = issuer } = credential
  const shown = await verifier.keysOf(issuer)
  const named = shown.slice(0, maxKeys).map((jwk) => ({ jwk, key: namedKey(jwk) }))
  const last = lastGood.get(kid)
  const ordered = named.toSorted(
    (a, b) => Number(b.key?.thumbprint === last) - Number(a.key?.thumbprint === last),
  )
  let registered: Pick<FoundKey, 'jwk' | 'record'> = { jwk: undefined, record: undefined }
  for (const { jwk, key } of ordered) {
    const record = key && (await view.key(key.thumbprint))
    if (key === undefined || record?.department !== address) continue
    if (signatureHolds(credential, key)) {
      if (key.thumbprint !== last) lastGood.set(kid, key.thumbprint)
      return { jwk, record, isSigned: true }
    }
    registered = registered.jwk === undefined ? { jwk, record } : registered
  }
  return { ...registered, isSigned: registered.jwk === undefined ? undefined : false }
}

function readable(credential: ParsedCredential): ClaimedIssuer | undefined {
  try {
    return claimedIssuer(credential)
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}
