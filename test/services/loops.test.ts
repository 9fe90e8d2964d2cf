import { expect, test } from 'vitest'
import { InputError, OutsideError } from '../../src/errors.ts'
import { type LoopNotice, startLoops } from '../../src/services/loops.ts'
import { bareService } from '../support/bareService.ts'

const { service } = bareService()

test('a loop goes on after the chain was away, and another one is not touched', async () => {
  const told: LoopNotice[] = []
  let rounds = 0
  let others = 0
  const done = Promise.withResolvers<void>()
  const loops = startLoops(
    service,
    [
      {
        name: 'anchor',
        everyMs: 0,
        run: async () => {
          rounds += 1
          if (rounds <= 2) throw new OutsideError('chain/unreachable')
          if (rounds === 3) throw new Error('SECRET')
          done.resolve()
        },
      },
      {
        name: 'other',
        everyMs: 0,
        run: async () => {
          others += 1
        },
      },
    ],
    (notice) => told.push(notice),
    () => undefined,
  )
  await done.promise
  await loops.stop()
  expect(told).toEqual([
    { loop: 'anchor', code: 'chain/unreachable' },
    { loop: 'anchor', code: 'chain/unreachable' },
    { loop: 'anchor', code: 'internal/unexpected' },
  ])
  expect(others).toBeGreaterThan(0)
  const stopped = rounds
  await new Promise(setImmediate)
  expect(rounds).toBe(stopped)
})

test('K2: a store that cannot be written ends the service', async () => {
  const ended = Promise.withResolvers<string>()
  const run = async () => {
    throw new OutsideError('store/io')
  }
  const loops = startLoops(
    service,
    [{ name: 'purge', everyMs: 0, run }],
    () => undefined,
    ended.resolve,
  )
  expect(await ended.promise).toBe('store/io')
  await loops.stop()
})

test('a stop waits for the round that runs, and tells it', async () => {
  const begun = Promise.withResolvers<void>()
  let isWhole = false
  const run = async (_service: unknown, signal: AbortSignal) => {
    begun.resolve()
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    isWhole = true
    throw new InputError('request/not-found')
  }
  const told: LoopNotice[] = []
  const loops = startLoops(
    service,
    [{ name: 'anchor', everyMs: 0, run }],
    (notice) => told.push(notice),
    () => undefined,
  )
  await begun.promise
  await loops.stop()
  expect([isWhole, told]).toEqual([true, []])
})
