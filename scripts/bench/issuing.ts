import type { Format, JsonObject } from '../../src/credential/model.ts'
import { drain } from '../../src/issuer/drain.ts'
import { issue } from '../../src/issuer/issue.ts'
import type { CertificateRequest, IssuedCredential } from '../../src/issuer/model.ts'
import type { Department } from '../../src/wire/department.ts'
import { sampleRecord } from '../samples/records.ts'
import { figure, settledMemory } from './measure.ts'

/** What issuing and anchoring one size of one format cost. */
export type Issuing = {
  readonly format: Format
  readonly everySignatureChecked: boolean
  readonly count: number
  readonly issuedPerSecond: number
  readonly anchoredPerSecond: number
  /** Issued and final, anchoring beside issuing; from the first request to the last final batch. */
  readonly togetherPerSecond: number
  readonly gasPerCredential: number
  readonly chainBytesPerCredential: number
  /** What issuing and anchoring `count` added to the resident memory of the process, all threads, after a collection. */
  readonly memoryMiB: number
  /** The same for the objects of the main thread. */
  readonly heapMiB: number
}

/** Records of which each certificate takes one, under a number of its own. */
const records = Array.from({ length: 100 }, (_, at) => {
  const { term: _term, remarks: _remarks, ...record } = sampleRecord('real-estate-title', at + 1, 1)
  return record
})
let runs = 0

/**
 * Certificates with ten claims that can be disclosed and three that are always visible, made while they are
 * taken: nothing of them stays here.
 */
function* requests(run: number, count: number, format: Format): Generator<CertificateRequest> {
  for (let row = 1; row <= count; row += 1) {
    const serial = String(row % 10_000_000).padStart(7, '0')
    const claims: JsonObject = {
      ...(records[row % records.length] as JsonObject),
      title_number: `川（2026）样本市不动产权第${serial}号`,
    }
    yield {
      idempotencyKey: `bench-${run}-${row}`,
      type: 'real-estate-title',
      claims,
      formats: [format],
    }
  }
}

/** Milliseconds in which `count` others are issued and final, as a department at work does it: both at once. */
async function issueAndAnchor(
  issuer: Department['issuer'],
  count: number,
  format: Format,
  verifyEvery: boolean,
): Promise<number> {
  const wishes = requests(++runs, count, format)
  const started = performance.now()
  let isIssued = false
  const anchoring = (async () => {
    while (!isIssued) await drain(issuer, { pollMs: 50 })
  })()
  for await (const answer of issue(issuer, wishes, { verifyEvery })) {
    if ('error' in answer) throw answer.error
  }
  isIssued = true
  await anchoring
  await drain(issuer, { pollMs: 50 })
  return performance.now() - started
}

/** Certificates that are verified later. */
const samples = 10_000

/** Issues and anchors `count` certificates; making a request takes about a hundredth of issuing it. */
export async function measureIssuing(
  { issuer, store, address }: Department,
  gasOf: (hash: string) => Promise<number>,
  options: { readonly count: number; readonly format: Format; readonly verifyEvery: boolean },
): Promise<{ measured: Issuing; some: IssuedCredential[] }> {
  const { count, format, verifyEvery } = options
  const before = (await issuer.chain.view().then((view) => view.lastAnchor(address))).sequence
  const run = ++runs
  const empty = await settledMemory()
  let started = performance.now()
  for await (const answer of issue(issuer, requests(run, count, format), { verifyEvery })) {
    if ('error' in answer) throw answer.error
  }
  const issuing = performance.now() - started
  started = performance.now()
  await drain(issuer, { pollMs: 50 })
  const anchoring = performance.now() - started
  const full = await settledMemory()
  const last = (await issuer.chain.view().then((view) => view.lastAnchor(address))).sequence
  let gas = 0
  let bytes = 0
  for (let sequence = before + 1; sequence <= last; sequence += 1) {
    const { transaction } = (await store.outbox.batch(address, sequence))!
    gas += await gasOf(transaction!.hash)
    bytes += (transaction!.raw.length - 2) / 2
  }
  const together = await issueAndAnchor(issuer, count, format, verifyEvery)
  const measured = {
    format,
    everySignatureChecked: verifyEvery,
    count,
    issuedPerSecond: figure('', count, issuing).perSecond,
    anchoredPerSecond: figure('', count, anchoring).perSecond,
    togetherPerSecond: figure('', count, together).perSecond,
    gasPerCredential: Number((gas / count).toFixed(2)),
    chainBytesPerCredential: Number((bytes / count).toFixed(3)),
    memoryMiB: full.residentMiB - empty.residentMiB,
    heapMiB: full.heapMiB - empty.heapMiB,
  }
  // Asked for again, the stored ones are the answer.
  const some: IssuedCredential[] = []
  for await (const answer of issue(issuer, requests(run, Math.min(count, samples), format))) {
    if ('credentials' in answer) some.push(...answer.credentials)
  }
  return { measured, some }
}
