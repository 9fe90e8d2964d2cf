import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleRecord } from '../../scripts/samples/records.ts'
import { storyRecords } from '../../scripts/samples/story.ts'
import { type District, startDistrict } from '../support/district.ts'
import { weir, weirJson } from '../support/weir.ts'

const slow = 600_000
const folder = mkdtempSync(join(tmpdir(), 'weir-cli-'))
const path = (name: string) => join(folder, name)
const env = { WEIR_HOME: path('home') }
const run = (...args: string[]) => weirJson(args, { env })
const department = 'market-regulator'
const audience = 'https://health.example'
const byTwo = ['--reason', 'fraud', '--legal-basis', 'Art. 1', '--operator', 'a', '--approver', 'b']

let up: District
let title = ''
let file = ''
let issuedAt = ''

beforeAll(async () => {
  up = await startDistrict(env)
  writeFileSync(path('licence.json'), JSON.stringify(storyRecords(7).businessLicence))
}, slow)

afterAll(async () => {
  await up.stop()
  rmSync(folder, { recursive: true, force: true })
})

test(
  'a record becomes a certificate in a wallet, and the same record the same certificate',
  async () => {
    const args = ['issue', department, path('licence.json'), '--type', 'business-licence']
    const all = [...args, '--holder', 'clinic', '--format', 'dc+sd-jwt']
    const first = await run(...all, '--out', path('issued'))
    expect(first.code).toBe(0)
    const again = await run(...all)
    expect(again.answer.rows).toMatchObject([{ copies: first.answer.rows[0].copies }])
    title = first.answer.rows[0].copies[0].fingerprint
    expect((await run('anchor', department)).answer).toEqual({ batches: { [department]: 1 } })
    const exported = await run('export', department, title, '--out', path('certificates'))
    expect(exported.answer.files).toMatchObject([{ state: 'final', isAnchored: true }])
    file = exported.answer.files[0].file
    const received = await run('receive', 'clinic', file)
    expect(received.answer).toEqual({ received: [{ fingerprint: title, isAnchored: true }] })
  },
  slow,
)

test(
  'a valid certificate ends with 0, and in a clone that knows only deployment file and address',
  async () => {
    const own = await run('verify', file)
    expect([own.code, own.answer.outcome]).toEqual([0, 'valid'])
    issuedAt = own.answer.at
    const input = readFileSync(file)
    const known = ['--deployment', path('home/deployment.json'), '--rpc', up.rpc]
    const other = await weirJson(['verify', ...known], { input, env: { WEIR_HOME: path('none') } })
    expect([other.code, other.answer.credentials]).toEqual([0, own.answer.credentials])
  },
  slow,
)

test(
  'what a holder discloses answers the request it was made for, and no other',
  async () => {
    const ask = ['ask', '--audience', audience, '--purpose', 'practice licence']
    const wanted = ['--certificate', 'business-licence:premises']
    await run(...ask, ...wanted, '--out', path('request.json'))
    await run(...ask, ...wanted, '--out', path('other.json'))
    const preview = await run('present', 'clinic', path('request.json'))
    expect(preview.code).toBe(0)
    expect(preview.answer.queries[0].choices[0].claims[0].path).toEqual(['premises'])
    const nothing = ['--disclose', 'business-licence:none']
    const silent = await run('present', 'clinic', path('request.json'), ...nothing)
    expect(silent.answer.error.code).toBe('presentation/not-answered')
    const answer = ['--disclose', 'business-licence:premises', '--out', path('answer.json')]
    expect((await run('present', 'clinic', path('request.json'), ...answer)).code).toBe(0)
    const good = await run('verify', path('answer.json'), '--request', path('request.json'))
    expect([good.code, good.answer.answersRequest]).toEqual([0, true])
    const replayed = await run('verify', path('answer.json'), '--request', path('other.json'))
    expect(replayed.code).toBe(1)
    const codes = replayed.answer.credentials[0].checks.map((check: { code: string }) => check.code)
    expect(codes).toContain('holder/wrong-nonce')
    const shown = await weir(['show', path('answer.json')], { env })
    expect(shown.err).toContain(audience)
  },
  slow,
)

test(
  'evidence is judged offline by whoever kept the hash of its block',
  async () => {
    const saved = await weir(['verify', file, '--evidence', path('evidence.json')], { env })
    expect(saved.code).toBe(0)
    const pin = /--pin (0x[0-9a-f]{64}) --at (\S+)/.exec(saved.err)!
    const offline = ['verify', '--evidence', path('evidence.json'), '--at', pin[2]!]
    const pinned = await run(...offline, '--pin', pin[1]!)
    expect([pinned.code, pinned.answer.outcome]).toEqual([0, 'valid'])
    const nobody = await run(...offline)
    expect([nobody.code, nobody.answer.outcome]).toEqual([2, 'unknown'])
    const wrong = await run(...offline, '--pin', `0x${'1'.repeat(64)}`)
    expect(wrong.code).toBe(2)
  },
  slow,
)

test(
  'a bulk import names each bad row, and a retry takes only those',
  async () => {
    const rows = [1, 2, 3].map((row) => JSON.stringify(sampleRecord('degree-certificate', row, 7)))
    writeFileSync(path('rows.jsonl'), [rows[0], '{"nonsense":"张三"}', rows[1], rows[2]].join('\n'))
    const issue = ['issue', 'citizen-services', path('rows.jsonl'), '--type', 'degree-certificate']
    const some = await run(...issue, '--result', path('result.jsonl'))
    expect([some.code, some.answer.issued, some.answer.refused]).toEqual([1, 3, 1])
    const result = readFileSync(path('result.jsonl'), 'utf8')
    expect(
      result
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).row),
    ).toEqual([1, 2, 3, 4])
    expect(result).not.toContain('张三')
    writeFileSync(
      path('rows.jsonl'),
      [rows[0], JSON.stringify(sampleRecord('degree-certificate', 4, 7)), rows[1], rows[2]].join(
        '\n',
      ),
    )
    const retried = await run(...issue, '--retry', path('result.jsonl'))
    expect([retried.code, retried.answer.rows.length]).toEqual([0, 1])
    expect(retried.answer.rows[0].row).toBe(2)
  },
  slow,
)

test(
  'a revoked certificate ends with 1, and was valid before',
  async () => {
    const alone = ['status', 'revoke', department, title, ...byTwo.slice(0, -2), '--approver', 'a']
    expect((await run(...alone)).answer.error.code).toBe('status/needs-approver')
    expect((await run('status', 'revoke', department, title, ...byTwo)).code).toBe(0)
    expect((await run('anchor', department)).code).toBe(0)
    const now = await weir(['verify', file, '--lang', 'zh'], { env })
    expect(now.code).toBe(1)
    expect(now.err).toContain('✘ 已撤销')
    const before = await run('verify', file, '--at', issuedAt)
    expect([before.code, before.answer.outcome]).toEqual([0, 'valid'])
    expect((await run('receive', 'clinic', file)).answer.error.code).toBe('holder/refused')
  },
  slow,
)

test(
  'doctor and fsck find nothing wrong, and doctor warns of administration without delay',
  async () => {
    const fsck = await run('fsck', department)
    expect([fsck.code, fsck.answer.wrong]).toEqual([0, 0])
    const doctor = await run('doctor')
    expect(doctor.code).toBe(0)
    const found = doctor.answer.symptoms.map(({ code }: { code: string }) => code)
    expect(found).toContain('doctor/administration-at-once')
    expect(found).toContain('doctor/chain-is-ours')
  },
  slow,
)

test(
  'a chain that does not answer ends with 2: could not check',
  async () => {
    expect(await up.stop()).toBe(0)
    const unreachable = await run('verify', file)
    expect([unreachable.code, unreachable.answer.error.code]).toEqual([2, 'chain/unreachable'])
  },
  slow,
)
