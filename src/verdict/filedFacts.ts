import { maximumDepth } from '../accreditation/holds.ts'
import type { AccreditationChain, AccreditationRecord } from '../accreditation/model.ts'
import { foldGroup, groupOf } from '../anchor/link.ts'
import { anchorSlot, statusSlot } from '../anchor/slots.ts'
import type { ProvenState } from '../anchor/stateProof.ts'
import { TrustError } from '../errors.ts'
import type { ChainIdentity } from '../identity/model.ts'
import type { PresentedCredential } from '../presentation/model.ts'
import { entriesPerList, statusIn, wordOf } from '../status/word.ts'
import { certificateTypeHash } from './checkAccreditation.ts'
import { type ClaimedIssuer, namedKey } from './issuer.ts'
import type { CredentialFacts, FiledCredential, GatheredCredential } from './model.ts'
import { accreditationFrom, departmentFrom, keyFrom, type Word } from './words.ts'

/** Proven storage, by contract and slot. */
export type Storage = Pick<ProvenState, 'word'>

/**
 * Reads the facts about one credential from storage. What the file itself says only tells where to look.
 *
 * @param storage proven under a header; whether the header counts is not asked here.
 * @throws {TrustError} `evidence/missing-proof` if a slot is not proven; `evidence/bad-proof` if the
 *   file's batches do not end at the link that the chain keeps.
 */
export function filedFacts(
  storage: Storage,
  { contracts }: Pick<ChainIdentity, 'contracts'>,
  { credential }: PresentedCredential,
  issuer: ClaimedIssuer,
  filed: FiledCredential,
): GatheredCredential {
  const { jwk } = filed
  const address = issuer.department?.address
  if (address === undefined) return { jwk, department: undefined, facts: undefined }
  const registry: Word = (slot) => storage.word(contracts.departmentRegistry, slot)
  const key = issuer.leaf?.thumbprint ?? (jwk && namedKey(jwk)?.thumbprint)
  const { certificateType, status } = credential
  const type = certificateType === undefined ? undefined : certificateTypeHash(certificateType)
  const anchorWord =
    filed.anchor &&
    storage.word(
      contracts.anchorRegistry,
      anchorSlot(address, groupOf(filed.anchor.record.sequence).group),
    )
  const facts: CredentialFacts = {
    key: key === undefined ? undefined : keyFrom(registry, key),
    accreditations:
      type === undefined
        ? []
        : filed.accreditations.map((index) => chainFrom(registry, address, type, index)),
    anchor: filed.anchor,
    absence: 'no-proof',
    status:
      status === undefined || status.index >= entriesPerList
        ? undefined
        : statusFrom(storage, contracts.statusRegistry, address, status),
  }
  const department = departmentFrom(registry, address)
  // Last, so that whoever collects the slots to prove has seen them all.
  if (filed.anchor !== undefined) requireAnchored(filed.anchor, address, anchorWord)
  return { jwk, department, facts }
}

function chainFrom(
  registry: Word,
  department: string,
  certificateType: string,
  index: number,
): AccreditationChain {
  const chain: AccreditationRecord[] = []
  let next: AccreditationRecord['by'] = { department, index }
  while (next !== undefined && chain.length <= maximumDepth) {
    const record = accreditationFrom(registry, next.department, certificateType, next.index)
    if (record === undefined) return []
    chain.push(record)
    next = record.by
  }
  return chain
}

function requireAnchored(
  { record, following }: NonNullable<FiledCredential['anchor']>,
  issuer: string,
  word: bigint | undefined,
): void {
  const { link, count } = foldGroup([record, ...following])
  if (record.issuer !== issuer || (BigInt(link) << 8n) + BigInt(count) !== word) {
    throw new TrustError('evidence/bad-proof', { why: 'link', sequence: record.sequence })
  }
}

function statusFrom(
  storage: Storage,
  registry: string,
  issuer: string,
  { list, index }: { list: number; index: number },
): CredentialFacts['status'] {
  const { word, entry } = wordOf(index)
  return statusIn(storage.word(registry, statusSlot(issuer, list, word)), entry)
}
