import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../../src/credential/model.ts'
import { askForPresentation } from '../../../src/openid4vc/presentation/ask.ts'
import { clientIdPrefixes, responseModes } from '../../../src/openid4vc/presentation/model.ts'
import { readResult } from '../../../src/openid4vc/presentation/result.ts'
import { answerRequest, declineRequest } from '../../../src/openid4vc/wallet/answerRequest.ts'
import { degreeUri, type PresentationWorld, presentationWorld, wish } from './world.ts'

let world: PresentationWorld

beforeAll(async () => {
  world = await presentationWorld()
  await world.hold()
})
afterAll(async () => world.pool.close())

describe('a department asks, a holder answers, the department sees verdict and claims', () => {
  const ways = clientIdPrefixes.flatMap((prefix) => responseModes.map((mode) => ({ prefix, mode })))
  test.each(ways)('as $prefix, by $mode', async ({ prefix, mode }) => {
    const { id, uri, clientId } = await world.ask({ prefix, mode })
    expect(clientId.startsWith(`${prefix}:`)).toBe(true)
    const shown = await answerRequest(world.wallet, { requestUri: uri, disclose: ['name'] })
    const isSigned = prefix !== 'redirect_uri'
    expect(shown).toMatchObject({
      purpose: 'sample purpose',
      verifier: { clientId, name: 'Sample department', isSigned, isDepartment: isSigned },
      presented: [{ query: 'degree', disclosed: [['name']] }],
    })
    const { transaction, result } = await readResult(world.party, id)
    expect(transaction).toMatchObject({ state: 'verified', outcome: 'valid', reason: undefined })
    expect(transaction.history.map(({ state }) => state)).toEqual(
      isSigned
        ? ['waiting', 'scanned', 'answered', 'verified']
        : ['waiting', 'answered', 'verified'],
    )
    expect(result!.verdict).toMatchObject({ outcome: 'valid' })
    const [one] = result!.claims.degree as { type: string; claims: object }[]
    expect(one).toMatchObject({ type: degreeUri, claims: { name: world.sampleDegree(1).name } })
    expect(one!.claims).not.toHaveProperty('sex')
    expect(one!.claims).not.toHaveProperty('birth_date')
  })

  test('a wallet that fetches by POST finds its nonce in the signed request', async () => {
    const { id, uri } = await world.ask({ requestUriMethod: 'post' })
    await answerRequest(world.wallet, { requestUri: uri, disclose: ['name'] })
    expect((await readResult(world.party, id)).transaction.state).toBe('verified')
    expect(world.asked.filter(({ url }) => url.includes('/requests/')).at(-1)).toMatchObject({
      method: 'POST',
    })
  })

  test('a service on a loopback address goes by localhost, if its certificate says so', async () => {
    const baseUrl = new URL('http://127.0.0.1:4001/')
    const { signer } = await world.requestSigner({ dnsName: 'localhost' })
    const asking = (signs: typeof signer) =>
      askForPresentation(
        { ...world.party, baseUrl, signer: signs },
        wish({ prefix: 'x509_san_dns' }),
        'clerk',
      )
    const { clientId, requestUri } = await asking(signer)
    expect(clientId).toBe('x509_san_dns:localhost')
    expect(requestUri).toMatch(/^http:\/\/localhost:4001\/openid4vp\/requests\//)
    await expect(asking(world.party.signer!)).rejects.toMatchObject({
      code: 'presentation/no-request-key',
    })
  })

  test('the address of the request object alone is enough for a wallet', async () => {
    const { id, requestUri } = await world.ask()
    await answerRequest(world.wallet, { requestUri: requestUri!, disclose: ['name'] })
    expect((await readResult(world.party, id)).transaction.state).toBe('verified')
  })

  test('a request may be fetched again until it is answered, and not after', async () => {
    const { uri, requestUri } = await world.ask()
    const once = await world.answer({ url: requestUri! })
    expect(once.status).toBe(200)
    expect((await world.answer({ url: requestUri! })).status).toBe(200)
    await answerRequest(world.wallet, { requestUri: uri, disclose: ['name'] })
    const late = await world.answer({ url: requestUri! })
    expect(JSON.parse(Buffer.from(late.body).toString())).toEqual({
      error_description: 'presentation/wrong-state',
    })
  })

  test('a holder who declines is told apart from one who never answered, and nothing else is known', async () => {
    const { id, uri } = await world.ask({ mode: 'direct_post.jwt' })
    // An error may come unencrypted, OpenID4VP 1.0 section 8.3.1; ours is encrypted too.
    await declineRequest(world.wallet, uri)
    const { transaction, result } = await readResult(world.party, id)
    expect(transaction).toMatchObject({ state: 'refused', reason: 'presentation/declined' })
    expect(result).toBeUndefined()
  })

  test.each([
    {
      format: 'vc+jwt' as const,
      asked: 'jwt_vc_json',
      meta: { type_values: [['DegreeCertificate']] },
    },
    {
      format: 'jwt_vc' as const,
      asked: 'jwt_vc_json',
      meta: { type_values: [['DegreeCertificate']] },
    },
    { format: 'vc+sd-jwt' as const, asked: 'vc+sd-jwt', meta: { vct_values: [degreeUri] } },
  ])('in the format $format', async ({ format, asked, meta }) => {
    const other = await presentationWorld()
    try {
      await other.hold({ format })
      const fields = Object.keys(other.sampleDegree(1))
      const claims = fields.map((name) => ({ path: ['credentialSubject', name] }))
      const dcql = {
        credentials: [{ id: 'degree', format: asked, meta, claims }],
      } as unknown as Json
      const { id, uri } = await other.ask({ dcql })
      const disclose = fields.map((name) => [name])
      await answerRequest(other.wallet, { requestUri: uri, disclose })
      const { transaction, result } = await readResult(other.party, id)
      expect(transaction).toMatchObject({ state: 'verified', outcome: 'valid' })
      const [one] = result!.claims.degree as { claims: object }[]
      expect(one!.claims).toMatchObject(other.sampleDegree(1))
    } finally {
      await other.pool.close()
    }
  })
})

test('the audit log says who asked for which certificate type for which purpose, and nobody’s name', async () => {
  const { id, uri } = await world.ask({ purpose: 'sample grant' })
  await answerRequest(world.wallet, { requestUri: uri, disclose: ['name'] })
  const lines = (await world.store.audit.scan(0, 1000)).map(({ entry }) => entry)
  const own = lines.filter(({ subject }) => subject === id)
  expect(own).toMatchObject([
    {
      actor: 'clerk',
      action: 'presentation-asked',
      detail: { purpose: 'sample grant', types: degreeUri },
    },
    { actor: 'wallet', action: 'presentation-received', detail: { outcome: 'verified' } },
  ])
  expect(JSON.stringify(lines)).not.toContain(world.sampleDegree(1).name)
})
