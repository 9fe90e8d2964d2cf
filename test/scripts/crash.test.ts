import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Acknowledged, type Case, type Held, judge } from '../../scripts/crash/judge.ts'
import { anvilBinary } from '../../src/adapters/chain/anvil.ts'

const script = join(import.meta.dirname, '../../scripts/crash.ts')

/** Runs the command; it ends within seconds or the test's patience ends it. */
async function crash(...args: string[]): Promise<{ code: number | null; report: string }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  let report = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    report += text
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, report }
}

test.skipIf(anvilBinary() === undefined)(
  'D1: a department killed at its first steps loses nothing and doubles nothing',
  async () => {
    const { code, report } = await crash('--kills', '4', '--seed', '1')
    expect(JSON.parse(report)).toMatchObject({
      kills: 4,
      perStep: { 'issue/checked': 1, 'issue/reserved': 1, 'issue/prepared': 1, 'issue/planned': 1 },
      lost: 0,
      duplicated: 0,
      doubleAnchored: 0,
      findings: 0,
    })
    expect(code).toBe(0)
  },
  180_000,
)

test.each([
  ['--kills', '-1'],
  ['--kills', 'many'],
  ['--faults', '1.5'],
])('the harness refuses %s %s', async (...args) => {
  expect(await crash(...args)).toEqual({ code: 64, report: '' })
})

const copy: Held = {
  key: 'a',
  copy: 0,
  format: 'vc+jwt',
  certificate: 'sample 1',
  fingerprint: '01'.repeat(32),
  token: 'token 1',
  signedWith: 'key 1',
  list: 0,
  index: 7,
  isFinal: true,
  isSuccessor: false,
}
const said = copy as Acknowledged
const other = { ...copy, key: 'b', fingerprint: '02'.repeat(32), token: 'token 2', index: 8 }
const whole: Case = {
  acknowledged: [said],
  held: [copy, other],
  anchoredIn: () => 1,
  isWanted: () => true,
  ended: new Set(),
  isSettled: true,
}
const nothing = { lost: [], duplicated: [], doubleAnchored: [] }
const name = 'a/0/vc+jwt'

describe('what the harness counts', () => {
  test('nothing, where everything acknowledged is there once', () => {
    expect(judge(whole)).toEqual(nothing)
  })

  test.each([
    ['that is gone', { held: [other] }],
    ['with another token', { acknowledged: [{ ...said, token: 'token 3' }] }],
    ['with another fingerprint', { acknowledged: [{ ...said, fingerprint: '03'.repeat(32) }] }],
    ['with another status entry', { acknowledged: [{ ...said, index: 9 }] }],
    ['with another number', { acknowledged: [{ ...said, certificate: 'sample 3' }] }],
    ['without its signature', { held: [{ ...copy, token: undefined }, other] }],
    ['that is not final in the end', { held: [{ ...copy, isFinal: false }, other] }],
    [
      'that no batch holds in the end',
      { anchoredIn: (one: string) => (one === said.fingerprint ? 0 : 1) },
    ],
  ])('an acknowledged copy %s is lost', (_, change) => {
    expect(judge({ ...whole, ...change })).toEqual({ ...nothing, lost: [name] })
  })

  test.each([
    ['stored twice', { held: [copy, { ...copy }, other] }],
    ['that nobody asked for', { isWanted: (key: string) => key !== 'a' }],
    ['that shares a status entry', { held: [other, { ...copy, index: 8 }], acknowledged: [] }],
  ])('a copy %s is duplicated', (_, change) => {
    expect(judge({ ...whole, ...change })).toEqual({ ...nothing, duplicated: [name] })
  })

  test('a fingerprint in two batches is anchored twice', () => {
    const anchoredIn = (one: string) => (one === copy.fingerprint ? 2 : 1)
    expect(judge({ ...whole, anchoredIn })).toEqual({ ...nothing, doubleAnchored: [name] })
  })

  test('only what a compromised key signed and nobody anchored may be signed anew', () => {
    const held = [{ ...copy, fingerprint: '04'.repeat(32), signedWith: 'key 2' }, other]
    const anchoredIn = (one: string) => (one === said.fingerprint ? 0 : 1)
    const renewed = { ...whole, held, anchoredIn }
    expect(judge({ ...renewed, ended: new Set(['key 1']) })).toEqual(nothing)
    expect(judge(renewed).lost).toEqual([name])
    expect(judge({ ...renewed, ended: new Set(['key 1']), anchoredIn: () => 1 }).lost).toEqual([
      name,
    ])
  })

  test('a successor may wait for its client, but not once it was acknowledged', () => {
    const held = [{ ...copy, isFinal: false, isSuccessor: true }, other]
    expect(judge({ ...whole, held, acknowledged: [] })).toEqual(nothing)
    expect(judge({ ...whole, held }).lost).toEqual([name])
  })
})
