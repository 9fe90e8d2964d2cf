import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openid4vpClient } from '../../services/department/vpClient.ts'
import { nameQuery, type PresentationWorld, presentationWorld } from './world.ts'

let world: PresentationWorld

beforeAll(async () => {
  world = await presentationWorld()
  // The library goes by the clock of this machine.
  world.clock.skewMs = Date.now() - world.now().getTime()
})
afterAll(async () => world.pool.close())

/** What the library makes of our request, fetched without a network. */
async function understood(uri: string) {
  const overWorld: typeof fetch = async (input, init) => {
    const method = init?.method?.toUpperCase() === 'POST' ? 'POST' : 'GET'
    const body = init?.body == null ? undefined : String(init.body)
    const { status, body: bytes } = await world.answer({
      url: String(input instanceof Request ? input.url : input),
      method,
      ...(body !== undefined && { body }),
    })
    return new Response(Buffer.from(bytes), { status })
  }
  const keysOf = (url: string) => world.party.verifier.keysOf(url.split('#')[0]!)
  const client = openid4vpClient(keysOf, overWorld)
  const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: uri })
  return client.resolveOpenId4vpAuthorizationRequest({
    authorizationRequestPayload: params as never,
  })
}

describe('@openid4vc/openid4vp 0.4.6 reads our requests', () => {
  test.each(['x509_san_dns', 'x509_hash', 'decentralized_identifier', 'redirect_uri'] as const)(
    'as %s',
    async (prefix) => {
      for (const mode of ['direct_post', 'direct_post.jwt'] as const) {
        const { uri, clientId } = await world.ask({ prefix, mode })
        const { client, dcql, authorizationRequestPayload } = await understood(uri)
        expect(client).toMatchObject({ prefix, effective: clientId })
        expect(dcql?.query).toEqual(nameQuery)
        expect(authorizationRequestPayload).toMatchObject({ response_mode: mode })
      }
    },
  )

  test('and refuses them under another client id', async () => {
    const { uri } = await world.ask({ prefix: 'x509_san_dns' })
    const url = new URL(uri)
    url.searchParams.set('client_id', 'x509_san_dns:other.example')
    await expect(understood(url.href)).rejects.toThrow(/client_id does not match/)
  })
})
