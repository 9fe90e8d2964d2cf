import { describe, expect, test } from 'vitest'
import { firstFinding, fsck } from '../../src/issuer/fsck.ts'
import { issue, issueOne } from '../../src/issuer/issue.ts'
import type { Issuer } from '../../src/issuer/model.ts'
import { beforeRetire } from '../../src/issuer/retire.ts'
import { changeStatus } from '../../src/issuer/status.ts'
import { supersede } from '../../src/issuer/supersede.ts'
import type { CopyRecord } from '../../src/ports/certificates.ts'
import type { Batch } from '../../src/ports/outbox.ts'
import {
  address,
  anchorAll,
  newWorld,
  titleRequest,
  type World,
  withNextKey,
} from '../support/issuer.ts'

const grounds = { reason: 'transfer', legalBasis: 'article 14', operator: 'a', approver: 'b' }
const formats = ['vc+jwt', 'dc+sd-jwt'] as const

/** Two batches, a revocation, a succession and something that still waits. */
async function department(): Promise<World> {
  const world = await newWorld()
  const rows = Array.from({ length: 6 }, (_, at) => titleRequest(at + 1, { formats }))
  await Array.fromAsync(issue(world.issuer, rows))
  await anchorAll(world)
  const [first, second] = await world.store.certificates.scan(address, 0, 20)
  expect(second!.idempotencyKey).toBe(first!.idempotencyKey)
  await changeStatus(world.issuer, {
    of: { certificate: first!.certificate },
    to: 'revoked',
    grounds,
  })
  const third = (await world.store.certificates.byKeys(address, ['title-3']))[0]!
  await supersede(world.issuer, { certificate: third.certificate }, titleRequest(9), grounds)
  await anchorAll(world)
  await issueOne(world.issuer, titleRequest(10))
  return world
}

/** The issuer over a store that gives back changed rows. */
function damaged(
  { issuer, store }: World,
  change: { copy?: (copy: CopyRecord) => object; batch?: (batch: Batch) => object | undefined },
): Issuer {
  const { certificates, outbox } = store
  return {
    ...issuer,
    certificates: {
      ...certificates,
      scan: async (...args) =>
        (await certificates.scan(...args)).map((copy) => ({ ...copy, ...change.copy?.(copy) })),
    },
    outbox: {
      ...outbox,
      batch: async (...args) => {
        const batch = await outbox.batch(...args)
        if (batch === undefined || change.batch === undefined) return batch
        const changed = change.batch(batch)
        return changed && { ...batch, ...changed }
      },
    },
  }
}

const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte))

describe('fsck', () => {
  test('finds nothing wrong in a department at work, and says how far it is', async () => {
    const { issuer } = await department()
    const events = await Array.fromAsync(fsck(issuer))
    expect(events.filter((event) => event.kind === 'finding')).toEqual([])
    expect(new Set(events.map((event) => event.stage))).toEqual(
      new Set(['batches', 'credentials', 'statuses']),
    )
  })

  test.each([
    ['a flipped fingerprint', { fingerprint: true }, 'fsck/wrong-fingerprint'],
    ['a flipped signature', { signature: true }, 'fsck/wrong-signature'],
    ['another number', { certificate: 'other' }, 'fsck/wrong-row'],
    ['another status entry', { index: 7 }, 'fsck/wrong-row'],
    ['another key', { keyThumbprint: `0x${'77'.repeat(32)}` }, 'fsck/unknown-key'],
    ['lost disclosures', { disclosures: ['bad'] }, 'fsck/unreadable'],
  ])('D19 K10: names the copy with %s', async (_, part, code) => {
    const world = await department()
    const copy = (row: CopyRecord) => {
      if (row.id !== 4) return {}
      if ('fingerprint' in part) return { fingerprint: flip(row.fingerprint) }
      return 'signature' in part ? { signature: flip(row.signature!) } : part
    }
    expect(await firstFinding(damaged(world, { copy }))).toEqual({
      kind: 'finding',
      stage: 'credentials',
      row: '4',
      code,
    })
  })

  test.each([
    ['changed leaves', (batch: Batch) => ({ leaves: flip(batch.leaves) }), 'fsck/wrong-batch'],
    ['another previous link', () => ({ previous: `0x${'44'.repeat(31)}` }), 'fsck/other-on-chain'],
    ['no row', () => undefined, 'fsck/missing-batch'],
  ])('D19: names the batch with %s', async (_, change, code) => {
    const world = await department()
    const batch = (one: Batch) => (one.sequence === 1 ? change(one) : {})
    expect(await firstFinding(damaged(world, { batch }))).toMatchObject({ row: '1', code })
  })

  test('names a batch that the chain denies, and a word that it shows otherwise', async () => {
    const world = await department()
    const gone = {
      ...world.issuer,
      chain: (await newWorld({ signer: world.issuer.signer })).model.chain,
    }
    expect(await firstFinding(gone)).toMatchObject({ row: '1', code: 'fsck/not-on-chain' })
    const [copy] = await world.store.certificates.scan(address, 0, 1)
    const word = Math.floor(copy!.index / 128)
    world.model.govern((state) => void state.words.set(`${address} ${copy!.list} ${word}`, 0n))
    expect(await firstFinding(world.issuer)).toMatchObject({
      stage: 'statuses',
      row: `${copy!.list}/${word}`,
      code: 'fsck/wrong-status',
    })
  })

  test('names two certificates that share a status entry', async () => {
    const world = await newWorld()
    const [entry] = await world.store.lists.allocate(address, 1)
    const lists = { ...world.store.lists, allocate: async () => [entry!, entry!] }
    await issueOne({ ...world.issuer, lists }, titleRequest(1))
    await issueOne({ ...world.issuer, lists }, titleRequest(2))
    expect(await firstFinding(world.issuer)).toMatchObject({ row: '2', code: 'fsck/status-twice' })
  })

  test('names a successor that waits without the end of what it replaces', async () => {
    const world = await newWorld()
    const [old] = await issueOne(world.issuer, titleRequest(1))
    const crash = new Error('crash')
    const at = (step: string) => {
      if (step === 'issue/planned') throw crash
    }
    const of = { fingerprint: old!.fingerprint }
    const broken = supersede({ ...world.issuer, at }, of, titleRequest(2), grounds)
    await expect(broken).rejects.toBe(crash)
    expect(await firstFinding(world.issuer)).toMatchObject({ code: 'fsck/successor-alone' })
    await supersede(world.issuer, of, titleRequest(2), grounds)
    expect(await firstFinding(world.issuer)).toBeUndefined()
  })
})

describe('L5: before a key is retired', () => {
  test('everything that it signed is final', async () => {
    const world = await newWorld()
    await issueOne(world.issuer, titleRequest(1))
    const next = withNextKey(world)
    const { thumbprint } = world.issuer.signer.key
    const pause = async () => world.model.mine()
    await beforeRetire(next, thumbprint, { pause })
    const [copy] = await world.store.certificates.scan(address, 0, 1)
    expect(copy).toMatchObject({ state: 'final', keyThumbprint: thumbprint })
  })

  test('a copy of it that cannot be anchored holds the retirement up', async () => {
    const world = await newWorld()
    const [old] = await issueOne(world.issuer, titleRequest(1))
    const crash = new Error('crash')
    const at = (step: string) => {
      if (step === 'issue/planned') throw crash
    }
    const of = { fingerprint: old!.fingerprint }
    await supersede({ ...world.issuer, at }, of, titleRequest(2), grounds).catch(() => {})
    const pause = async () => world.model.mine()
    const { thumbprint } = world.issuer.signer.key
    const held = beforeRetire(world.issuer, thumbprint, { pause })
    await expect(held).rejects.toMatchObject({ code: 'issue/not-drained' })
  })
})
