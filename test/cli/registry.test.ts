import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drain } from '../../src/issuer/drain.ts'
import { issueOne } from '../../src/issuer/issue.ts'
import { titleRequest } from '../support/issuer.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../support/service.ts'
import { startWeir, weirJson } from '../support/weir.ts'

type Verdict = { credentials: { checks: { name: string; code: string }[] }[] }

/** What a verdict says of the first certificate's anchor. */
function anchorIn({ credentials: [first] }: Verdict): string | undefined {
  return first?.checks.find(({ name }) => name === 'anchor')?.code
}

describe('weir registry', () => {
  let district: TestDistrict
  let centre: TestService
  let file: string
  let registry: ChildProcess
  let url: string

  beforeAll(async () => {
    district = await startTestDistrict()
    centre = await startTestService(district.home, 'registration-centre')
    const { issuer, address } = centre.service.department
    const [issued] = await issueOne(issuer, titleRequest(1))
    await drain(issuer, { pollMs: 20 })
    file = join(district.home.path, 'title.jwt')
    await writeFile(file, issued!.token)
    const source = `${address}=${centre.url}`
    registry = startWeir(
      ['registry', '--port', '0', '--development', '--source', source, '--json'],
      { WEIR_HOME: district.home.path },
    )
    const [line] = await once(registry.stdout!, 'data')
    url = JSON.parse(String(line)).url.replace(/\/$/, '')
  }, 120_000)

  afterAll(async () => {
    if (registry?.exitCode === null) registry.kill('SIGKILL')
    await centre?.close()
    await district?.close()
  }, 60_000)

  test('a verifier finds the proof at it that the certificate lacks', async () => {
    const env = { WEIR_HOME: district.home.path }
    await expect
      .poll(
        async () => ((await (await fetch(`${url}/node`)).json()) as { leaves: number }).leaves,
        {
          timeout: 30_000,
        },
      )
      .toBe(16)
    // The service holds the department's store, so this home alone finds no proof.
    const alone = await weirJson(['verify', file], { env })
    expect(anchorIn(alone.answer)).toBe('anchor/pending')
    const { code, answer } = await weirJson(['verify', file, '--registry', url], { env })
    expect(anchorIn(answer)).toBe('anchor/anchored')
    expect([answer.outcome, code]).toEqual(['valid', 0])
  }, 60_000)

  test('a node that does not answer leaves the verifier unable to check', async () => {
    const env = { WEIR_HOME: district.home.path }
    const gone = await weirJson(['verify', file, '--registry', 'http://127.0.0.1:9'], { env })
    expect(gone.code).toBe(2)
    const wrong = await weirJson(['verify', file, '--registry', 'ftp://127.0.0.1'], { env })
    expect(wrong.code).toBe(64)
  }, 60_000)

  test('it stops cleanly when asked', async () => {
    registry.kill('SIGINT')
    const [code] = await once(registry, 'exit')
    expect(code).toBe(0)
  }, 30_000)
})
