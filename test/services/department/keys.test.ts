import { createHash, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { compactVerify, decodeProtectedHeader } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openKeyStore } from '../../../src/adapters/keys/store.ts'
import { drain } from '../../../src/issuer/drain.ts'
import { type Home, inHome, secretOf } from '../../../src/wire/home.ts'
import type { RegisteredKey } from '../../../src/wire/rotate.ts'
import {
  startTestAccreditor,
  type TestAccreditor,
  withMember,
} from '../../support/accreditorService.ts'
import { sampleTitle } from '../../support/issuer.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../../support/service.ts'

const name = 'registration-centre'
const purpose = 'inspection'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A test key store's file of certificates, without the keys of one purpose. */
async function forgetKeys(home: Home, gone: string): Promise<void> {
  const file = inHome(home, `departments/${name}/certificates.json`)
  const known = JSON.parse(await readFile(file, 'utf8')) as { id: string; purpose: string }[]
  const keys = await openKeyStore(
    inHome(home, home.configuration.departments[name]!.keys),
    secretOf(home),
  )
  for (const key of known) if (key.purpose === gone) await keys.remove(key.id)
  await writeFile(file, JSON.stringify(known.filter((key) => key.purpose !== gone)))
}

describe('a department that rotates its keys while it serves', () => {
  let district: TestDistrict
  let accreditor: TestAccreditor
  let running: TestService
  beforeAll(async () => {
    district = await startTestDistrict([name])
    await forgetKeys(district.home, 'request')
    accreditor = await startTestAccreditor(district.home)
    const home = withMember(district.home, 'city-accreditor', { baseUrl: accreditor.url })
    running = await startTestService(home, name)
  }, 120_000)
  afterAll(async () => {
    await running?.close()
    await accreditor?.close()
    await district?.close()
  })

  const post = async (path: string, body: unknown, headers = {}) => {
    const answer = await running.ask('POST', path, { body, token: 'clerk-1', headers })
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test expects
    return { status: answer.status, body: (await answer.json()) as any }
  }
  const rotate = (which: string) => post('/keys/rotations', { purpose: which })
  const states = async (which: string) => {
    const { keys } = (await (await running.ask('GET', '/keys')).json()) as { keys: RegisteredKey[] }
    return keys.filter((key) => key.purpose === which).map(({ state }) => state)
  }
  const issue = (number: number) => {
    const body = { type: 'real-estate-title', claims: sampleTitle(number), formats: ['vc+jwt'] }
    return post('/certificates', body, { 'idempotency-key': `row-${number}` })
  }
  const list = async () => {
    const answer = await running.ask('GET', '/status-lists/0', {
      headers: { accept: 'application/statuslist+jwt' },
    })
    return { status: answer.status, body: await answer.text() }
  }
  const signedBy = async (token: string) => {
    const { x5c } = decodeProtectedHeader(token)
    const { publicKey } = new X509Certificate(Buffer.from(x5c![0]!, 'base64'))
    await compactVerify(token, publicKey)
    return sha256(x5c![0]!)
  }

  test('G7: loses and doubles no certificate that is asked for in the middle of it', async () => {
    const before = await issue(1)
    const rotated = rotate('assertion')
    let isRotating = true
    void rotated.finally(() => (isRotating = false))
    const asked: { number: number; first: Awaited<ReturnType<typeof issue>> }[] = []
    for (let number = 2; isRotating; number += 5) {
      const numbers = [0, 1, 2, 3, 4].map((more) => number + more)
      asked.push(
        ...(await Promise.all(
          numbers.map(async (one) => ({ number: one, first: await issue(one) })),
        )),
      )
      await district.settle()
    }
    expect((await rotated).status).toBe(200)
    expect(await states('assertion')).toEqual(['retired', 'in use'])
    const fingerprints = [before.body.copies[0].fingerprint]
    const tokens = [before.body.copies[0].token]
    for (const { number, first } of asked) {
      expect([201, 503]).toContain(first.status)
      const again = await issue(number)
      expect(again.status).toBe(201)
      if (first.status === 201) expect(again).toEqual(first)
      fingerprints.push(again.body.copies[0].fingerprint)
      tokens.push(again.body.copies[0].token)
    }
    expect(new Set(fingerprints).size).toBe(asked.length + 1)
    const { issuer, address } = running.service.department
    await drain(issuer, { pause: () => district.settle() })
    const stored = await issuer.certificates.scan(address, 0, 10_000)
    expect(stored).toHaveLength(asked.length + 1)
    expect(stored.every(({ state }) => state === 'final')).toBe(true)
    const kids = new Set(tokens.map((token) => decodeProtectedHeader(token).kid))
    expect(kids.size).toBe(2)
    // The verifier's own copy of the chain may be some blocks behind.
    await running.service.chain.mirror.sync()
    for (const credential of [tokens[0], tokens.at(-1)]) {
      const { body } = await post('/verifier/verdicts', { credential, purpose })
      const bad = body.credentials[0].checks.filter(
        (one: { outcome: string }) => one.outcome !== 'pass',
      )
      expect([body.outcome, bad]).toEqual(['valid', []])
    }
  }, 60_000)

  test('a rotation asked for while another runs is told to come again', async () => {
    const answers = await Promise.all([rotate('status'), rotate('status')])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const refused = answers.find(({ status }) => status === 409)
    expect(refused?.body.code).toBe('request/in-progress')
  })

  test('signs its status lists with the next key at once, also lists that did not change', async () => {
    const before = await list()
    const first = await signedBy(before.body)
    expect((await rotate('status')).status).toBe(200)
    const after = await list()
    expect([before.status, after.status]).toEqual([200, 200])
    expect(await signedBy(after.body)).not.toBe(first)
    expect((await states('status')).at(-1)).toBe('in use')
  })

  test('gets a first key for requests, and a request made before a rotation has expired', async () => {
    const dcql = {
      credentials: [
        {
          id: 'title',
          format: 'dc+sd-jwt',
          meta: { vct_values: ['urn:weir:certificate:real-estate-title:1'] },
          claims: [{ path: ['location'] }],
        },
      ],
    }
    const asked = () => post('/verifier/requests', { dcql_query: dcql, purpose })
    const object = async (uri: string) => {
      const address = new URL(uri).searchParams.get('request_uri')!
      const answer = await fetch(address)
      return { status: answer.status, text: await answer.text() }
    }
    const without = await asked()
    expect([without.status, without.body.code]).toEqual([400, 'presentation/no-request-key'])
    expect(await states('request')).toEqual([])
    expect((await rotate('request')).status).toBe(200)
    expect(await states('request')).toEqual(['in use'])
    const early = (await asked()).body.uri
    const first = await object((await asked()).body.uri)
    expect(first.status).toBe(200)
    expect((await rotate('request')).status).toBe(200)
    const next = await object((await asked()).body.uri)
    expect(await signedBy(next.text)).not.toBe(await signedBy(first.text))
    const late = await object(early)
    expect(late.status).toBe(400)
    expect(JSON.parse(late.text)).toEqual({
      error: 'invalid_request',
      error_description: 'presentation/request-expired',
    })
  })
})

describe('a department whose accreditor runs elsewhere', () => {
  let district: TestDistrict
  let accreditor: TestAccreditor
  let running: TestService
  const secret = 'sample-token-of-the-accreditor'.padEnd(43, 'x')
  const own = 'sample-token-of-the-keymaster'.padEnd(43, 'x')
  const tokenFrom = 'WEIR_TEST_ACCREDITOR_TOKEN'
  const record = (who: string, token: string) => ({
    name: who,
    roles: ['keymaster'] as const,
    sha256: sha256(token),
  })
  beforeAll(async () => {
    district = await startTestDistrict([name])
    accreditor = await startTestAccreditor(district.home, { tokens: [record(name, secret)] })
    running = await startTestService(district.home, name, {
      configure: {
        tokens: [record('keymaster', own)],
        accreditor: { url: accreditor.url, tokenFrom },
      },
    })
  }, 120_000)
  afterEach(() => {
    delete process.env[tokenFrom]
  })
  afterAll(async () => {
    await running?.close()
    await accreditor?.close()
    await district?.close()
  })
  const rotate = async () => {
    const answer = await running.ask('POST', '/keys/rotations', {
      body: { purpose: 'status' },
      token: own,
    })
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test expects
    return { status: answer.status, body: (await answer.json()) as any }
  }

  test('rotates with the token that it was given there, and with no other', async () => {
    const without = await rotate()
    expect([without.status, without.body.code]).toEqual([400, 'configuration/missing'])
    process.env[tokenFrom] = own
    const wrong = await rotate()
    expect(wrong.body).toMatchObject({
      code: 'service/accreditor-refused',
      facts: { status: 401, reason: 'service/unauthenticated' },
    })
    expect(wrong.status).toBe(400)
    process.env[tokenFrom] = secret
    const { status, body } = await rotate()
    expect(status).toBe(200)
    const ofStatus = body.keys.filter((key: RegisteredKey) => key.purpose === 'status')
    expect(ofStatus.map((key: RegisteredKey) => key.state)).toEqual(['retired', 'in use'])
    expect(await accreditor.service.audit.scan(0, 100)).toContainEqual(
      expect.objectContaining({
        entry: expect.objectContaining({ action: 'accreditor/confirm-key' }),
      }),
    )
  })
})
