import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import { auditLine } from './samples.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What every AuditStore promises, each test on an empty store. */
export function auditStoreSuite(open: () => Promise<Store>): void {
  describe('audit store', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    test('lines come back in order, numbered from 1', async () => {
      await store.audit.append([auditLine('issue', { count: 2 }), auditLine('anchor')])
      await store.audit.append([auditLine('revoke', { isUrgent: true, reason: 'R-01' })])
      const lines = await store.audit.scan(0, 10)
      expect(lines.map(({ id }) => id)).toEqual([1, 2, 3])
      expect(lines.map(({ entry }) => entry)).toEqual([
        auditLine('issue', { count: 2 }),
        auditLine('anchor'),
        auditLine('revoke', { isUrgent: true, reason: 'R-01' }),
      ])
      expect((await store.audit.scan(1, 1)).map(({ id }) => id)).toEqual([2])
    })

    test('each line’s hash covers the line before', async () => {
      await store.audit.append([auditLine('issue', { b: 1, a: 'x' })])
      await store.audit.append([auditLine('anchor')])
      const first = '["2026-11-22T10:00:00.000Z","clerk-1","issue","batch 1",[["a","x"],["b",1]]]'
      const second = '["2026-11-22T10:00:00.000Z","clerk-1","anchor","batch 1",[]]'
      const one = sha256(`${'0'.repeat(64)}\n${first}`)
      const two = sha256(`${one}\n${second}`)
      expect((await store.audit.scan(0, 10)).map(({ hash }) => hash)).toEqual([one, two])
    })

    test('lines appended at the same time form one chain', async () => {
      await Promise.all(
        Array.from({ length: 30 }, (_, i) => store.audit.append([auditLine(`${i}`)])),
      )
      expect(await store.audit.scan(0, 100)).toHaveLength(30)
      expect(await store.check()).toEqual([])
    })

    test('a line that cannot be kept is refused alone', async () => {
      const bad = { ...auditLine('bad'), at: new Date(Number.NaN) }
      const lines = [auditLine('first'), bad, auditLine('last')]
      const kept = await Promise.allSettled(lines.map((line) => store.audit.append([line])))
      expect(kept.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await store.audit.scan(0, 100)).toHaveLength(2)
      expect(await store.check()).toEqual([])
    })
  })
}
