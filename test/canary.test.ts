import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleRecord } from '../scripts/samples/records.ts'
import { startWeir, weir } from './support/weir.ts'

const slow = 600_000
const count = Number(process.env.WEIR_CANARIES ?? 500)
const marker = 'CANARY'
const folder = mkdtempSync(join(tmpdir(), 'weir-canary-'))
const home = join(folder, 'home')
const path = (name: string) => join(folder, name)
let up: ChildProcess
let said = ''

/** Runs a command and keeps what it wrote for people, as a log would. */
async function run(...args: string[]): Promise<string> {
  const { out, err } = await weir(args, { env: { WEIR_HOME: home } })
  said += out + err
  return out + err
}

/** The marker as it stands in text, in hex, and in base64 at each of its three places. */
function spellings(text: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.from(' '.repeat(before) + text).toString('base64url')
    return encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + text.length) * 4) / 3))
  })
  return [text, Buffer.from(text).toString('hex'), ...base64]
}

/** Which files below a folder hold one of these texts; packed ones are unpacked. */
function hits(below: string, wanted = spellings(marker)): string[] {
  return readdirSync(below, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const text = unpacked(readFileSync(file)).toString('latin1')
      return wanted.some((one) => text.includes(one))
    })
}

function unpacked(bytes: Buffer): Buffer {
  const start = bytes.indexOf(Buffer.from([0x1f, 0x8b, 0x08]))
  if (start < 0) return bytes
  try {
    return Buffer.concat([bytes.subarray(0, start), gunzipSync(bytes.subarray(start))])
  } catch {
    return bytes
  }
}

beforeAll(async () => {
  up = startWeir(['up', '--no-services'], { WEIR_HOME: home })
  let printed = ''
  await new Promise<void>((ready, reject) => {
    up.stderr?.on('data', (chunk) => {
      printed += chunk
      if (printed.includes('Ctrl-C')) ready()
    })
    up.once('exit', () => reject(new Error(printed)))
  })
}, slow)

afterAll(async () => {
  if (up.exitCode === null) {
    up.kill('SIGINT')
    await once(up, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
})

test(
  `I5: of ${count} marked certificates nothing is on the chain, in the mirror or in what commands say`,
  async () => {
    const rows = Array.from({ length: count }, (_, row) => ({
      ...sampleRecord('degree-certificate', row + 1, 5),
      name: `${marker}${row}`,
    }))
    const bad = { ...rows[0]!, certificate_number: `${marker}-1`, birth_date: `${marker}-2` }
    const lines = [...rows, bad].map((row) => JSON.stringify(row))
    writeFileSync(path('rows.jsonl'), [...lines, `{"${marker}": ${marker}`].join('\n'))
    const issued = await run(
      ...['issue', 'citizen-services', path('rows.jsonl'), '--type', 'degree-certificate'],
      ...['--result', path('result.jsonl')],
    )
    expect(issued).toContain(`${count.toLocaleString('en')} issued, 2 refused`)
    const number = String(sampleRecord('degree-certificate', 1, 5).certificate_number)
    const end = ['--reason', 'inquiry', '--legal-basis', 'Art. 1', '--operator', 'a']
    await run('status', 'revoke', 'citizen-services', number, ...end, '--approver', 'b')
    expect(await run('anchor', 'citizen-services')).toContain('nothing else waits')
    await run('anchor', 'citizen-services', '--json')
    await run('export', 'citizen-services', number, '--out', path('files'))
    const [file] = readdirSync(path('files'))
    expect(await run('verify', join(path('files'), file!))).toContain('status/revoked')
    await run('doctor')
    expect(await run('fsck', 'citizen-services')).toContain('Everything fits')
    up.kill('SIGINT')
    await once(up, 'exit')

    expect(hits(join(home, 'chain'))).toEqual([])
    for (const one of spellings(marker)) expect(said).not.toContain(one)
    expect(readFileSync(path('result.jsonl'), 'latin1')).not.toContain(marker)
    const { contracts } = JSON.parse(readFileSync(join(home, 'deployment.json'), 'utf8'))
    const state = hits(join(home, 'chain', 'state'), [contracts.anchorRegistry])
    expect(state.length).toBeGreaterThan(0)
    // The search does find them where they belong: in the department's own store, and in the files.
    expect(hits(join(home, 'departments', 'citizen-services')).length).toBeGreaterThan(0)
    expect(hits(path('files')).length).toBeGreaterThan(0)
    expect(hits(join(home, 'departments', 'market-regulator'))).toEqual([])
  },
  slow,
)
