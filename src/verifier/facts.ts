import type { ChainView } from '../ports/chain.ts'
import type { PresentedCredential } from '../presentation/model.ts'
import { entriesPerList, statusIn, wordOf } from '../status/word.ts'
import { certificateTypeHash } from '../verdict/checkAccreditation.ts'
import { refusalOf } from '../verdict/checkAnchor.ts'
import type { CredentialFacts } from '../verdict/model.ts'
import type { Verifier } from './model.ts'
import type { FoundKey } from './signer.ts'

/**
 * Reads what the chain says about one credential whose signature holds.
 *
 * @param isNow whether the view is the newest, so that what it lacks may still come.
 */
export async function readFacts(
  verifier: Verifier,
  view: ChainView,
  presented: PresentedCredential,
  { department, record: key }: FoundKey,
  isNow: boolean,
): Promise<CredentialFacts> {
  const address = department!.department
  const { certificateType } = presented.credential
  const [accreditations, anchored, status] = await Promise.all([
    certificateType === undefined
      ? []
      : view.accreditations(address, certificateTypeHash(certificateType)),
    findAnchor(verifier, view, presented, address, isNow),
    readStatus(view, presented, address),
  ])
  return { key, accreditations, ...anchored, status }
}

async function readStatus(
  view: ChainView,
  { credential: { status } }: PresentedCredential,
  address: string,
): Promise<CredentialFacts['status']> {
  if (status === undefined || status.index >= entriesPerList) return undefined
  const { word, entry } = wordOf(status.index)
  return statusIn(await view.statusWord(address, status.list, word), entry)
}

type Found = Pick<CredentialFacts, 'anchor' | 'absence'>

/** The proof that the holder handed over, else one from this node's leaves, beside its batch. */
async function findAnchor(
  { leaves }: Verifier,
  view: ChainView,
  { credential: { fingerprint }, proof: given }: PresentedCredential,
  address: string,
  isNow: boolean,
): Promise<Found> {
  const wanted = given && (await inBatch(view, address, given))
  if (wanted !== undefined && refusalOf(fingerprint, wanted, address) === undefined) {
    return { anchor: wanted, absence: 'searched' }
  }
  const proof = await leaves?.proof(address, fingerprint)
  const own = proof && (await inBatch(view, address, proof))
  if (own !== undefined) return { anchor: own, absence: 'searched' }
  if (wanted !== undefined) return { anchor: wanted, absence: 'searched' }
  const { sequence } = await view.lastAnchor(address)
  // Our leaves may be ahead of the view: either the view follows, or it is of an earlier date.
  if (proof !== undefined) return { anchor: undefined, absence: isNow ? 'behind' : 'searched' }
  const holdsAll = await leaves?.holdsUpTo?.(address, sequence)
  if (holdsAll !== undefined) {
    return { anchor: undefined, absence: holdsAll ? 'searched' : 'behind' }
  }
  const mayCome = isNow && given !== undefined && given.sequence > sequence
  return { anchor: undefined, absence: mayCome ? 'behind' : 'no-proof' }
}

async function inBatch(
  view: ChainView,
  address: string,
  proof: NonNullable<PresentedCredential['proof']>,
): Promise<Found['anchor']> {
  const record = await view.anchor(address, proof.sequence)
  return record && { record, proof }
}
