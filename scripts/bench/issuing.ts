import type { Format, JsonObject } from '../../src/credential/model.ts'
import { drain } from '../../src/issuer/drain.ts'
import { issue } from '../../src/issuer/issue.ts'
import type { CertificateRequest, IssuedCredential } from '../../src/issuer/model.ts'
import type { Department } from '../../src/wire/department.ts'
import { sampleRecord } from '../samples/records.ts'
import { figure, memory } from './measure.ts'

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
  readonly memoryMiB: number
}

let runs = 0

/** Certificates with ten claims that can be disclosed and three that are always visible. */
function* requests(count: number, format: Format): Generator<CertificateRequest> {
  runs += 1
  for (let row = 1; row <= count; row += 1) {
    const { term: _, ...record } = sampleRecord('real-estate-title', (row % 9_000_000) + 1, 1)
    const claims: JsonObject = { ...record, remarks: undefined } as never
    delete claims.remarks
    yield {
      idempotencyKey: `bench-${runs}-${row}`,
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
  const wishes = count > 100_000 ? requests(count, format) : [...requests(count, format)]
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

/** Issues and anchors `count` certificates; the requests are made beforehand and not timed. */
export async function measureIssuing(
  { issuer, store, address }: Department,
  gasOf: (hash: string) => Promise<number>,
  options: { readonly count: number; readonly format: Format; readonly verifyEvery: boolean },
): Promise<{ measured: Issuing; some: IssuedCredential[] }> {
  const { count, format, verifyEvery } = options
  const some: IssuedCredential[] = []
  const before = (await issuer.chain.view().then((view) => view.lastAnchor(address))).sequence
  // A million requests are made while they are taken, a smaller number before.
  const wishes = count > 100_000 ? requests(count, format) : [...requests(count, format)]
  let started = performance.now()
  for await (const answer of issue(issuer, wishes, { verifyEvery })) {
    if ('error' in answer) throw answer.error
    if (some.length < 10_000) some.push(...answer.credentials)
  }
  const issuing = performance.now() - started
  started = performance.now()
  await drain(issuer, { pollMs: 50 })
  const anchoring = performance.now() - started
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
    memoryMiB: memory(),
  }
  return { measured, some }
}
