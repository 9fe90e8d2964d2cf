import { linkOf, zeroLink } from '../../src/anchor/link.ts'
import { leafHash, rootOf } from '../../src/anchor/tree.ts'
import { assembleToken } from '../../src/credential/token.ts'
import type { Issuer } from '../../src/issuer/model.ts'
import type { CopyRecord } from '../../src/ports/certificates.ts'
import { bytesFromHex, hex } from '../../src/primitives/bytes.ts'
import { type Acknowledged, type Held, type Judgement, judge, nameOf } from './judge.ts'
import { type Ledger, wantedKeys } from './ledger.ts'
import { digest, signerOf } from './mark.ts'

const pageSize = 1000
const zeroRoot = `0x${'00'.repeat(32)}`

/** Looks through store and chain after each kill. It remembers what was final, so that each look is short. */
export type Checker = {
  /**
   * @param isSettled whether everything must be final by now.
   * @returns what is wrong with the certificates.
   */
  look(issuer: Issuer, isSettled: boolean): Promise<Judgement>
  /** What is wrong otherwise: a gap, another root, another link; without repetitions. */
  readonly findings: Set<string>
  /** Forgets what it saw, so that the next look is a whole one. */
  forget(): void
}

export function openChecker(ledger: Ledger): Checker {
  const findings = new Set<string>()
  let leaves = new Map<string, number>()
  let seen = { sequence: 0, link: zeroLink }
  let settledUpTo = 0
  const settledNames = new Set<string>()

  /** Every batch of the chain in order, beside the store's; its leaves are counted. */
  async function readBatches(issuer: Issuer): Promise<void> {
    const { address } = issuer.department
    const view = await issuer.chain.view()
    const last = await view.lastAnchor(address)
    while (seen.sequence < last.sequence) {
      const sequence = seen.sequence + 1
      const [batch, record] = [
        await issuer.outbox.batch(address, sequence),
        await view.anchor(address, sequence),
      ]
      if (batch === undefined || record === undefined) {
        findings.add(`batch ${sequence} is missing in the ${batch ? 'chain' : 'store'}`)
        return
      }
      const root = batch.size === 0 ? zeroRoot : `0x${hex(rootOf(batch.leaves))}`
      const isSame = record.root === root && record.size === batch.leaves.length / 32
      if (!isSame) findings.add(`batch ${sequence} has another root on the chain`)
      if (record.previous !== seen.link) findings.add(`batch ${sequence} has another link`)
      for (let at = 0; at < batch.leaves.length; at += 32) {
        const leaf = hex(batch.leaves.subarray(at, at + 32))
        leaves.set(leaf, (leaves.get(leaf) ?? 0) + 1)
      }
      seen = { sequence, link: linkOf(record) }
    }
    if (seen.link !== last.link) findings.add(`batch ${last.sequence} has another newest link`)
  }

  const anchoredIn = (fingerprint: string) =>
    leaves.get(hex(leafHash(bytesFromHex(fingerprint, 32)))) ?? 0

  return {
    findings,
    forget() {
      leaves = new Map()
      seen = { sequence: 0, link: zeroLink }
      settledUpTo = 0
      settledNames.clear()
    },
    async look(issuer, isSettled) {
      await readBatches(issuer)
      const held = (await readCopies(issuer, settledUpTo)).map(heldFrom)
      const isOpen = (one: Acknowledged) => !settledNames.has(nameOf(one))
      const judgement = judge({
        acknowledged: [...ledger.acknowledged.values()].filter(isOpen),
        held: held.map(({ held: one }) => one),
        anchoredIn,
        isWanted: wantedKeys(ledger),
        ended: ledger.ended,
        isSettled,
      })
      if (isSettled && judgement.lost.length === 0) {
        for (const { id, held: one } of held) {
          if (!one.isFinal) break
          settledUpTo = id
          settledNames.add(nameOf(one))
        }
      }
      return judgement
    },
  }
}

async function readCopies(issuer: Issuer, after: number): Promise<CopyRecord[]> {
  const copies: CopyRecord[] = []
  for (let last = after; ; last = copies.at(-1)!.id) {
    const page = await issuer.certificates.scan(issuer.department.address, last, pageSize)
    copies.push(...page)
    if (page.length < pageSize) return copies
  }
}

function heldFrom(record: CopyRecord): { id: number; held: Held } {
  const { id, idempotencyKey, copy, format, certificate, list, index, signature } = record
  const token = signature && digest(assembleToken(record, signature))
  const fingerprint = hex(record.fingerprint)
  const isFinal = record.state === 'final'
  const signedWith = signerOf(record.signingInput)
  const at = { copy, format, certificate, fingerprint, token, list, index }
  const isSuccessor = record.replaces !== undefined
  return { id, held: { ...at, key: idempotencyKey, signedWith, isFinal, isSuccessor } }
}
