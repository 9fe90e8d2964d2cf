import { describe, expect, test } from 'vitest'
import {
  canonicalEthrDid,
  formatEthrDid,
  parseEthrDid,
  parseEthrDidUrl,
} from '../../src/identity/did.ts'

const address = `0x${'ab12'.repeat(10)}`
const did = `did:ethr:0x4d2:${address}`

function codeOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return 'accepted'
}

describe("a department's DID", () => {
  test('reads back what was written', () => {
    expect(formatEthrDid(1234, address.toUpperCase().replace('0X', '0x'))).toBe(did)
    expect(parseEthrDid(did)).toEqual({ did, address, chainId: 1234 })
  })

  test('C9: other spellings and other DIDs are refused, the zero address too', () => {
    const refused = [
      'did:ethr:0x4d2:0xAB12ab12ab12ab12ab12ab12ab12ab12ab12ab12',
      `did:ethr:0x4D2:${address}`,
      `did:ethr:0x04d2:${address}`,
      `did:ethr:0x0:${address}`,
      `did:ethr:1234:${address}`,
      `did:ethr:mainnet:${address}`,
      `did:ethr:${address}`,
      `did:ethr:0x4d2:0x02${'ab'.repeat(32)}`,
      `did:ethr:0x4d2:${address}00`,
      `did:ethr:0x4d2:${address.slice(0, -1)}`,
      `did:ethr:0xffffffffffffffff:${address}`,
      `DID:ethr:0x4d2:${address}`,
      `did:ETHR:0x4d2:${address}`,
      ` ${did}`,
      `${did} `,
      `${did}\n`,
      `${did}#controller`,
      `did:web:example.org`,
      '',
      `${did}${'x'.repeat(10_000)}`,
    ]
    expect(refused.map((one) => codeOf(() => parseEthrDid(one)))).toEqual(
      refused.map(() => 'did/malformed'),
    )
    expect(codeOf(() => parseEthrDid(`did:ethr:0x4d2:0x${'0'.repeat(40)}`))).toBe(
      'did/zero-address',
    )
    expect(codeOf(() => formatEthrDid(0, address))).toBe('did/malformed')
    expect(codeOf(() => formatEthrDid(1.5, address))).toBe('did/malformed')
  })

  test('C9: letter case is made canonical where asked, nothing else is', () => {
    expect(canonicalEthrDid(`did:ethr:0x4D2:0x${'AB12'.repeat(10)}`)).toBe(did)
    expect(codeOf(() => canonicalEthrDid(`did:ethr:0X4d2:${address}`))).toBe('did/malformed')
    expect(codeOf(() => canonicalEthrDid(`did:ethr:0x4d2:0x02${'AB'.repeat(32)}`))).toBe(
      'did/malformed',
    )
    expect(codeOf(() => canonicalEthrDid(`DID:ethr:0x4d2:${address}`))).toBe('did/malformed')
  })
})

describe('a DID URL', () => {
  test('names a key, or a version', () => {
    expect(parseEthrDidUrl(`${did}#delegate-7`)).toMatchObject({ did, fragment: 'delegate-7' })
    expect(parseEthrDidUrl(`${did}#controller`).version).toBeUndefined()
    expect(parseEthrDidUrl(`${did}?versionId=12`).version).toEqual({ block: 12 })
    const time = new Date('2026-11-22T08:00:00Z')
    expect(parseEthrDidUrl(`${did}?versionTime=2026-11-22T08:00:00Z`).version).toEqual({ time })
    expect(parseEthrDidUrl(`${did}?versionTime=2026-11-22T08%3A00%3A00Z#delegate-1`)).toMatchObject(
      {
        version: { time },
        fragment: 'delegate-1',
      },
    )
  })

  test('C5: a version that is not exactly one number or time never means latest', () => {
    const values = ['abc', '12abc', '-1', '1.5', '1e3', '0x10', '012', '', ' 1', '9007199254740993']
    for (const value of values) {
      expect(
        codeOf(() => parseEthrDidUrl(`${did}?versionId=${value}`)),
        value,
      ).toBe('did/bad-version')
    }
    const times = [
      '2026-11-22',
      '2026-11-22T08:00:00',
      '2026-11-22T08:00:00+08:00',
      '2026-11-22T08:00:00.000Z',
      '2026-02-30T00:00:00Z',
      '2026-11-22T24:00:00Z',
      '2026-11-22T08:00:60Z',
      '20261122T080000Z',
      '1795305600',
    ]
    for (const time of times) {
      expect(
        codeOf(() => parseEthrDidUrl(`${did}?versionTime=${time}`)),
        time,
      ).toBe('did/bad-version')
    }
    expect(codeOf(() => parseEthrDidUrl(`${did}?versionId=1&versionId=2`))).toBe('did/bad-version')
    expect(codeOf(() => parseEthrDidUrl(`${did}?versionId`))).toBe('did/bad-version')
  })

  test('C5: unknown parameters, paths and odd fragments are refused', () => {
    for (const query of ['', 'service=x', 'hl=1', 'VersionId=1', 'x=1&versionId=1']) {
      expect(
        codeOf(() => parseEthrDidUrl(`${did}?${query}`)),
        query,
      ).toBe('did/unknown-parameter')
    }
    for (const rest of ['/path', '#', '#a/b', '#a#b', ';x=1', `#${'a'.repeat(65)}`]) {
      expect(
        codeOf(() => parseEthrDidUrl(`${did}${rest}`)),
        rest,
      ).toBe('did/malformed')
    }
  })
})
