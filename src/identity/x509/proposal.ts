import { encodeBase64url, importPublicKey, verifySignature } from '#primitives'
import { TrustError } from '../../errors.ts'
import type { KeyPurpose } from '../model.ts'
import { type CertificateChain, checkChain } from './chain.ts'
import { type Leaf, readLeaf } from './leaf.ts'

/** A key that a department wants registered: exactly what goes into DepartmentRegistry, and where. */
export type KeyProposal = {
  readonly did: string
  readonly chainId: number
  /** DepartmentRegistry's address, lower-case `0x` hex. */
  readonly registry: string
  readonly purpose: KeyPurpose
  readonly thumbprint: string
  readonly certificateHash: string
}

/** `typ` of the statement by which a new key shows that it is in the department's hands. */
export const keyProposalTyp = 'weir-key-proposal+jwt'

/**
 * The JWS signing input that the proposed key itself signs (ES256). The CA's certificate binds the key to
 * the DID; this binds the DID, this chain and this registry to the certificate, so that neither can be
 * copied elsewhere. Who checks it builds it anew: nothing in it is ever parsed.
 */
export function keyProposalInput(proposal: KeyProposal): string {
  const { did, chainId, registry, purpose, thumbprint, certificateHash } = proposal
  const header = JSON.stringify({ alg: 'ES256', typ: keyProposalTyp })
  const payload = JSON.stringify({
    iss: did,
    chain: `eip155:${chainId}`,
    registry,
    purpose,
    thumbprint,
    certificateHash,
  })
  return `${encodeBase64url(header)}.${encodeBase64url(payload)}`
}

/**
 * What an accreditor checks before it confirms a key: the certificate is of this department and this key,
 * its chain and revocation lists hold, and the key signed this very proposal.
 *
 * @param proposal as DepartmentRegistry has it; the registry's own values, not the department's mail.
 * @param signature 64 bytes over {@link keyProposalInput}.
 * @returns the certificate that was checked.
 * @throws {InputError} see {@link readLeaf}
 * @throws {TrustError} `certificate/other-subject`, `certificate/other-key`, `certificate/no-possession`,
 *   and those of {@link checkChain}.
 */
export async function checkKeyProposal(
  proposal: KeyProposal,
  chain: CertificateChain,
  signature: Uint8Array,
): Promise<Leaf> {
  const leaf = readLeaf(chain.leaf)
  if (leaf.did !== proposal.did) throw new TrustError('certificate/other-subject')
  if (
    leaf.thumbprint !== proposal.thumbprint ||
    leaf.certificateHash !== proposal.certificateHash
  ) {
    throw new TrustError('certificate/other-key')
  }
  const key = importPublicKey(leaf.publicJwk)
  if (!verifySignature(key, keyProposalInput(proposal), signature)) {
    throw new TrustError('certificate/no-possession')
  }
  await checkChain(chain)
  return leaf
}
