import { encodeBase64url, importPublicKey, sha256, verifySignature } from '#primitives'
import type { ParsedJws } from '../../credential/jws.ts'
import { InputError, isWeirError, TrustError } from '../../errors.ts'
import { parseEthrDid } from '../../identity/did.ts'
import { judgeKey } from '../../identity/keys.ts'
import { thumbprint } from '../../identity/thumbprint.ts'
import { checkChain } from '../../identity/x509/chain.ts'
import { certifiedKeyOf, dnsNamesOf, readLeaf } from '../../identity/x509/leaf.ts'
import type { ChainView } from '../../ports/chain.ts'
import type { PublicJwk } from '../../primitives/model.ts'
import type { KnownVerifier, WalletClient } from './model.ts'

/**
 * Makes sure who signed a request, by its client identifier: the certificate that it names (`x509_hash`,
 * `x509_san_dns`) or a key of its DID. The signer must be a department whose request key is in force, or
 * hold a certificate under an authority that this wallet trusts.
 *
 * @param jws of type `oauth-authz-req+jwt`.
 * @param responseUri where the answer would go.
 * @throws {TrustError} `wallet/wrong-client`, `wallet/forged-request`, `wallet/unknown-verifier`;
 *   `certificate/*` where a certificate is not good.
 * @throws {InputError} `wallet/bad-request-uri` for a prefix that is not known here.
 * @throws {OutsideError} those of the chain.
 * @see OpenID4VP 1.0, section 5.9.3
 */
export async function trustVerifier(
  client: WalletClient,
  jws: ParsedJws,
  clientId: string,
  responseUri: URL,
): Promise<Pick<KnownVerifier, 'did' | 'isDepartment'>> {
  const colon = clientId.indexOf(':')
  const prefix = clientId.slice(0, Math.max(colon, 0))
  const named = clientId.slice(colon + 1)
  if (prefix === 'decentralized_identifier') return trustDid(client, jws, named)
  if (prefix !== 'x509_hash' && prefix !== 'x509_san_dns') {
    throw new InputError('wallet/bad-request-uri', { path: 'client_id' })
  }
  const [leaf, ...intermediates] = jws.x5c ?? []
  if (leaf === undefined) throw new TrustError('wallet/forged-request', { why: 'x5c' })
  if (prefix === 'x509_hash') {
    if (named !== encodeBase64url(sha256(leaf))) throw new TrustError('wallet/wrong-client')
  } else if (!dnsNamesOf(leaf).includes(named) || responseUri.hostname !== named) {
    throw new TrustError('wallet/wrong-client')
  }
  const key = certifiedKeyOf(leaf)
  if (!isSignedBy(jws, key)) throw new TrustError('wallet/forged-request')
  const department = await registered(client, leaf)
  if (department !== undefined) return department
  if (client.trust === undefined) throw new TrustError('wallet/unknown-verifier')
  await checkChain({ leaf, intermediates, ...client.trust, at: client.holder.now() })
  return { did: undefined, isDepartment: false }
}

/** The department whose request key the certificate certifies; undefined: the registry has no such key. */
async function registered(
  { chain, holder }: WalletClient,
  leaf: Uint8Array,
): Promise<{ did: string; isDepartment: true } | undefined> {
  const certified = didLeaf(leaf)
  if (certified === undefined) return undefined
  const { did, certificateHash, notBefore, notAfter } = certified
  const view = await chain.view()
  const record = await view.key(certified.thumbprint)
  if (record === undefined) return undefined
  const now = holder.now()
  const isTimely = notBefore <= now && now <= notAfter
  if (record.certificateHash !== certificateHash || !isTimely) {
    throw new TrustError('wallet/unknown-verifier')
  }
  await requireInForce(view, chain.identity.chainId, did, certified.thumbprint)
  return { did, isDepartment: true }
}

function didLeaf(leaf: Uint8Array) {
  try {
    return readLeaf(leaf)
  } catch (error) {
    // A verifier that is no department has a certificate without a DID.
    if (isWeirError(error)) return undefined
    throw error
  }
}

async function trustDid(
  { chain, keysOf }: WalletClient,
  jws: ParsedJws,
  did: string,
): Promise<{ did: string; isDepartment: true }> {
  if (jws.x5c !== undefined || !jws.kid?.startsWith(`${did}#`)) {
    throw new TrustError('wallet/wrong-client')
  }
  if (addressOf(did, chain.identity.chainId) === undefined) {
    throw new TrustError('wallet/unknown-verifier')
  }
  for (const key of await keysOf(did)) {
    if (!isSignedBy(jws, key)) continue
    await requireInForce(await chain.view(), chain.identity.chainId, did, thumbprint(key))
    return { did, isDepartment: true }
  }
  throw new TrustError('wallet/forged-request')
}

/** The key must be this very department's, for requests, and count now. */
async function requireInForce(
  view: ChainView,
  chainId: number,
  did: string,
  name: string,
): Promise<void> {
  const address = addressOf(did, chainId)
  const department = address === undefined ? undefined : await view.department(address)
  const record = await view.key(name)
  const isGood =
    department !== undefined &&
    department.removedAt === undefined &&
    record?.department === address &&
    record?.purpose === 'request' &&
    // One second on: a key that counts from this block counts now.
    judgeKey(record, new Date(view.block.time.getTime() + 1000)) === undefined
  if (!isGood) throw new TrustError('wallet/unknown-verifier')
}

function addressOf(did: string, chainId: number): string | undefined {
  try {
    const parsed = parseEthrDid(did)
    return parsed.did === did && parsed.chainId === chainId ? parsed.address : undefined
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}

function isSignedBy({ alg, signingInput, signature }: ParsedJws, jwk: PublicJwk): boolean {
  try {
    const key = importPublicKey(jwk)
    return key.alg === 'ES256' && alg === key.alg && verifySignature(key, signingInput, signature)
  } catch (error) {
    if (isWeirError(error)) return false
    throw error
  }
}
