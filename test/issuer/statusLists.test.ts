import { afterAll, describe, expect, test } from 'vitest'
import { generateKeyPair } from '#primitives'
import { createPool } from '../../src/adapters/keys/pool.ts'
import { localSigner } from '../../src/adapters/keys/signer.ts'
import { type Code, InputError, OutsideError } from '../../src/errors.ts'
import { thumbprint } from '../../src/identity/thumbprint.ts'
import { issue } from '../../src/issuer/issue.ts'
import type { ListWish } from '../../src/issuer/listModel.ts'
import { publishLists } from '../../src/issuer/statusLists.ts'
import type { Chain, ChainView } from '../../src/ports/chain.ts'
import { degreeRequest, newWorld } from '../support/issuer.ts'
import { entryOf, tokenStatus } from '../support/listDecoder.ts'

const address = `0x${'d1'.repeat(20)}`
const did = `did:ethr:0x1c8e:${address}`
const base = 'https://lists.example/status-lists'
const uri = `${base}/${address}/0/token`
const wish: ListWish = { list: 0, kind: 'token', form: 'application/statuslist+jwt' }
const start = new Date('2026-11-22T08:00:00Z')
const pool = createPool(1)
afterAll(() => pool.close())

/** A chain of words that a test sets, and a department that publishes from it. */
function published(options: { readonly purpose?: 'status' | 'assertion' } = {}) {
  const { privateJwk, publicJwk } = generateKeyPair()
  const key = {
    did,
    kid: `${did}#delegate-2`,
    thumbprint: thumbprint(publicJwk),
    jwk: publicJwk,
    alg: 'ES256',
    purpose: 'status' as const,
    x5c: [],
  }
  const state = {
    now: start,
    block: 1,
    words: new Map<number, bigint>(),
    retiredAt: undefined as Date | undefined,
    isDown: false,
    readings: 0,
  }
  const view = () =>
    ({
      block: { number: state.block, hash: `0x${state.block}`, time: state.now },
      key: async () => ({ purpose: options.purpose ?? 'status', retiredAt: state.retiredAt }),
      statusWord: async (_: string, list: number, word: number) => {
        state.readings += 1
        return list === 0 ? (state.words.get(word) ?? 0n) : 0n
      },
    }) as unknown as ChainView
  const chain: Pick<Chain, 'view'> = {
    view: async (at) => {
      if (state.isDown) throw new OutsideError('chain/unreachable')
      if (at !== undefined && at < start) throw new InputError('chain/before-genesis')
      return view()
    },
  }
  const lists = publishLists({
    department: { did, address },
    signer: localSigner(key, privateJwk, pool),
    chain: chain as Chain,
    base,
    newestList: async () => 1,
    clock: () => state.now,
  })
  const later = (seconds: number) => {
    state.now = new Date(state.now.getTime() + seconds * 1000)
  }
  const change = (word: number, value: bigint) => {
    state.block += 1
    state.words.set(word, value)
  }
  const statusAt = (body: string, idx: number) =>
    tokenStatus(body, { uri, idx }, publicJwk as never, state.now)
  return { lists, state, later, change, statusAt }
}

test('I3: places of certificates issued one after another tell nothing of that order', async () => {
  const count = 400
  const { issuer } = await newWorld()
  const requests = Array.from({ length: count }, (_, number) => degreeRequest(number + 1))
  const answers = await Array.fromAsync(issue(issuer, requests))
  const places = answers.flatMap((one) =>
    'credentials' in one ? one.credentials.map(({ status }) => status.index) : [],
  )
  expect(new Set(places).size).toBe(count)
  const middle = (131_072 - 1) / 2
  const product = places.reduce((sum, place, n) => sum + (place - middle) * (n - count / 2), 0)
  const correlation = product / (count * (131_072 / Math.sqrt(12)) * (count / Math.sqrt(12)))
  // Of independent sequences of 400 it has a deviation of 0.05: six of them.
  expect(Math.abs(correlation)).toBeLessThan(0.3)
  // Two random places are neighbours with a probability of 1 in 65,536.
  const neighbours = places.slice(1).filter((place, n) => Math.abs(place - places[n]!) === 1)
  expect(neighbours.length).toBeLessThan(4)
})

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'published' as const,
    (error: { code: Code }) => error.code,
  )

describe('publishing a list', () => {
  test('what the chain says next is in the list that is asked for next', async () => {
    const { lists, change, statusAt } = published()
    const first = await lists.published(wish)
    expect(statusAt(first.body, 128)).toBe(0)
    change(1, 1n)
    const second = await lists.published(wish)
    expect(statusAt(second.body, 128)).toBe(1)
    expect(statusAt(second.body, 129)).toBe(0)
    expect(second.digest).not.toBe(first.digest)
  })

  test('a block that changes nothing leaves the list and its tag as they are', async () => {
    const { lists, state, later } = published()
    const first = await lists.published(wish)
    state.block += 1
    later(299)
    expect((await lists.published(wish)).digest).toBe(first.digest)
    later(1)
    expect((await lists.published(wish)).digest).not.toBe(first.digest)
  })

  test('however many ask at once, the chain is read and the list signed once', async () => {
    const { lists, state } = published()
    const all = await Promise.all(Array.from({ length: 50 }, () => lists.published(wish)))
    expect(new Set(all.map(({ body }) => body)).size).toBe(1)
    expect(state.readings).toBe(1024)
  })

  test('while the chain is away the last list serves until it ends, and its age tells', async () => {
    const { lists, state, later } = published()
    const first = await lists.published(wish)
    expect(await lists.age()).toBe(0)
    state.isDown = true
    later(899)
    expect((await lists.published(wish)).digest).toBe(first.digest)
    expect(await lists.age()).toBe(899_000)
    later(1)
    expect(await refusal(lists.published(wish))).toBe('chain/unreachable')
    expect(await refusal(lists.published({ ...wish, list: 1 }))).toBe('chain/unreachable')
  })

  test('with a key that ended, or one for something else, nothing is published', async () => {
    const { lists, state } = published()
    await lists.published(wish)
    state.retiredAt = start
    expect(await refusal(lists.published(wish))).toBe('status/list-unavailable')
    expect(await refusal(lists.published({ ...wish, at: start }))).toBe('status/list-unavailable')
    expect(await refusal(lists.age())).toBe('status/list-unavailable')
    const other = published({ purpose: 'assertion' })
    expect(await refusal(other.lists.published(wish))).toBe('status/list-unavailable')
  })

  test('a list that no certificate stands in, and a time that never was, are refused', async () => {
    const { lists, state } = published()
    expect(await refusal(lists.published({ ...wish, list: 1 }))).toBe('published')
    expect(await refusal(lists.published({ ...wish, list: 2 }))).toBe('status/no-list')
    const before = new Date(start.getTime() - 1)
    expect(await refusal(lists.published({ ...wish, at: before }))).toBe('status/no-such-time')
    const ahead = new Date(state.now.getTime() + 1000)
    expect(await refusal(lists.published({ ...wish, at: ahead }))).toBe('status/no-such-time')
  })

  test('a list has 131,072 entries and says how long it may be kept', async () => {
    const { lists } = published()
    const { body, maxAge } = await lists.published(wish)
    const payload = JSON.parse(Buffer.from(body.split('.')[1]!, 'base64url').toString())
    const seconds = start.getTime() / 1000
    expect(payload).toMatchObject({ sub: uri, iat: seconds, exp: seconds + 900, ttl: 30 })
    expect(maxAge).toBe(30)
    expect(entryOf(payload.status_list, 131_071)).toBe(0)
    expect(() => entryOf(payload.status_list, 131_072)).toThrow('index')
  })
})
