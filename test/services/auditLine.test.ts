import { expect, test } from 'vitest'
import { OutsideError } from '../../src/errors.ts'
import type { AuditEntry } from '../../src/ports/audit.ts'
import { appendingTogether } from '../../src/services/auditLine.ts'

const line = (subject: string): AuditEntry => ({
  at: new Date('2026-11-22T12:00:00Z'),
  actor: 'clerk-1',
  action: 'GET /audit',
  subject,
  detail: {},
})

test('lines that come while others are written go together, in order, each once', async () => {
  const written: string[][] = []
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const audit = appendingTogether({
    append: async (entries) => {
      written.push(entries.map(({ subject }) => subject))
      await gates[written.length - 1]?.promise
    },
  })
  const first = audit.append([line('a')])
  await new Promise(setImmediate)
  let isKept = false
  const others = Promise.all([audit.append([line('b')]), audit.append([line('c')])])
  others.then(() => {
    isKept = true
  })
  await new Promise(setImmediate)
  expect(written).toEqual([['a']])
  gates[0]!.resolve()
  await first
  await new Promise(setImmediate)
  expect([written, isKept]).toEqual([[['a'], ['b', 'c']], false])
  gates[1]!.resolve()
  await others
  await audit.append([line('d')])
  expect(written).toEqual([['a'], ['b', 'c'], ['d']])
})

test('whoever’s lines could not be kept is told, and the next ones are tried', async () => {
  let fails = true
  const written: string[] = []
  const audit = appendingTogether({
    append: async (entries) => {
      if (fails) throw new OutsideError('store/unavailable')
      written.push(...entries.map(({ subject }) => subject))
    },
  })
  await expect(audit.append([line('a')])).rejects.toMatchObject({ code: 'store/unavailable' })
  fails = false
  await audit.append([line('b')])
  expect(written).toEqual(['b'])
})
