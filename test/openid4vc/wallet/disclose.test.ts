import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../../src/credential/model.ts'
import { parseCredential } from '../../../src/credential/parse.ts'
import { answerRequest } from '../../../src/openid4vc/wallet/answerRequest.ts'
import { parsePresentation } from '../../../src/presentation/parsePresentation.ts'
import {
  capture,
  degreeUri,
  type PresentationWorld,
  plainQuery,
  presentationWorld,
  titleUri,
} from '../presentation/world.ts'

let world: PresentationWorld
let degree: string

beforeAll(async () => {
  world = await presentationWorld()
  degree = await world.hold()
})
afterAll(async () => world.pool.close())

const queryFor = (names: readonly string[], more: object = {}): Json => ({
  credentials: [
    {
      id: 'degree',
      format: 'dc+sd-jwt',
      meta: { vct_values: [degreeUri] },
      ...(names.length > 0 && { claims: names.map((name) => ({ path: [name] })) }),
      ...more,
    },
  ],
})

async function shown(uri: string, disclose: Json | undefined): Promise<string[]> {
  const { form } = await capture(world, uri, disclose as Json)
  const [token] = JSON.parse(form.vp_token!).degree
  const [one] = parsePresentation(token)
  return one!.credential.disclosures.map(({ path }) => path.join('.')).sort()
}

async function refusal(uri: string, disclose?: Json): Promise<string> {
  return answerRequest(world.wallet, { requestUri: uri, disclose }).then(
    () => 'accepted',
    (error) => error.code,
  )
}

describe('the wallet shows what it is told to and what is asked for, never more', () => {
  test('H6: what is shown is what was agreed to, whatever that is', async () => {
    const held = parseCredential((await world.holder.store.get(degree))!.token)
    const names = held.disclosures.map(({ path }) => String(path[0]))
    expect(names).toContain('name')
    await fc.assert(
      fc.asyncProperty(fc.subarray(names), fc.subarray(names), async (asked, agreed) => {
        const { uri } = await world.ask({ dcql: queryFor(asked) })
        const isEnough = asked.every((name) => agreed.includes(name))
        const isAsked = agreed.every((name) => asked.includes(name))
        if (isEnough && isAsked) expect(await shown(uri, agreed)).toEqual([...agreed].sort())
        else {
          expect(await refusal(uri, agreed)).toBe(
            isAsked ? 'presentation/not-answered' : 'presentation/unknown-claim',
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  test('H6: left out, nothing selectively disclosable is shown', async () => {
    const { uri } = await world.ask({ dcql: plainQuery })
    expect(await shown(uri, [])).toEqual([])
    expect(await shown(uri, {})).toEqual([])
    await answerRequest(world.wallet, { requestUri: uri })
    const form = new URLSearchParams(String(world.asked.at(-1)!.body))
    const [token] = JSON.parse(form.get('vp_token')!).degree
    expect(parsePresentation(token)[0]!.credential.disclosures).toEqual([])
  })

  test('of two claim sets the holder may choose', async () => {
    const sets = {
      claims: [
        { id: 'n', path: ['name'] },
        { id: 's', path: ['sex'] },
      ],
      claim_sets: [['n'], ['s']],
    }
    const { uri } = await world.ask({ dcql: queryFor([], sets) })
    expect(await shown(uri, ['sex'])).toEqual(['sex'])
    expect(await shown(uri, ['name'])).toEqual(['name'])
  })

  test('what is not asked for, what is not there and what is no path is refused', async () => {
    const { uri } = await world.ask({ dcql: queryFor(['name']) })
    for (const disclose of [
      ['name', 'sex'],
      ['nothing'],
      ['__proto__'],
      [[]],
      [{}],
      { degree: ['name'], other: [] },
      { degree: { claims: ['name'], more: 1 } },
      'name',
    ] as Json[]) {
      expect(await refusal(uri, disclose)).toBe('presentation/unknown-claim')
    }
    const wrong = { degree: { credential: 'f'.repeat(64), claims: ['name'] } }
    expect(await refusal(uri, wrong)).toBe('holder/not-held')
    const right = { degree: { credential: degree, claims: ['name'] } }
    expect(await refusal(uri, right)).toBe('accepted')
  })

  test('a restricted entry goes to a signed verifier only, and only by its own name', async () => {
    await world.hold({ type: 'title' })
    const dcql = {
      credentials: [
        {
          id: 'title',
          format: 'dc+sd-jwt',
          meta: { vct_values: [titleUri] },
          claims: [{ path: ['holder_document_number'] }],
        },
      ],
    }
    const open = await world.ask({ dcql, prefix: 'redirect_uri' })
    expect(await refusal(open.uri, ['holder_document_number'])).toBe('wallet/restricted-claim')
    const signed = await world.ask({ dcql })
    expect(await refusal(signed.uri)).toBe('presentation/not-answered')
    expect(await refusal(signed.uri, ['holder_document_number'])).toBe('accepted')
  })

  test('of several certificates the one received last is shown, unless one is named', async () => {
    world.clock.skewMs = 5000
    const second = await world.hold()
    world.clock.skewMs = 0
    const first = await world.ask({ dcql: plainQuery })
    const { presented } = await answerRequest(world.wallet, { requestUri: first.uri })
    expect(presented).toMatchObject([{ credential: second }])
    const named = await world.ask({ dcql: plainQuery })
    const disclose = { degree: { credential: degree } }
    const chosen = await answerRequest(world.wallet, { requestUri: named.uri, disclose })
    expect(chosen.presented).toMatchObject([{ credential: degree }])
    await world.holder.store.remove(second)
  })

  test('of credential sets only what is required, or named, is shown', async () => {
    const title = { format: 'dc+sd-jwt', meta: { vct_values: [titleUri] } }
    const dcql = {
      credentials: [
        ...(plainQuery as { credentials: Json[] }).credentials,
        { id: 'title', ...title },
        { id: 'none', format: 'dc+sd-jwt', meta: { vct_values: ['urn:weir:certificate:none:1'] } },
      ],
      credential_sets: [
        { options: [['none'], ['degree']] },
        { options: [['title']], required: false },
      ],
    } as Json
    const first = await world.ask({ dcql })
    const shownBy = async (uri: string, disclose?: Json) =>
      (await answerRequest(world.wallet, { requestUri: uri, disclose })).presented.map(
        ({ query }) => query,
      )
    expect(await shownBy(first.uri)).toEqual(['degree'])
    const second = await world.ask({ dcql })
    expect(await shownBy(second.uri, { title: [] })).toEqual(['degree', 'title'])
  })
})
