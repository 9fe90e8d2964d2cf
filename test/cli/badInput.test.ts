import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codes } from '../../src/errors.ts'
import { tempFolder } from '../support/tempFolder.ts'
import { type Ran, weir } from '../support/weir.ts'

const slow = 180_000

/** Ends in one of our codes: never a stack trace, a path of ours or a word of the input. */
function expectCode({ code, out, err }: Ran, expected: string, exit: number): void {
  expect(err).toContain(`[${expected}]`)
  expect(codes).toContain(expected)
  expect(code).toBe(exit)
  expect(out).toBe('')
  expect(err).not.toMatch(/\n\s+at |node:internal|src\/cli|\.ts:\d/)
  expect(err).not.toContain('张三')
}

const json = (value: unknown) => JSON.stringify(value)
const b64 = (text: string) => Buffer.from(text).toString('base64url')

/** Hostile inputs and the code of whoever reads a certificate or presentation. */
const hostile: readonly (readonly [name: string, contents: string | Uint8Array, code: string])[] = [
  ['nothing at all', '', 'credential/malformed'],
  ['random bytes', Uint8Array.of(0xff, 0xfe, 0x00, 0x9f, 0x92), 'json/ill-formed-text'],
  ['a word about a person', '张三', 'credential/malformed'],
  ['JSON cut short', '{"credential": "eyJ', 'json/malformed'],
  ['the same member twice', '{"credential":"a","credential":"b"}', 'json/duplicate-member'],
  ['a million open brackets', `{"a":${'['.repeat(1_000_000)}`, 'json/too-deep'],
  ['a presentation of nothing', json({ presentation: [] }), 'presentation/malformed'],
  ['a number for a credential', json({ credential: 5 }), 'presentation/malformed'],
  ['an unknown member', json({ credential: 'a.b.c', 张三: 1 }), 'credential/bad-claim'],
  [
    'no signature algorithm',
    `${b64('{"alg":"none","typ":"vc+jwt","kid":"a"}')}.${b64('{}')}.`,
    'credential/alg-not-allowed',
  ],
]

describe('what cannot be read ends in a code', () => {
  test.concurrent.each(hostile)(
    'show: %s',
    async (_name, contents, code) => {
      expectCode(await weir(['show'], { input: contents }), code, 64)
    },
    slow,
  )

  test(
    'a file that is a folder, absent or endless',
    async () => {
      const folder = tempFolder()
      expectCode(await weir(['show', folder]), 'cli/unreadable', 64)
      expectCode(await weir(['show', join(folder, '张三.json')]), 'cli/unreadable', 64)
      expectCode(await weir(['show', '/dev/zero']), 'cli/too-large', 64)
    },
    slow,
  )
})

describe('every command that reads a file refuses a hostile one before it opens anything else', () => {
  const bad = '{"nonce": "张三", "evidence": 1, "extra": "张三"'
  const at = (args: readonly string[]) => args
  test.concurrent.each([
    [at(['receive', 'clinic', '-']), 'json/malformed'],
    [at(['present', 'clinic', '-']), 'json/malformed'],
    [at(['verify', 'x', '--request', '-']), 'json/malformed'],
    [at(['verify', '--evidence', '-']), 'json/malformed'],
    [at(['ask', '--audience', 'a', '--purpose', 'b', '--dcql', '-']), 'json/malformed'],
    [
      at(['issue', 'x', 'rows.csv', '--type', 'business-licence', '--retry', '-']),
      'json/malformed',
    ],
  ])(
    'weir %s',
    async (args, code) => {
      expectCode(await weir(args, { input: bad }), code, 64)
    },
    slow,
  )

  test(
    'an evidence file, a deployment file and a configuration that are something else',
    async () => {
      const folder = tempFolder()
      const file = (name: string, contents: string) => {
        const path = join(folder, name)
        writeFileSync(path, contents)
        return path
      }
      const evidence = file('evidence.json', json({ evidence: 1, input: 'a', 张三: 1 }))
      expectCode(await weir(['verify', '--evidence', evidence]), 'evidence/malformed', 64)
      const deployment = file('deployment.json', json({ format: 'weir/deployment/1', 张三: 1 }))
      const rpc = ['--deployment', deployment, '--rpc', 'http://127.0.0.1:1']
      expectCode(await weir(['verify', '-', ...rpc], { input: 'a' }), 'deployment/malformed', 64)
      const home = join(folder, 'home')
      mkdirSync(home)
      writeFileSync(join(home, 'weir.json'), json({ version: 1, secret: { file: '张三' } }))
      expectCode(await weir(['doctor', '--home', home]), 'configuration/malformed', 64)
      expectCode(await weir(['department', 'list', '--home', folder]), 'configuration/missing', 64)
    },
    slow,
  )

  test(
    'H: a claim of a forged certificate cannot write to the terminal',
    async () => {
      const header = b64(json({ alg: 'ES256', typ: 'dc+sd-jwt', kid: 'did:example:a#1' }))
      const payload = b64(
        json({
          iss: 'did:example:a',
          vct: 'urn:example:type',
          name: 'a\u001b]0;owned\u0007\u202e',
        }),
      )
      const token = `${header}.${payload}.${'A'.repeat(86)}~`
      const { code, err } = await weir(['show', '--reveal'], { input: token })
      expect(code).toBe(0)
      expect(err).toContain('owned')
      for (const mark of ['\u001b', '\u0007', '\u202e']) expect(err).not.toContain(mark)
    },
    slow,
  )
})

describe('a wrong command line', () => {
  test.concurrent.each([
    [['verify', '--张三'], 'unknownOption'],
    [['张三'], 'unknownCommand'],
    [['key'], 'help'],
    [['receive'], 'missingArgument'],
    [['verify', 'a', '张三'], 'excessArguments'],
    [['verify', '--lang', 'fr'], 'invalidArgument'],
    [['verify', '--at'], 'optionMissingArgument'],
  ])(
    '%s ends with 64 and one sentence',
    async (args, why) => {
      const ran = await weir(args)
      expect(ran.code).toBe(64)
      expect(ran.err).not.toMatch(/\n\s+at |node:internal|张三/)
      if (why !== 'help') expect(ran.err).toContain(`[cli/usage] why: ${why}`)
    },
    slow,
  )

  test(
    'answers programs and Chinese readers in their way',
    async () => {
      const { code, out, err } = await weir(['verify', '--nothing', '--json', '--lang', 'zh'])
      expect([code, err]).toEqual([64, ''])
      expect(JSON.parse(out).error).toMatchObject({ kind: 'InputError', code: 'cli/usage' })
      expect(JSON.parse(out).error.message).toMatch(/命令书写有误/)
    },
    slow,
  )

  test.concurrent.each([
    [['verify', 'a', '--rpc', 'http://127.0.0.1:1']],
    [['verify', 'a', '--pin', `0x${'0'.repeat(64)}`]],
    [['verify', 'a', '--same-holder']],
    [['verify', 'a', '--at', '2026-02-30']],
    [['verify', 'a', '--at', '2026-01-01', '--evidence', 'b']],
    [['accredit', 'a', 'b']],
    [['issue', 'a', 'rows.xlsx', '--type', 'business-licence']],
    [['issue', 'a', 'b.csv', '--type', 'business-licence', '--format', 'ldp_vc']],
    [['status', 'revoke', 'a', 'b', '--reason', 'r', '--legal-basis', 'l', '--operator', 'o']],
    [['anchor', 'a', '--every', '0']],
    [['ask', '--audience', 'a', '--purpose', 'b', '--certificate', 'business-licence:nonsense']],
  ])(
    'options that do not fit together end with 64: %s',
    async (args) => {
      expectCode(await weir(args), 'cli/bad-option', 64)
    },
    slow,
  )
})

test(
  'help ends with 0 in both languages, and follows the locale',
  async () => {
    const [en, zh, root] = await Promise.all([
      weir(['verify', '--help']),
      weir(['verify', '--help'], { env: { LANG: 'zh_CN.UTF-8' } }),
      weir(['--help', '--lang', 'zh']),
    ])
    expect([en.code, zh.code, root.code]).toEqual([0, 0, 0])
    expect(en.out).toContain('Exit codes: 0 valid')
    expect(zh.out).toContain('退出码：0 有效')
    expect(root.out).toContain('核验')
  },
  slow,
)

test(
  'a file that is there already is not overwritten',
  async () => {
    const path = join(tempFolder(), 'request.json')
    const args = ['ask', '--audience', 'https://a.example', '--purpose', 'b']
    const asked = [...args, '--certificate', 'business-licence:premises', '--out', path]
    expect((await weir(asked)).code).toBe(0)
    expectCode(await weir(asked), 'cli/file-exists', 64)
  },
  slow,
)
