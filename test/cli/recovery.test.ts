import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleRecord } from '../../scripts/samples/records.ts'
import { confirmKey } from '../../src/accreditor/keys.ts'
import type { KeyState } from '../../src/cli/keyState.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { openAccreditor } from '../../src/wire/accreditor.ts'
import { openChain } from '../../src/wire/chain.ts'
import { openHome } from '../../src/wire/home.ts'
import { openKeyOwner } from '../../src/wire/keyOwner.ts'
import { addKey } from '../../src/wire/keys.ts'
import { type District, startDistrict } from '../support/district.ts'
import { weirJson } from '../support/weir.ts'

const slow = 600_000
const folder = mkdtempSync(join(tmpdir(), 'weir-cli-'))
const path = (name: string) => join(folder, name)
const env = { WEIR_HOME: path('home') }
const run = (...args: string[]) => weirJson(args, { env })
const store = path('home/departments/citizen-services/store.sqlite')

let up: District

beforeAll(async () => {
  up = await startDistrict(env)
}, slow)

afterAll(async () => {
  await up.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Issues sample degrees of these rows; status entries of their copies. */
async function issued(from: number, count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, at) =>
    JSON.stringify(sampleRecord('degree-certificate', from + at, 7)),
  )
  writeFileSync(path('rows.jsonl'), rows.join('\n'))
  const type = ['--type', 'degree-certificate', '--format', 'vc+jwt']
  const { code, answer } = await run('issue', 'citizen-services', path('rows.jsonl'), ...type)
  if (code !== 0) return [answer.error.code]
  return answer.rows.map(
    ({ copies }: { copies: { fingerprint: string }[] }) => copies[0]!.fingerprint,
  )
}

/** Codes of the checks that did not pass. */
function codesOf({ answer }: Awaited<ReturnType<typeof run>>): string[] {
  return answer.credentials[0].checks
    .filter(({ outcome }: { outcome: string }) => outcome !== 'pass')
    .map(({ code }: { code: string }) => code)
}

test(
  'K6: a backup that is put back issues nothing until it is reconciled, and then anchors nothing twice',
  async () => {
    await issued(1, 3)
    await run('anchor', 'citizen-services')
    const waiting = await issued(4, 2)
    const backup = await run('backup', 'citizen-services', '--out', path('backup.sqlite'))
    expect([backup.code, backup.answer.file]).toEqual([0, path('backup.sqlite')])
    await issued(6, 20)
    await run('anchor', 'citizen-services', '--max-batch', '10')
    const leaves = await run('leaves', 'citizen-services', '--out', path('leaves'))
    const before = leaves.answer.files.length
    expect(before).toBeGreaterThan(2)
    for (const end of ['-wal', '-shm']) rmSync(`${store}${end}`, { force: true })
    copyFileSync(path('backup.sqlite'), store)
    expect(await issued(50, 1)).toEqual(['anchor/behind-chain'])
    const reconcile = ['reconcile', 'citizen-services', '--leaves']
    const nowhere = await run(...reconcile, path('nowhere'))
    expect([nowhere.code, nowhere.answer.error.code]).toEqual([64, 'cli/unreadable'])
    const found = await run(...reconcile, path('leaves'))
    expect([found.code, found.answer.batches, found.answer.members]).toEqual([0, before - 1, 2])
    expect((await run(...reconcile, path('leaves'))).answer.batches).toBe(0)
    for (const fingerprint of waiting) {
      const { answer } = await run('status', 'show', 'citizen-services', fingerprint)
      expect(answer.copies[0].state).toBe('final')
    }
    expect(await issued(50, 3)).toHaveLength(3)
    expect((await run('anchor', 'citizen-services')).answer.batches['citizen-services']).toBe(1)
    const after = await run('leaves', 'citizen-services', '--out', path('leaves'))
    expect(after.answer.files).toHaveLength(before + 1)
    expect(await run('fsck', 'citizen-services')).toMatchObject({ code: 0, answer: { wrong: 0 } })
  },
  slow,
)

test(
  'a bare token is verified with the proof that its department keeps in the same home, elsewhere it stays unknown',
  async () => {
    writeFileSync(path('one.json'), JSON.stringify(sampleRecord('degree-certificate', 70, 7)))
    const type = ['--type', 'degree-certificate', '--format', 'vc+jwt']
    const all = [path('one.json'), ...type, '--out', path('issued')]
    const { answer } = await run('issue', 'citizen-services', ...all)
    const { fingerprint } = answer.rows[0].copies[0]
    const file = path(`issued/${fingerprint.slice(0, 16)}.json`)
    const token = JSON.parse(readFileSync(file, 'utf8')).credential
    writeFileSync(path('bare.jwt'), token)
    const waiting = await run('verify', path('bare.jwt'))
    expect([waiting.code, codesOf(waiting)[0]]).toEqual([2, 'anchor/pending'])
    await run('anchor', 'citizen-services')
    const known = await run('verify', path('bare.jwt'))
    expect([known.code, known.answer.credentials[0].fingerprint]).toEqual([0, fingerprint])
    const elsewhere = ['--deployment', path('home/deployment.json'), '--rpc', up.rpc]
    const stranger = await run('verify', path('bare.jwt'), ...elsewhere)
    expect(stranger.code).toBe(2)
  },
  slow,
)

test(
  'a certificate whose type lost its accreditation is set aside, listed, and taken back once it has it again',
  async () => {
    const type = ['--type', 'degree-certificate']
    const [set] = await issued(60, 1)
    const accreditor = ['city-accreditor', 'citizen-services', ...type]
    expect((await run('withdraw', ...accreditor)).code).toBe(0)
    expect((await run('anchor', 'citizen-services')).answer.batches['citizen-services']).toBe(0)
    const listed = await run('refused', 'list', 'citizen-services')
    expect(listed.answer.copies).toMatchObject([{ fingerprint: set }])
    const tooEarly = await run('refused', 'take-back', 'citizen-services')
    expect(tooEarly.answer).toMatchObject({ takenBack: 0, refused: 1 })
    expect((await run('accredit', ...accreditor)).code).toBe(0)
    const taken = await run('refused', 'take-back', 'citizen-services')
    expect(taken.answer).toMatchObject({ takenBack: 1, refused: 0 })
    expect((await run('anchor', 'citizen-services')).answer.batches['citizen-services']).toBe(1)
  },
  slow,
)

test(
  'L6: a lost wallet comes back from its encrypted export, or its copies end and are issued anew',
  async () => {
    const secret = { ...env, WEIR_WALLET_PASSPHRASE: 'a sample passphrase' }
    writeFileSync(path('held.json'), JSON.stringify(sampleRecord('degree-certificate', 80, 7)))
    const type = ['--type', 'degree-certificate', '--format', 'dc+sd-jwt']
    const issue = ['issue', 'citizen-services', path('held.json'), ...type, '--out', path('held')]
    const first = await run(...issue, '--holder', 'graduate')
    await run('anchor', 'citizen-services')
    const { fingerprint } = first.answer.rows[0].copies[0]
    await run('export', 'citizen-services', fingerprint, '--out', path('held'))
    const file = path(`held/${fingerprint.slice(0, 16)}.json`)
    expect((await run('receive', 'graduate', file)).code).toBe(0)
    const backup = path('graduate.backup')
    const none = await run('wallet', 'graduate', '--export', backup)
    expect(none.answer.error.code).toBe('configuration/missing')
    const exported = await weirJson(['wallet', 'graduate', '--export', backup], { env: secret })
    expect(exported.code).toBe(0)
    const token: string = JSON.parse(readFileSync(file, 'utf8')).credential
    expect(readFileSync(backup, 'utf8')).not.toContain(token.slice(0, 60))
    expect(statSync(backup).mode & 0o777).toBe(0o600)

    rmSync(path('home/wallets/graduate'), { recursive: true })
    const restore = ['wallet', 'graduate', '--import', backup]
    const other = { ...env, WEIR_WALLET_PASSPHRASE: 'another passphrase' }
    const wrong = await weirJson(restore, { env: other })
    expect([wrong.code, wrong.answer.error.code]).toEqual([64, 'key/wrong-secret'])
    const restored = await weirJson(restore, { env: secret })
    expect(restored.answer).toEqual({ imported: { keys: 1, certificates: 1 } })
    const held = await run('wallet', 'graduate', '--check')
    expect(held.answer.certificates).toMatchObject([{ fingerprint, outcome: 'valid' }])

    const { holderKey } = parseCredential(token)
    writeFileSync(path('lost-key.json'), JSON.stringify(holderKey))
    const revoke = ['status', 'revoke', 'citizen-services', '--holder-key', path('lost-key.json')]
    const by = ['--reason', 'wallet-lost', '--legal-basis', 'Art. 1', '--operator', 'a']
    expect((await run(...revoke, ...by)).code).toBe(64)
    const revoked = await run(...revoke, ...by, '--approver', 'b')
    expect([revoked.code, revoked.answer.copies, revoked.answer.queued.length]).toEqual([0, 1, 1])
    const second = await run(
      ...issue,
      '--holder',
      'graduate-2',
      '--key',
      'degree 80, second wallet',
    )
    await run('anchor', 'citizen-services')
    expect((await run('verify', file)).code).toBe(1)
    const renewed = second.answer.rows[0].copies[0].fingerprint
    const next = path(`held/${renewed.slice(0, 16)}.json`)
    expect((await run('receive', 'graduate-2', next)).code).toBe(0)
    expect((await run('verify', next)).code).toBe(0)
  },
  slow,
)

test(
  'a rotation that was cut off before it retired the old key is finished, with no third key',
  async () => {
    const home = await openHome(env.WEIR_HOME)
    const chain = await openChain(home)
    const now = new Date()
    const owner = await openKeyOwner(home, chain, 'market-regulator', now)
    const { accreditor, close } = await openAccreditor(home, chain, 'city-accreditor')
    await addKey(owner, 'assertion', now, (key) => confirmKey(accreditor, key))
    await close()
    chain.close()
    const { answer } = await run('key', 'rotate', 'market-regulator')
    const assertions = answer.keys.filter(({ purpose }: KeyState) => purpose === 'assertion')
    expect(assertions.map(({ id, state }: KeyState) => [id, state])).toEqual([
      ['assertion-1', 'retired'],
      ['assertion-2', 'in use'],
    ])
  },
  slow,
)
