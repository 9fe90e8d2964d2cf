import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/adapters/storage/openStore.ts'
import { districtConfiguration } from '../../src/configuration/district.ts'
import type { ServiceConfiguration } from '../../src/configuration/model.ts'
import { bytesFromHex } from '../../src/primitives/bytes.ts'
import { printed, readSettings } from '../../src/services/settings.ts'
import type { Home } from '../../src/wire/home.ts'
import { sampleTitle } from '../support/issuer.ts'
import { refusal } from '../support/refusal.ts'
import { startTestDistrict, type TestDistrict } from '../support/service.ts'
import { startWeir, weir, weirJson } from '../support/weir.ts'

const name = 'registration-centre'
const token = { name: 'front-office', roles: ['clerk'], sha256: 'ab'.repeat(32) } as const
const oidc = { issuer: 'https://login.example', audience: 'https://registry.example' }

function home(service: ServiceConfiguration = {}, rpc?: string): Home {
  const district = districtConfiguration()
  const department = { ...district.departments[name]!, service }
  return {
    path: '/nowhere',
    configuration: {
      ...district,
      chain: { ...district.chain, ...(rpc && { rpc }) },
      departments: { ...district.departments, [name]: department },
    },
  }
}

describe('J1: a service', () => {
  const start = (service: ServiceConfiguration, env: NodeJS.ProcessEnv = {}, rpc?: string) =>
    readSettings(home(service, rpc), name, env)

  test('starts with a token, with a login service, or in the development profile', () => {
    expect(start({ tokens: [token] }).isDevelopment).toBe(false)
    expect(start({ oidc }).isDevelopment).toBe(false)
    expect(start({}, { WEIR_OIDC_ISSUER: oidc.issuer, WEIR_OIDC_AUDIENCE: 'x' }).port).toBe(4000)
    expect(start({}, { WEIR_DEVELOPMENT: '1' }).isDevelopment).toBe(true)
    expect(readSettings(home(), name, {}, { isDevelopment: true }).host).toBe('127.0.0.1')
  })

  test.each([
    ['nothing that tells callers apart', {}, {}, undefined, 'service/no-authentication'],
    ['an empty list of tokens', { tokens: [] }, {}, undefined, 'service/no-authentication'],
    [
      'development under another word',
      {},
      { WEIR_DEVELOPMENT: 'yes' },
      undefined,
      'service/no-authentication',
    ],
    [
      'development on all addresses',
      { host: '0.0.0.0' },
      { WEIR_DEVELOPMENT: '1' },
      undefined,
      'service/not-for-development',
    ],
    [
      'development on another machine’s chain',
      {},
      { WEIR_DEVELOPMENT: '1' },
      'https://chain.example',
      'service/not-for-development',
    ],
    [
      'development on a chain named by the environment',
      {},
      { WEIR_DEVELOPMENT: '1', WEIR_RPC: 'http://10.0.0.7:8545' },
      undefined,
      'service/not-for-development',
    ],
    [
      'a base address without https',
      { tokens: [token] },
      { WEIR_BASE_URL: 'http://registry.example' },
      undefined,
      'service/insecure-address',
    ],
    [
      'a login service without https',
      { oidc: { ...oidc, issuer: 'http://login.example' } },
      {},
      undefined,
      'service/insecure-address',
    ],
    [
      'half a login service',
      {},
      { WEIR_OIDC_ISSUER: oidc.issuer },
      undefined,
      'configuration/missing',
    ],
    [
      'a base address that is none',
      { tokens: [token] },
      { WEIR_BASE_URL: 'registry.example' },
      undefined,
      'configuration/malformed',
    ],
    [
      'a base address with a user',
      { tokens: [token] },
      { WEIR_BASE_URL: 'https://a@b.example' },
      undefined,
      'configuration/malformed',
    ],
    [
      'a port that is none',
      { tokens: [token] },
      { WEIR_PORT: '70000' },
      undefined,
      'configuration/malformed',
    ],
    [
      'an unknown log level',
      { tokens: [token] },
      { WEIR_LOG_LEVEL: 'everything' },
      undefined,
      'configuration/malformed',
    ],
  ] as const)('does not start with %s', (_what, service, env, rpc, code) => {
    expect(refusal(() => start(service as ServiceConfiguration, env, rpc))).toBe(code)
  })

  test('the environment goes before the file, the command line before both', () => {
    const service = { tokens: [token], port: 4100, host: '127.0.0.2' }
    expect(start(service)).toMatchObject({ port: 4100, host: '127.0.0.2' })
    expect(start(service, { WEIR_PORT: '4200', WEIR_HOST: '::1' })).toMatchObject({
      port: 4200,
      host: '::1',
    })
    const flags = { port: 0, baseUrl: 'https://flag.example' }
    const both = readSettings(home(service), name, { WEIR_BASE_URL: 'https://env.example' }, flags)
    expect(both).toMatchObject({ port: 0, baseUrl: new URL('https://flag.example') })
  })

  test('prints what it will do without the digests of tokens', () => {
    const text = JSON.stringify(printed(start({ tokens: [token], oidc })))
    expect(text).toContain('front-office')
    expect(text).not.toContain(token.sha256)
  })
})

describe('weir serve', () => {
  let district: TestDistrict
  let env: NodeJS.ProcessEnv
  beforeAll(async () => {
    district = await startTestDistrict([name])
    env = { WEIR_HOME: district.home.path }
  })
  afterAll(() => district?.close())

  async function started(args: readonly string[]) {
    const child = startWeir(['serve', name, '--port', '0', '--json', ...args], env)
    let out = ''
    let err = ''
    child.stderr?.on('data', (chunk) => {
      err += chunk
    })
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (chunk) => {
        out += chunk
        if (out.includes('\n')) resolve()
      })
      child.once('exit', () => reject(new Error(`weir serve ended: ${out} ${err}`)))
    })
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
    return { child, exit, answer: JSON.parse(out), said: () => err }
  }

  test('J1: refuses to start open, and starts with a token that it shows once', async () => {
    const { code, answer } = await weirJson(['serve', name], { env })
    expect([code, answer.error.code]).toEqual([64, 'service/no-authentication'])
    const created = await weirJson(
      ['token', 'create', name, '--name', 'audit-desk', '--role', 'auditor'],
      { env },
    )
    expect(created.answer.token).toMatch(/^weir_[A-Za-z0-9_-]{43}$/)
    const listed = await weirJson(['token', 'list', name], { env })
    expect(listed.answer.tokens).toEqual([{ name: 'audit-desk', roles: ['auditor'] }])
    const shown = await weir(['serve', name, '--print-configuration'], { env })
    expect(shown.code).toBe(0)
    expect(JSON.parse(shown.out).service.tokens[0].sha256).toBe('(redacted)')

    const running = await started([])
    const url = new URL('/audit', running.answer.url)
    const authorization = `Bearer ${created.answer.token}`
    expect((await fetch(url, { headers: { authorization } })).status).toBe(200)
    expect((await fetch(url)).status).toBe(401)
    running.child.kill('SIGTERM')
    expect(await running.exit).toBe(0)
    expect(running.said()).not.toContain(created.answer.token)
    const removed = await weirJson(['token', 'remove', name, 'audit-desk'], { env })
    expect(removed.code).toBe(0)
  }, 180_000)

  test('J13: stops on SIGTERM while it issues, and all that it answered is kept', async () => {
    const running = await started(['--development'])
    const asked = Array.from({ length: 40 }, async (_, i) => {
      const answer = await fetch(new URL('/certificates', running.answer.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          type: 'real-estate-title',
          claims: sampleTitle(i),
          formats: ['vc+jwt'],
        }),
      })
      return { status: answer.status, body: await answer.json() }
    })
    await Promise.race(asked)
    const begun = Date.now()
    running.child.kill('SIGTERM')
    const answers = await Promise.all(asked.map((one) => one.catch(() => undefined)))
    expect(await running.exit).toBe(0)
    expect(Date.now() - begun).toBeLessThan(10_000)
    const issued = answers.filter((answer) => answer?.status === 201)
    expect(issued.length).toBeGreaterThan(0)
    expect(answers.filter((answer) => ![201, undefined].includes(answer?.status))).toEqual([])
    const fingerprints = issued.map((answer) =>
      bytesFromHex(
        (answer!.body as { copies: [{ fingerprint: string }] }).copies[0].fingerprint,
        32,
      ),
    )
    const { address } = district.home.configuration.departments[name]!
    const path = join(district.home.path, `departments/${name}/store.sqlite`)
    const store = await openStore({ kind: 'sqlite', path })
    const kept = await store.certificates.byFingerprints(address!, fingerprints)
    expect(kept).toHaveLength(issued.length)
    expect(await store.check()).toEqual([])
    await store.close()
  })

  test('a port that is taken is refused with its code', async () => {
    const first = await started(['--development'])
    const { port } = new URL(first.answer.url)
    const second = await weirJson(['serve', name, '--development', '--port', port], { env })
    expect([second.code, second.answer.error.code]).toEqual([64, 'service/cannot-listen'])
    first.child.kill('SIGINT')
    expect(await first.exit).toBe(0)
  })
})
