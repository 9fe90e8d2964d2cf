import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/adapters/storage/openStore.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import { issue, issueOne } from '../../src/issuer/issue.ts'
import { reconcile } from '../../src/issuer/reconcile.ts'
import { resume } from '../../src/issuer/resume.ts'
import { changeStatus } from '../../src/issuer/status.ts'
import type { OutboxStore } from '../../src/ports/outbox.ts'
import {
  address,
  anchorAll,
  issuerOver,
  newWorld,
  statusOnChain,
  titleRequest,
} from '../support/issuer.ts'
import { tempFolder } from '../support/tempFolder.ts'

const grounds = { reason: 'error', legalBasis: 'article 1', operator: 'a', approver: 'b' }
const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => titleRequest(from + at))

/** A department whose store was put back to a backup after it went on for a while. */
async function restored() {
  const folder = tempFolder()
  const path = join(folder, 'store.db')
  const backup = join(folder, 'backup.db')
  const store = await openStore({ kind: 'sqlite', path })
  const world = await newWorld({ store })
  const { issuer, model, pool } = world
  await Array.fromAsync(issue(issuer, rows(1, 5)))
  await anchorAll(world)
  await Array.fromAsync(issue(issuer, rows(6, 5)))
  await store.backup(backup)
  await Array.fromAsync(issue(issuer, rows(11, 20)))
  const [copy] = await store.certificates.byKeys(address, ['title-1'])
  await changeStatus(issuer, { of: { certificate: copy!.certificate }, to: 'revoked', grounds })
  await anchorAll(world, { maxBatch: 10 })
  const lost = await store.certificates.scan(address, 0, 100)
  const batches = new Map(
    await Promise.all(
      model.anchors(address).map(async ({ sequence }) => {
        return [sequence, (await store.outbox.batch(address, sequence))!.leaves] as const
      }),
    ),
  )
  await store.close()
  const old = join(folder, 'restored.db')
  copyFileSync(backup, old)
  const reopened = await openStore({ kind: 'sqlite', path: old })
  const again = issuerOver(reopened, model, pool, issuer.signer)
  return {
    issuer: again,
    model,
    lost,
    store: reopened,
    leavesOf: async ({ sequence }: { sequence: number }) => batches.get(sequence),
  }
}

test('K6: a restored backup neither issues nor anchors until it is reconciled', async () => {
  const { issuer, store } = await restored()
  const behind = { code: 'anchor/behind-chain' }
  await expect(issueOne(issuer, titleRequest(50))).rejects.toMatchObject(behind)
  await expect(anchorAll({ issuer, model: {} as never })).rejects.toMatchObject(behind)
  await store.close()
})

test('K6: reconciled, it anchors nothing twice and gives no status entry again', async () => {
  const { issuer, model, lost, store, leavesOf } = await restored()
  await resume(issuer)
  const before = model.anchors(address).length
  const found = await reconcile(issuer, leavesOf)
  expect(found).toMatchObject({ batches: before - 1, members: 5 })
  expect(await reconcile(issuer, leavesOf)).toEqual({ batches: 0, members: 0, unknownLeaves: 0 })
  const old = await store.certificates.scan(address, 0, 100)
  expect(old.map((copy) => copy.state)).toEqual(Array(10).fill('final'))
  const answers = await Array.fromAsync(issue(issuer, rows(100, 30)))
  const entries = answers.flatMap((one) => ('credentials' in one ? one.credentials : []))
  const taken = new Set(lost.map((copy) => `${copy.list}/${copy.index}`))
  expect(entries.filter(({ status }) => taken.has(`${status.list}/${status.index}`))).toEqual([])
  expect(await anchorAll({ issuer, model })).toBe(1)
  expect(model.anchors(address)).toHaveLength(before + 1)
  const [first] = old
  expect(statusOnChain(model, first!)).toBe('revoked')
  const again = changeStatus(issuer, {
    of: { certificate: first!.certificate },
    to: 'valid',
    grounds,
  })
  await expect(again).rejects.toMatchObject({ code: 'status/final' })
  expect(await firstFinding(issuer)).toBeUndefined()
  await store.close()
})

test('K6: leaves that are missing, or do not belong to the root, leave the store fenced', async () => {
  const { issuer, store, leavesOf } = await restored()
  const code = { code: 'anchor/leaves-missing' }
  await expect(reconcile(issuer, async () => undefined)).rejects.toMatchObject(code)
  const other = async () => new Uint8Array(16 * 32)
  await expect(reconcile(issuer, other)).rejects.toMatchObject(code)
  const swapped = async (record: { sequence: number; size: number }) =>
    (await leavesOf({ sequence: 1 }))!.slice(0, record.size * 32)
  await expect(reconcile(issuer, swapped)).rejects.toMatchObject(code)
  await expect(issueOne(issuer, titleRequest(50))).rejects.toMatchObject({
    code: 'anchor/behind-chain',
  })
  await store.close()
})

test('K6: a batch that the old store had begun under a sequence that the chain gave to another is taken apart', async () => {
  const one = await newWorld()
  const two = await newWorld({ model: one.model, signer: one.issuer.signer, pool: one.pool })
  await Array.fromAsync(issue(one.issuer, rows(1, 3)))
  await Array.fromAsync(issue(two.issuer, rows(4, 3)))
  const { anchorStep } = await import('../../src/issuer/anchor.ts')
  await anchorStep(two.issuer)
  await anchorAll(one)
  const mirror =
    (outbox: OutboxStore) =>
    async ({ sequence }: { sequence: number }) =>
      (await outbox.batch(address, sequence))?.leaves
  await expect(anchorAll(two)).rejects.toMatchObject({ code: 'anchor/behind-chain' })
  expect(await reconcile(two.issuer, mirror(one.store.outbox))).toMatchObject({ members: 0 })
  expect(await anchorAll(two)).toBe(1)
  expect(one.model.anchors(address)).toHaveLength(2)
  const copies = await two.store.certificates.scan(address, 0, 10)
  expect(copies.map((copy) => copy.sequence)).toEqual([2, 2, 2])
})
