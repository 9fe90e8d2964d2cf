import { TrustError } from '../errors.ts'
import { formatEthrDid } from '../identity/did.ts'
import type { KeyPurpose } from '../identity/model.ts'
import { readLeaf } from '../identity/x509/leaf.ts'
import { checkKeyProposal, type KeyProposal } from '../identity/x509/proposal.ts'
import type { Accreditor } from './model.ts'
import { note, ownDepartment } from './records.ts'

/** What a department hands in when it wants a key confirmed. Certificates and lists are DER. */
export type KeySubmission = {
  /** Original did:ethr address, lower-case `0x` hex. */
  readonly department: string
  readonly purpose: KeyPurpose
  readonly leaf: Uint8Array
  readonly intermediates: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
  /** The new key's own signature over `keyProposalInput`, 64 bytes. */
  readonly signature: Uint8Array
}

/**
 * Confirms a key that a department proposed:
 *
 * 1. the department is registered under this accreditor;
 * 2. the certificate is of that department's DID and of that key (mutual binding: the authority signed
 *    the DID, and the key signed DID, chain, registry, purpose and certificate);
 * 3. the certificate's chain leads to a trusted root, and no list revokes any of it;
 * 4. the thumbprint is not another registration's;
 * 5. the registry writes it, if the department proposed exactly this.
 *
 * @returns the key's thumbprint; at once where it was confirmed already.
 * @throws {TrustError} `accreditor/unknown-department`, `accreditor/not-ours`, `accreditor/key-taken`, and
 * those of `checkKeyProposal`.
 * @throws {InputError} `certificate/malformed` and the like, `registry/key-not-proposed`
 */
export async function confirmKey(
  accreditor: Accreditor,
  submission: KeySubmission,
): Promise<string> {
  const { department, purpose, leaf, intermediates, crls, signature } = submission
  const view = await accreditor.chain.view()
  await ownDepartment(accreditor, view, department)
  const { chainId, contracts } = accreditor.chain.identity
  const { thumbprint, certificateHash } = readLeaf(leaf)
  const proposal: KeyProposal = {
    did: formatEthrDid(chainId, department),
    chainId,
    registry: contracts.departmentRegistry,
    purpose,
    thumbprint,
    certificateHash,
  }
  const { roots } = accreditor
  const chain = { leaf, intermediates, roots, crls, at: accreditor.clock() }
  await checkKeyProposal(proposal, chain, signature)
  const known = await view.key(thumbprint)
  if (known !== undefined) {
    const isSame =
      known.department === department &&
      known.purpose === purpose &&
      known.certificateHash === certificateHash
    if (!isSame) throw new TrustError('accreditor/key-taken', { thumbprint })
    return thumbprint
  }
  const key = { department, thumbprint, purpose, certificateHash }
  await accreditor.registry.write({ call: 'confirmKey', ...key })
  await note(accreditor, 'accreditor/confirm-key', thumbprint, { department, purpose })
  return thumbprint
}

/**
 * Ends a key of a department in an accreditor's care.
 *
 * @param since for a compromised key: when it was lost at the latest; undefined: now.
 * @throws {TrustError} `accreditor/unknown-key`, `accreditor/not-ours`
 */
export async function endKey(
  accreditor: Accreditor,
  thumbprint: string,
  end: { readonly kind: 'retired' } | { readonly kind: 'compromised'; readonly since?: Date },
): Promise<void> {
  const view = await accreditor.chain.view()
  const key = await view.key(thumbprint)
  if (key === undefined) throw new TrustError('accreditor/unknown-key', { thumbprint })
  await ownDepartment(accreditor, view, key.department)
  if (end.kind === 'retired') await accreditor.registry.write({ call: 'retireKey', thumbprint })
  else {
    const { since } = end
    await accreditor.registry.write({ call: 'declareCompromised', thumbprint, since })
  }
  await note(accreditor, `accreditor/key-${end.kind}`, thumbprint, { department: key.department })
}
