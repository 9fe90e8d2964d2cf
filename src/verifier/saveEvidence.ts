import { decodeUtf8 } from '#primitives'
import { groupOf, groupSize } from '../anchor/link.ts'
import type { StateProof, StorageSlot } from '../anchor/model.ts'
import { readStateProof } from '../anchor/stateProof.ts'
import { isWeirError, OutsideError } from '../errors.ts'
import type { ChainView } from '../ports/chain.ts'
import type { PresentedCredential } from '../presentation/model.ts'
import { filedFacts } from '../verdict/filedFacts.ts'
import { claimedIssuer } from '../verdict/issuer.ts'
import type {
  CredentialFacts,
  FiledCredential,
  FiledEvidence,
  ReadEvidence,
} from '../verdict/model.ts'
import { presentationOf } from '../verdict/readEvidence.ts'
import { gatherAt } from './gather.ts'
import type { Verifier } from './model.ts'

/** Blocks may be added while we read; then everything is read again. */
const attempts = 5

/** A key's epoch and four links of an accreditation are found one behind the other. */
const rounds = 8

/**
 * Gathers and proves: what the chain says now, as account and storage proofs under one block header,
 * so that anybody who trusts the header can judge it later without a network.
 *
 * @param input as `gather`.
 * @returns evidence for `writeEvidence`; its block is the last final one.
 * @throws {InputError} what `parsePresentation` refuses: there is nothing to prove then.
 * @throws {OutsideError} `chain/unreachable`; `evidence/moving` if the chain grew too often meanwhile.
 */
export async function saveEvidence(
  verifier: Verifier,
  input: string | Uint8Array,
): Promise<FiledEvidence> {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const view = await verifier.chain.view()
    const read = await gatherAt(verifier, view, text)
    const credentials = await Promise.all(
      read.credentials.map(({ jwk, facts }) => fileOf(view, jwk, facts)),
    )
    const proof = await proveAll(verifier, read, credentials)
    if (proof !== undefined) return { kind: 'filed', input: text, proof, credentials }
  }
  throw new OutsideError('evidence/moving')
}

async function fileOf(
  view: ChainView,
  jwk: FiledCredential['jwk'],
  facts: CredentialFacts | undefined,
): Promise<FiledCredential> {
  const accreditations = (facts?.accreditations ?? []).flatMap(([record]) => record?.index ?? [])
  if (facts?.anchor === undefined) return { jwk, anchor: undefined, accreditations }
  const { record } = facts.anchor
  const { sequence: newest } = await view.lastAnchor(record.issuer)
  const { group } = groupOf(record.sequence)
  const end = Math.min(newest, (group + 1) * groupSize)
  const following = await Promise.all(
    Array.from({ length: end - record.sequence }, (_, n) =>
      view.anchor(record.issuer, record.sequence + 1 + n),
    ),
  )
  const known = following.filter((one) => one !== undefined)
  return { jwk, anchor: { ...facts.anchor, following: known }, accreditations }
}

/**
 * Proves slot by slot until reading the facts asks for no other.
 *
 * @returns undefined if the proven block no longer fits what was read.
 */
async function proveAll(
  { chain }: Verifier,
  read: ReadEvidence,
  credentials: readonly FiledCredential[],
): Promise<StateProof | undefined> {
  const presentation = presentationOf(read)
  // The three accounts stand in every file, so that their code can be compared.
  const { departmentRegistry, anchorRegistry, statusRegistry } = chain.identity.contracts
  const wanted = new Map<string, StorageSlot>()
  const want = (address: string, slot: string) =>
    wanted.set(`${address}/${slot}`, { address, slot })
  for (const address of [departmentRegistry, anchorRegistry, statusRegistry]) {
    want(address, `0x${'0'.repeat(64)}`)
  }
  for (let round = 0; round < rounds; round += 1) {
    const proof = await chain.prove([...wanted.values()])
    const state = readStateProof(proof)
    const before = wanted.size
    const known = new Set(wanted.keys())
    const storage = {
      word: (address: string, slot: string) => {
        if (known.has(`${address}/${slot}`)) return state.word(address, slot)
        want(address, slot)
        return 0n
      },
    }
    const fits = presentation.every((presented, index) =>
      reads(() => factsOf(chain.identity, storage, presented, credentials[index]!)),
    )
    if (wanted.size === before) return fits ? proof : undefined
  }
  return undefined
}

function factsOf(
  identity: Verifier['chain']['identity'],
  storage: Parameters<typeof filedFacts>[0],
  presented: PresentedCredential,
  filed: FiledCredential,
): void {
  filedFacts(storage, identity, presented, claimedIssuer(presented.credential), filed)
}

function reads(read: () => void): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (isWeirError(error)) return false
    throw error
  }
}
