import { Resolver } from 'did-resolver'
import { describe, expect, test } from 'vitest'
import { generateKeyPair } from '#primitives'
import { didDocument } from '../../src/identity/document.ts'
import { type Erc1056Event, foldErc1056 } from '../../src/identity/erc1056.ts'
import { jwkOfMultikey, multikeyAttribute, multikeyValue } from '../../src/identity/multikey.ts'
import { getResolver } from '../../src/identity/resolver.ts'
import { bytesFromHex, hex } from '../../src/primitives/bytes.ts'

const address = `0x${'ab12'.repeat(10)}`
const did = `did:ethr:0x4d2:${address}`
const time = (block: number) => new Date(1_900_000_000_000 + block * 1000)
const seconds = (block: number) => BigInt(1_900_000_000 + block)
const bytes32 = (name: string) => `0x${Buffer.from(name).toString('hex').padEnd(64, '0')}`

function attribute(block: number, name: string, value: string, until: bigint, logIndex = 0) {
  return {
    event: 'DIDAttributeChanged',
    block,
    time: time(block),
    logIndex,
    name: name.startsWith('0x') ? name : bytes32(name),
    value,
    validTo: until,
  } as const
}

function resolverOf(events: readonly Erc1056Event[], head = 1000) {
  const source = {
    history: async () => ({ head: { number: head, time: time(head) }, events }),
    blockTime: async (block: number) => time(block),
  }
  return new Resolver(getResolver({ chainId: 0x4d2, source }))
}

const document = (events: readonly Erc1056Event[], at = 1000) =>
  didDocument(did, 0x4d2, foldErc1056(address, events, time(at)))

describe('the fold', () => {
  test('identifiers are stable: revoked and ended entries, and unreadable ones, keep their number', () => {
    // The example of the method specification, "id properties of entries".
    const far = seconds(9999)
    const key = (byte: string) => `0x02${byte.repeat(32)}`
    const veriKey = 'did/pub/Secp256k1/veriKey'
    const delegate = (block: number, validTo: bigint, which: string) =>
      ({
        event: 'DIDDelegateChanged',
        block,
        time: time(block),
        logIndex: 0,
        delegateType: bytes32('veriKey'),
        delegate: `0x${which.repeat(20)}`,
        validTo,
      }) as const
    const events = [
      attribute(1, veriKey, key('01'), far),
      attribute(2, veriKey, key('02'), far),
      delegate(3, seconds(10), '0a'),
      attribute(
        4,
        'did/svc/HubService',
        `0x${Buffer.from('https://hub.example').toString('hex')}`,
        far,
      ),
      attribute(5, veriKey, key('01'), 0n),
      delegate(6, far, '0b'),
    ]
    const ids = (at: number) =>
      document(events, at).verificationMethod?.map(({ id }) => id.split('#')[1])
    expect(ids(7)).toEqual(['controller', 'delegate-2', 'delegate-3', 'delegate-5'])
    expect(ids(9)).toContain('delegate-3')
    expect(ids(10)).toEqual(['controller', 'delegate-2', 'delegate-5'])
    expect(document(events).service).toEqual([
      { id: `${did}#service-1`, type: 'HubService', serviceEndpoint: 'https://hub.example' },
    ])
    // A malformed key attribute counts as well, before and after its end.
    const odd = [
      attribute(1, 'did/pub/odd-name', '0x00', seconds(5)),
      attribute(2, veriKey, key('01'), far),
    ]
    for (const at of [3, 8]) {
      expect(document(odd, at).verificationMethod?.[1]?.id).toBe(`${did}#delegate-2`)
    }
  })

  test('the order of events is the chain’s, however they are given', () => {
    const { publicJwk } = generateKeyPair()
    const value = `0x${hex(multikeyValue(publicJwk))}`
    const set = attribute(5, multikeyAttribute, value, seconds(9999), 3)
    const unset = attribute(5, multikeyAttribute, value, 0n, 4)
    expect(document([unset, set]).verificationMethod).toHaveLength(1)
    expect(document([{ ...set, logIndex: 5 }, unset]).verificationMethod).toHaveLength(2)
  })

  test('a Multikey value that is no key is left out', () => {
    const good = multikeyValue(generateKeyPair().publicJwk)
    expect(jwkOfMultikey(good)).toMatchObject({ crv: 'P-256' })
    for (const value of [good.subarray(0, 34), new Uint8Array([...good, 0]), new Uint8Array(35)]) {
      const events = [attribute(1, multikeyAttribute, `0x${hex(value)}`, seconds(9999))]
      expect(document(events).verificationMethod).toHaveLength(1)
    }
    expect(() => jwkOfMultikey(bytesFromHex(`8024${'ff'.repeat(33)}`))).toThrow(
      expect.objectContaining({ code: 'credential/bad-key' }),
    )
  })

  test('encryption keys are for agreement only, and go when revoked', () => {
    const value = `0x${'07'.repeat(32)}`
    const set = attribute(1, 'did/pub/X25519/enc', value, seconds(9999))
    const added = document([set])
    expect(added.keyAgreement).toEqual([`${did}#delegate-1`])
    expect(added.assertionMethod).toEqual([`${did}#controller`])
    expect(
      document([set, attribute(2, 'did/pub/X25519/enc', value, 0n)]).keyAgreement,
    ).toBeUndefined()
  })

  test('names that are not UTF-8, and values that are no text, break nothing', () => {
    const events = [
      attribute(1, `0x${'ff'.repeat(32)}`, '0x00', seconds(9999)),
      attribute(2, 'did/svc/Hub', '0xfffe', seconds(9999)),
      attribute(3, 'other', '0x00', seconds(9999)),
    ]
    expect(document(events).service).toBeUndefined()
  })
})

describe('the resolver', () => {
  const errorOf = async (url: string, options = {}) =>
    (await resolverOf([]).resolve(url, options)).didResolutionMetadata.error

  test('C5: nothing that it does not understand resolves to the latest version', async () => {
    for (const query of [
      'versionId=abc',
      'versionId=12abc',
      'versionTime=now',
      'x=1',
      'versionId=1&versionId=2',
    ]) {
      expect(await errorOf(`${did}?${query}`), query).toBe('invalidDidUrl')
    }
    expect(await errorOf(`${did}?versionId=1`, { versionTime: '2026-11-22T08:00:00Z' })).toBe(
      'invalidDidUrl',
    )
    expect(await errorOf(did, { versionId: 'abc' })).toBe('invalidDidUrl')
    expect(await errorOf(`${did};x=1`)).toBe('invalidDidUrl')
    expect(await errorOf(`${did}/path`)).toBe('invalidDidUrl')
    expect(await errorOf(did, { accept: 'text/html' })).toBe('representationNotSupported')
  })

  test('C9: twins of a DID and other chains are not resolved', async () => {
    expect(await errorOf('did:ethr:0x4d2:0xAB12ab12ab12ab12ab12ab12ab12ab12ab12ab12')).toBe(
      'invalidDid',
    )
    expect(await errorOf(`did:ethr:0x4d2:0x${'0'.repeat(40)}`)).toBe('invalidDid')
    expect(await errorOf(`did:ethr:${address}`)).toBe('invalidDid')
    expect(await errorOf(`did:ethr:0x4d3:${address}`)).toBe('unknownNetwork')
  })

  test('a version that the chain has not reached is not found', async () => {
    expect(await errorOf(`${did}?versionId=1000`)).toBeUndefined()
    expect(await errorOf(`${did}?versionId=1001`)).toBe('notFound')
    const ahead = time(1001).toISOString().replace('.000', '')
    expect(await errorOf(`${did}?versionTime=${ahead}`)).toBe('notFound')
  })

  test('C4: what ends is judged by the last final block, not by the clock here', async () => {
    // This block lies in 2030, the key ended one second before it: any clock of today would show it.
    const value = `0x${hex(multikeyValue(generateKeyPair().publicJwk))}`
    const ended = resolverOf([attribute(1, multikeyAttribute, value, seconds(999))])
    expect((await ended.resolve(did)).didDocument?.verificationMethod).toHaveLength(1)
    const holds = resolverOf([attribute(1, multikeyAttribute, value, seconds(1001))])
    expect((await holds.resolve(did)).didDocument?.verificationMethod).toHaveLength(2)
  })

  test('C6: 20,000 changes resolve at once, a history without end is refused', async () => {
    const long = (count: number) =>
      Array.from({ length: count }, (_, i) =>
        attribute(i % 900, 'did/svc/Hub', `0x${'00'.repeat(i % 40)}`, seconds(9999), i),
      )
    const resolver = resolverOf(long(20_000))
    await resolver.resolve(did)
    // Processor time: the machine may be busy with other things.
    const start = process.cpuUsage()
    expect((await resolver.resolve(did)).didResolutionMetadata.error).toBeUndefined()
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1000).toBeLessThan(400)
    expect((await resolverOf(long(100_001)).resolve(did)).didResolutionMetadata.error).toBe(
      'internalError',
    )
  })

  test('C12: nothing is cached, so a revocation shows in the next answer', async () => {
    const value = `0x${hex(multikeyValue(generateKeyPair().publicJwk))}`
    const events: Erc1056Event[] = [attribute(1, multikeyAttribute, value, seconds(9999))]
    const resolver = resolverOf(events)
    expect((await resolver.resolve(did)).didDocument?.assertionMethod).toHaveLength(2)
    events.push(attribute(900, multikeyAttribute, value, 0n))
    expect((await resolver.resolve(did)).didDocument?.assertionMethod).toHaveLength(1)
  })

  test('a failing source is an error, not an empty document', async () => {
    const source = {
      history: async () => {
        throw new Error('gone')
      },
      blockTime: async () => undefined,
    }
    const result = await new Resolver(getResolver({ chainId: 0x4d2, source })).resolve(did)
    expect(result.didResolutionMetadata.error).toBe('internalError')
    expect(result.didDocument).toBeNull()
  })
})
