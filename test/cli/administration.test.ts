import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storyRecords } from '../../scripts/samples/story.ts'
import { type District, startDistrict } from '../support/district.ts'
import { weir, weirJson } from '../support/weir.ts'

const slow = 600_000
const folder = mkdtempSync(join(tmpdir(), 'weir-cli-'))
const path = (name: string) => join(folder, name)
const env = { WEIR_HOME: path('home') }
const run = (...args: string[]) => weirJson(args, { env })
const department = 'registration-centre'
const type = ['--type', 'real-estate-title']

let up: District
let old = ''
let successor = ''

beforeAll(async () => {
  up = await startDistrict(env)
  const { title, transferredTitle } = storyRecords(7)
  writeFileSync(path('title.json'), JSON.stringify(title))
  writeFileSync(path('transferred.json'), JSON.stringify(transferredTitle))
  const issued = await run('issue', department, path('title.json'), ...type, '--format', 'vc+jwt')
  old = issued.answer.rows[0].copies[0].fingerprint
  await run('anchor', department)
}, slow)

afterAll(async () => {
  await up.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function verdictOn(fingerprint: string) {
  const exported = await run('export', department, fingerprint, '--out', path('certificates'))
  const { answer } = await run('verify', exported.answer.files[0].file)
  const failed = answer.credentials[0].checks.filter(
    ({ outcome }: { outcome: string }) => outcome === 'fail',
  )
  return [answer.outcome, ...failed.map(({ code }: { code: string }) => code)]
}

test(
  'after a rotation the old certificate still verifies, and the old key signs no more',
  async () => {
    const rotated = await run('key', 'rotate', department)
    const states = rotated.answer.keys.map(({ id, state }: { id: string; state: string }) => [
      id,
      state,
    ])
    expect(states).toEqual([
      ['assertion-1', 'retired'],
      ['assertion-2', 'in use'],
      ['status-1', 'in use'],
      ['request-1', 'in use'],
    ])
    expect(await verdictOn(old)).toEqual(['valid'])
  },
  slow,
)

test(
  'the key of status lists rotates alone, and a department without one is told so',
  async () => {
    const rotated = await run('key', 'rotate', department, '--purpose', 'status')
    const states = rotated.answer.keys.map(({ id, state }: { id: string; state: string }) => [
      id,
      state,
    ])
    expect(states).toContainEqual(['status-1', 'retired'])
    expect(states).toContainEqual(['status-2', 'in use'])
    expect(states).toContainEqual(['assertion-2', 'in use'])
    expect((await run('key', 'retire', department, 'status-2')).code).toBe(0)
    const { answer } = await run('doctor')
    const codes = answer.symptoms
      .filter(({ subject }: { subject?: string }) => subject === department)
      .map(({ code }: { code: string }) => code)
    expect(codes).toContain('doctor/no-status-key')
    expect(codes).not.toContain('doctor/no-request-key')
    expect(codes).not.toContain('doctor/no-key')
  },
  slow,
)

test(
  'a superseded title is replaced, by two people, and its successor is valid',
  async () => {
    const supersede = ['status', 'supersede', department, old, '--record', path('transferred.json')]
    const grounds = ['--reason', 'transfer', '--legal-basis', 'Art. 1', '--operator', 'a']
    expect((await run(...supersede, ...grounds)).code).toBe(64)
    const { code, answer } = await run(...supersede, ...grounds, '--approver', 'b')
    expect(code).toBe(0)
    await run('anchor', department)
    expect(await verdictOn(old)).toEqual(['invalid', 'status/superseded'])
    successor = answer.copies[0].fingerprint
    expect(await verdictOn(successor)).toEqual(['valid'])
    const shown = await run('status', 'show', department, old)
    expect(shown.answer.copies).toMatchObject([
      { onChain: 'superseded', changes: [{ reason: 'transfer' }] },
    ])
  },
  slow,
)

test(
  'a department whose last key was compromised issues nothing, but still revokes and hands out',
  async () => {
    const since = new Date(Date.now() - 600_000).toISOString()
    const declared = await run('key', 'compromised', department, 'assertion-2', '--since', since)
    expect([declared.code, declared.answer.state]).toEqual([0, 'compromised'])
    const issue = await run('issue', department, path('title.json'), ...type)
    expect([issue.code, issue.answer.error.code]).toEqual([1, 'issue/key-not-usable'])
    expect(await verdictOn(successor)).toEqual(['invalid', 'key/compromised'])
    const by = [
      '--reason',
      'theft',
      '--legal-basis',
      'Art. 1',
      '--operator',
      'a',
      '--approver',
      'b',
    ]
    expect((await run('status', 'revoke', department, successor, ...by)).code).toBe(0)
    expect((await run('anchor', department)).answer).toEqual({ batches: { [department]: 1 } })
    expect(await verdictOn(successor)).toEqual(['invalid', 'key/compromised', 'status/revoked'])
  },
  slow,
)

test(
  'an accreditor withdraws and gives again; another department cannot',
  async () => {
    const withdrawn = await run(
      'withdraw',
      'city-accreditor',
      'market-regulator',
      '--type',
      'business-licence',
    )
    expect(withdrawn.answer.withdrawn[0].records).toBe(1)
    const again = await run(
      'withdraw',
      'city-accreditor',
      'market-regulator',
      '--type',
      'business-licence',
    )
    expect([again.code, again.answer.error.code]).toEqual([64, 'accreditor/nothing-to-withdraw'])
    const other = await run(
      'accredit',
      department,
      'market-regulator',
      '--type',
      'business-licence',
    )
    expect(other.answer.error.code).toBe('configuration/missing')
    const given = await run(
      'accredit',
      'city-accreditor',
      'market-regulator',
      '--type',
      'business-licence',
    )
    expect([given.code, given.answer.accredited[0].rights]).toEqual([0, ['issue']])
  },
  slow,
)

test(
  'a new department is created with its three names, and again without harm',
  async () => {
    const create = [
      'department',
      'create',
      'civil-affairs',
      '--name-en',
      'Civil affairs',
      '--name-zh',
      '民政局',
    ]
    const rest = ['--code', '11510181MB0000005M', '--type', 'marriage-certificate']
    const bad = await run(...create, '--code', 'lower', '--type', 'marriage-certificate')
    expect([bad.code, bad.answer.error.code]).toEqual([64, 'configuration/malformed'])
    const typedWrong = await run(...create, '--code', '11510181MB0000005N', ...rest.slice(2))
    expect([typedWrong.code, typedWrong.answer.error.code]).toEqual([64, 'cli/bad-option'])
    const made = await run(...create, ...rest)
    expect(made.code).toBe(0)
    expect(made.answer.keys[0]).toMatchObject({ id: 'assertion-1', state: 'in use' })
    const again = await run(...create, ...rest)
    expect([again.code, again.answer.did]).toEqual([0, made.answer.did])
    const listed = await weir(['department', 'list', '--lang', 'zh'], { env })
    expect(listed.err).toContain(`民政局\n  ${made.answer.did}`)
  },
  slow,
)
