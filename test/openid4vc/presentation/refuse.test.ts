import { CompactEncrypt, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeBase64url, importPrivateKey, sha256Base64url, sign } from '#primitives'
import { openStore } from '../../../src/adapters/storage/openStore.ts'
import type { Json, JsonObject } from '../../../src/credential/model.ts'
import { parseCredential } from '../../../src/credential/parse.ts'
import { thumbprintHex } from '../../../src/credential/thumbprint.ts'
import { OutsideError } from '../../../src/errors.ts'
import { changeStatus } from '../../../src/issuer/status.ts'
import { askForPresentation } from '../../../src/openid4vc/presentation/ask.ts'
import { clientIdPrefixes } from '../../../src/openid4vc/presentation/model.ts'
import { readResult } from '../../../src/openid4vc/presentation/result.ts'
import { readTransaction } from '../../../src/openid4vc/presentation/transaction.ts'
import { verify } from '../../../src/verdict/verify.ts'
import { gather } from '../../../src/verifier/gather.ts'
import { anchorAll } from '../../support/issuer.ts'
import { tempFolder } from '../../support/tempFolder.ts'
import {
  answerOf,
  capture,
  degreeUri,
  nameQuery,
  type PresentationWorld,
  posted,
  presentationWorld,
  titleUri,
} from './world.ts'

let world: PresentationWorld

beforeAll(async () => {
  world = await presentationWorld()
  await world.hold()
})
afterAll(async () => world.pool.close())

/** Codes of every check that failed, of a request that was answered. */
async function failures(id: string): Promise<string[]> {
  const { result } = await readResult(world.party, id)
  const { checks, credentials } = result!.verdict as unknown as {
    checks: { outcome: string; code: string }[]
    credentials: { checks: { outcome: string; code: string }[] }[]
  }
  return [...checks, ...credentials.flatMap((one) => one.checks)]
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ code }) => code)
}

async function stateOf(id: string) {
  const { state, outcome, reason } = await readTransaction(world.party, id)
  return { state, outcome, reason }
}

/** A key binding over the held degree, as its holder or another would write it. */
async function bound(
  of: string,
  challenge: { nonce: string; audience: string },
  change: { payload?: JsonObject; by?: string; over?: string; header?: JsonObject } = {},
): Promise<string> {
  const { token } = (await world.holder.store.get(of))!
  const { holderKey } = parseCredential(token)
  const names = Object.keys(world.sampleDegree(1))
  const name = parseCredential(token).disclosures.find(({ path }) => path[0] === 'name')!
  const shown = `${token.split('~')[0]}~${name.encoded}~`
  expect(names).toContain('name')
  const signer =
    change.by === undefined
      ? holderKey!
      : parseCredential((await world.holder.store.get(change.by))!.token).holderKey!
  const payload = {
    iat: Math.floor(world.now().getTime() / 1000),
    aud: challenge.audience,
    nonce: challenge.nonce,
    sd_hash: sha256Base64url(change.over ?? shown),
    ...change.payload,
  }
  const input = [change.header ?? { alg: 'ES256', typ: 'kb+jwt' }, payload]
    .map((part) => encodeBase64url(JSON.stringify(part)))
    .join('.')
  const key = importPrivateKey(world.keys.get(thumbprintHex(signer))!)
  return `${shown}${input}.${encodeBase64url(sign(key, input))}`
}

/** Posts tokens to a fresh request. */
async function answered(
  make: (t: { nonce: string; audience: string }) => Promise<Json>,
  dcql: Json = nameQuery,
  sameHolder = false,
) {
  const { id, requestUri } = await world.ask({ dcql, sameHolder })
  const { nonce, clientId, stateParameter } = await readTransaction(world.party, id)
  const vpToken = await make({ nonce, audience: clientId })
  const url = requestUri!.replace('/requests/', '/responses/')
  const code = await posted(world.party, url, {
    vp_token: JSON.stringify(vpToken),
    state: stateParameter,
  })
  return { id, code, url, state: stateParameter }
}

const held = async () => (await world.holder.store.list())[0]!.id

describe('one answer counts once', () => {
  test('H1: of 1,000 parallel replays of one answer exactly one succeeds', async () => {
    const { id, uri } = await world.ask()
    const { url, form } = await capture(world, uri)
    const results = await Promise.all(
      Array.from({ length: 1000 }, () => posted(world.party, url, form)),
    )
    expect(results.filter((result) => result === 'accepted')).toHaveLength(1)
    expect(new Set(results)).toEqual(new Set(['accepted', 'presentation/wrong-state']))
    expect((await stateOf(id)).state).toBe('verified')
  })

  test('H1: after a restart an answer that was taken is not taken again', async () => {
    const folder = await tempFolder()
    const path = `${folder}/store.sqlite`
    const first = await openStore({ kind: 'sqlite', path })
    const before = { ...world.party, sessions: first.sessions, audit: first.audit }
    const asking = { ...world, party: before }
    const { uri } = await askForPresentation(
      before,
      { dcql: nameQuery, purpose: 'sample', mode: 'direct_post', prefix: 'x509_hash' },
      'clerk',
    )
    const { url, form } = await capture(asking, uri)
    expect(await posted(before, url, form)).toBe('accepted')
    await first.close()
    const second = await openStore({ kind: 'sqlite', path })
    const after = { ...world.party, sessions: second.sessions, audit: second.audit }
    expect(await posted(after, url, form)).toBe('presentation/wrong-state')
    await second.close()
  })

  test('H1: what cannot be checked now may be sent again, and then counts once', async () => {
    const { id, uri } = await world.ask()
    const { url, form } = await capture(world, uri)
    const down = {
      ...world.party.verifier,
      chain: {
        ...world.party.verifier.chain,
        view: async () => {
          throw new OutsideError('chain/unreachable')
        },
      },
    }
    expect(await posted({ ...world.party, verifier: down }, url, form)).toBe('chain/unreachable')
    expect((await stateOf(id)).state).toBe('scanned')
    expect(await posted(world.party, url, form)).toBe('accepted')
    expect(await posted(world.party, url, form)).toBe('presentation/wrong-state')
  })

  test('an answer to a request that is over, or that never was, is refused', async () => {
    const { id, uri } = await world.ask({ expiresIn: 30 })
    const { url, form } = await capture(world, uri)
    world.clock.skewMs = 31_000
    expect(await posted(world.party, url, form)).toBe('presentation/request-expired')
    expect((await stateOf(id)).state).toBe('expired')
    const late = await answerOf(world.party, { url: url.replace('/responses/', '/requests/') })
    expect(late.status).toBe(400)
    world.clock.skewMs = 0
    const unknown = url.replace(/[^/]+$/, 'A'.repeat(43))
    expect(await posted(world.party, unknown, form)).toBe('presentation/unknown-request')
  })

  test.each([
    ['another state', { state: 'another-state' }, 'presentation/bad-response'],
    ['no state', { state: '' }, 'presentation/bad-response'],
    ['no vp_token', { vp_token: 'null' }, 'presentation/bad-response'],
    ['a list', { vp_token: '[]' }, 'presentation/bad-response'],
    ['a string for a list', { vp_token: '{"degree":"x"}' }, 'presentation/bad-response'],
    ['an empty list', { vp_token: '{"degree":[]}' }, 'presentation/bad-response'],
    [
      'a member twice',
      { vp_token: '{"degree":["a"],"degree":["b"]}' },
      'presentation/bad-response',
    ],
    [
      '17 presentations',
      { vp_token: JSON.stringify({ degree: Array(17).fill('x') }) },
      'presentation/bad-response',
    ],
    [
      'a bad proof beside it',
      { anchor_proofs: '{"degree":[{"sequence":-1}]}' },
      'presentation/bad-response',
    ],
    ['an encrypted one that was not asked for', { response: 'x.y.z' }, 'presentation/bad-response'],
  ])('what is no answer at all (%s) leaves the request open', async (_what, change, code) => {
    const { id, uri } = await world.ask()
    const { url, form } = await capture(world, uri)
    expect(await posted(world.party, url, { ...form, ...change })).toBe(code)
    expect((await stateOf(id)).state).toBe('scanned')
    expect(await posted(world.party, url, form)).toBe('accepted')
  })
})

describe('an answer is bound to this verifier, this request and this holder', () => {
  test('the same binding, made by the holder for this very request, is accepted', async () => {
    const { id, code } = await answered(async (t) => ({ degree: [await bound(await held(), t)] }))
    // Without its proof the anchor cannot be found, so nothing is certain: accepted, and not verified.
    expect(code).toBe('accepted')
    expect(await failures(id)).toEqual([])
  })

  test('H2: an answer relayed to another verifier is refused', async () => {
    const { uri } = await world.ask({ prefix: 'x509_hash' })
    const { form } = await capture(world, uri)
    const other = await world.ask({ prefix: 'decentralized_identifier' })
    const url = other.requestUri!.replace('/requests/', '/responses/')
    expect(await posted(world.party, url, form)).toBe('presentation/bad-response')
    const { stateParameter } = await readTransaction(world.party, other.id)
    const forged = { ...form, state: stateParameter }
    expect(await posted(world.party, url, forged)).toBe('holder/wrong-audience')
    expect(await stateOf(other.id)).toMatchObject({ state: 'refused', outcome: 'invalid' })
    expect((await readResult(world.party, other.id)).result!.claims).toEqual({})
  })

  test('H2: only the full client id is the audience, for every prefix', async () => {
    for (const prefix of clientIdPrefixes) {
      const { id, clientId } = await world.ask({ prefix })
      const { nonce } = await readTransaction(world.party, id)
      for (const audience of [
        clientId.slice(clientId.indexOf(':') + 1),
        `${clientId}/`,
        clientId.toUpperCase(),
        'https://verifier.example',
        ...clientIdPrefixes.filter((one) => one !== prefix).map((one) => `${one}:x`),
      ]) {
        const question = { kind: 'presentation', nonce, audience: clientId } as const
        const token = await bound(await held(), { nonce, audience })
        const verdict = verify(
          await gather(world.party.verifier, token),
          world.party.policyOf(world.now(), question),
        )
        expect(verdict.credentials[0]!.checks).toContainEqual(
          expect.objectContaining({ name: 'holderBinding', code: 'holder/wrong-audience' }),
        )
      }
    }
  })

  test('H1: an answer to another nonce is refused', async () => {
    const { id } = await answered(async (t) => ({
      degree: [await bound(await held(), { ...t, nonce: 'another-nonce-that-was-asked' })],
    }))
    expect(await failures(id)).toContain('holder/wrong-nonce')
  })

  test('H3: a stripped key binding is refused', async () => {
    const { id, code } = await answered(async (t) => {
      const token = await bound(await held(), t)
      return { degree: [token.slice(0, token.lastIndexOf('~') + 1)] }
    })
    expect(code).toBe('holder/missing')
    expect(await stateOf(id)).toMatchObject({ state: 'refused' })
  })

  test('H3: an old key binding and one from the future are refused', async () => {
    const seconds = Math.floor(world.now().getTime() / 1000)
    for (const [iat, code] of [
      [seconds - 301, 'holder/too-old'],
      [seconds + 3600, 'holder/from-the-future'],
    ] as const) {
      const { id } = await answered(async (t) => ({
        degree: [await bound(await held(), t, { payload: { iat } })],
      }))
      expect(await failures(id)).toContain(code)
    }
  })

  test('H3: a key binding over other disclosures (sd_hash) is refused', async () => {
    const { id } = await answered(async (t) => ({
      degree: [await bound(await held(), t, { over: 'something else~' })],
    }))
    expect(await failures(id)).toContain('holder/other-credential')
  })

  test('H3, H4: a key binding by another holder’s key is refused', async () => {
    const other = await world.hold({ type: 'title' })
    const { id } = await answered(async (t) => ({
      degree: [await bound(await held(), t, { by: other })],
    }))
    expect(await failures(id)).toContain('holder/bad-signature')
  })

  test('a key binding under alg none, or another typ, is refused', async () => {
    for (const header of [
      { alg: 'none', typ: 'kb+jwt' },
      { alg: 'ES256', typ: 'vp+jwt' },
      { alg: 'ES256' },
    ] as JsonObject[]) {
      const { id, code } = await answered(async (t) => ({
        degree: [await bound(await held(), t, { header })],
      }))
      expect(['credential/alg-not-allowed', 'credential/wrong-typ']).toContain(code)
      expect(await stateOf(id)).toMatchObject({ state: 'refused', outcome: 'invalid' })
    }
  })

  test('H4: certificates of two holders are refused where one holder was asked for, and else not', async () => {
    const title = await world.hold({ type: 'title' })
    const dcql = {
      credentials: [
        ...(nameQuery as { credentials: Json[] }).credentials,
        { id: 'title', format: 'dc+sd-jwt', meta: { vct_values: [titleUri] } },
      ],
    }
    const both = (sameHolder: boolean) => async () => {
      const { id, uri } = await world.ask({ dcql, sameHolder })
      const { url, form } = await capture(world, uri, { degree: ['name'] })
      return { id, code: await posted(world.party, url, form) }
    }
    expect((await both(false)()).code).toBe('accepted')
    const refused = await both(true)()
    expect(refused.code).toBe('holder/different-holders')
    expect(await stateOf(refused.id)).toMatchObject({ state: 'refused' })
    await world.holder.store.remove(title)
  })
})

describe('an answer must be what was asked for', () => {
  test('another certificate, too little of it, one too many, or one under another query is refused', async () => {
    const title = await world.hold({ type: 'title' })
    const degree = (await world.holder.store.list()).find(
      ({ token }) => parseCredential(token).certificateType === degreeUri,
    )!
    const asking = async (dcql: Json, change: (vp: { degree: string[] }) => Json) => {
      const { id, uri } = await world.ask({ dcql })
      const { url, form } = await capture(world, uri)
      const vp_token = JSON.stringify(change(JSON.parse(form.vp_token!)))
      return {
        id,
        code: await posted(world.party, url, { ...form, vp_token, anchor_proofs: '{}' }),
      }
    }
    const moved = await asking(nameQuery, ({ degree: [token] }) => ({ title: [token!] }))
    expect(moved.code).toBe('presentation/not-answered')
    const twice = await asking(nameQuery, ({ degree: [token] }) => ({ degree: [token!, token!] }))
    expect(twice.code).toBe('presentation/duplicate')
    expect(await stateOf(moved.id)).toMatchObject({ state: 'refused' })
    const less = await answered(async (t) => {
      const token = await bound(degree.id, t)
      const bare = `${token.split('~')[0]}~`
      const payload = { sd_hash: sha256Base64url(bare) }
      const whole = await bound(degree.id, t, { payload })
      return { degree: [`${bare}${whole.slice(whole.lastIndexOf('~') + 1)}`] }
    })
    expect(less.code).toBe('presentation/not-answered')
    await world.holder.store.remove(title)
  })

  test('a revoked certificate is refused, and its claims are not kept', async () => {
    const other = await presentationWorld()
    try {
      const fingerprint = await other.hold()
      await changeStatus(other.issuing.issuer, {
        of: { fingerprint },
        to: 'revoked',
        grounds: {
          reason: 'sample',
          legalBasis: 'sample regulation, article 1',
          operator: 'clerk-1',
          approver: 'clerk-2',
        },
      })
      await anchorAll(other.issuing)
      const { id, uri } = await other.ask()
      const { url, form } = await capture(other, uri)
      expect(await posted(other.party, url, form)).toBe('status/revoked')
      const { transaction, result } = await readResult(other.party, id)
      expect(transaction).toMatchObject({ state: 'refused', outcome: 'invalid' })
      expect(result!.claims).toEqual({})
    } finally {
      await other.pool.close()
    }
  })

  test('H7: a query above its limits is refused before anything is stored', async () => {
    const claims = Array.from({ length: 101 }, (_, i) => ({ path: [`c${i}`] }))
    const many = Array.from({ length: 17 }, (_, i) => ({
      id: `q${i}`,
      format: 'dc+sd-jwt',
      meta: { vct_values: [degreeUri] },
    }))
    for (const dcql of [
      { credentials: many },
      { credentials: [{ ...many[0], claims }] },
      { credentials: [{ ...many[0], require_cryptographic_holder_binding: false }] },
      { credentials: [] },
      {},
    ] as Json[]) {
      await expect(world.ask({ dcql })).rejects.toMatchObject({ code: 'presentation/bad-request' })
    }
    for (const rest of [
      { purpose: '' },
      { purpose: 'x'.repeat(201) },
      { expiresIn: 901 },
      { expiresIn: 0 },
    ]) {
      await expect(world.ask(rest)).rejects.toMatchObject({ code: 'presentation/bad-request' })
    }
  })
})

describe('an encrypted answer', () => {
  test('is read only if it is encrypted to the key of this request, uncompressed, as asked', async () => {
    const first = await world.ask({ mode: 'direct_post.jwt' })
    const second = await world.ask({ mode: 'direct_post.jwt' })
    const a = await capture(world, first.uri)
    const b = await capture(world, second.uri)
    expect(await posted(world.party, a.url, b.form)).toBe('presentation/bad-response')
    expect(await posted(world.party, a.url, { response: `${a.form.response}x` })).toBe(
      'presentation/bad-response',
    )
    const { responseKey, stateParameter } = await readTransaction(world.party, first.id)
    const plain = JSON.stringify({ vp_token: { degree: ['x'] }, state: stateParameter })
    expect(
      await posted(world.party, a.url, { vp_token: '{"degree":["x"]}', state: stateParameter }),
    ).toBe('presentation/bad-response')
    const { kty, crv, x, y } = responseKey!.publicJwk as Record<string, string>
    for (const header of [
      { alg: 'ECDH-ES+A128KW', enc: 'A128GCM' },
      { alg: 'ECDH-ES', enc: 'A128CBC-HS256' },
      { alg: 'ECDH-ES', enc: 'A128GCM', kid: 'another' },
    ]) {
      const key = await importJWK({ kty: kty!, crv: crv!, x: x!, y: y! }, header.alg)
      const response = await new CompactEncrypt(new TextEncoder().encode(plain))
        .setProtectedHeader(header)
        .encrypt(key)
      expect(await posted(world.party, a.url, { response })).toBe('presentation/bad-response')
    }
    expect(await posted(world.party, a.url, a.form)).toBe('accepted')
    expect((await readTransaction(world.party, first.id)).responseKey).toBeUndefined()
  })
})

describe('who began a request in another browser learns nothing', () => {
  test('H5: the result needs the response code that only the answering browser gets', async () => {
    const { id, uri } = await world.ask({ redirectUri: 'https://verifier.example/back' })
    const { url, form } = await capture(world, uri)
    const body = new URLSearchParams(form).toString()
    const answer = await answerOf(world.party, { url, method: 'POST', body })
    const { redirect_uri: back } = JSON.parse(Buffer.from(answer.body).toString())
    expect(back).toMatch(/^https:\/\/verifier\.example\/back#response_code=[\w-]{43}$/)
    const code = back.split('=')[1]
    const without = await readResult(world.party, id)
    expect(without).toMatchObject({ needsCode: true, result: undefined })
    expect(without.transaction.state).toBe('verified')
    for (const wrong of ['A'.repeat(43), `${code}x`, '']) {
      await expect(readResult(world.party, id, wrong)).rejects.toMatchObject({
        code: 'presentation/wrong-code',
      })
    }
    expect((await readResult(world.party, id, code)).result!.verdict).toMatchObject({
      outcome: 'valid',
    })
  })

  test('a refusal needs no code: it tells nothing of a person', async () => {
    const { id, requestUri } = await world.ask({ redirectUri: 'https://verifier.example/back' })
    const { nonce, stateParameter } = await readTransaction(world.party, id)
    const token = await bound(await held(), { nonce, audience: 'another' })
    const url = requestUri!.replace('/requests/', '/responses/')
    const vp_token = JSON.stringify({ degree: [token] })
    expect(await posted(world.party, url, { vp_token, state: stateParameter })).toBe(
      'holder/wrong-audience',
    )
    const { result, needsCode } = await readResult(world.party, id)
    expect(needsCode).toBe(false)
    expect(result).toMatchObject({ verdict: { outcome: 'invalid' }, claims: {} })
  })

  test('H5: before there is an answer no code is right', async () => {
    const { id } = await world.ask({ redirectUri: 'https://verifier.example/back' })
    await expect(readResult(world.party, id, 'A'.repeat(43))).rejects.toMatchObject({
      code: 'presentation/wrong-code',
    })
  })

  test.each([
    'http://verifier.example/',
    'javascript:alert(1)',
    'https://a:b@verifier.example/',
    'back',
    'https://verifier.example/#x',
  ])('a browser is never sent to %s', async (redirectUri) => {
    await expect(world.ask({ redirectUri })).rejects.toMatchObject({
      code: 'presentation/bad-request',
    })
  })
})

describe('what was shown is kept briefly', () => {
  test('I8: verdict and claims are gone after the retention; what became of the request stays', async () => {
    const { id, uri } = await world.ask()
    const { url, form } = await capture(world, uri)
    await posted(world.party, url, form)
    const raw = await world.store.sessions.get(world.party.department, 'vp-result', id, world.now())
    expect(JSON.stringify(raw)).not.toContain(world.sampleDegree(1).name)
    const { result } = await readResult(world.party, id)
    expect(result!.keptUntil.getTime() - world.now().getTime()).toBe(600_000)
    world.clock.skewMs = 600_001
    expect(await readResult(world.party, id)).toMatchObject({
      transaction: { state: 'verified' },
      result: undefined,
    })
    await world.store.sessions.purge(world.now())
    world.clock.skewMs = 0
    expect((await readResult(world.party, id)).result).toBeUndefined()
  })
})
