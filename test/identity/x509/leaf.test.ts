import { createHash, X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { generateKeyPair } from '#primitives'
import { isWeirError } from '../../../src/errors.ts'
import { thumbprint } from '../../../src/identity/thumbprint.ts'
import {
  certifyKey,
  createDevelopmentAuthority,
  type DevelopmentAuthority,
  issueCrls,
} from '../../../src/identity/x509/authority.ts'
import { type CertificateChain, checkChain } from '../../../src/identity/x509/chain.ts'
import { readLeaf } from '../../../src/identity/x509/leaf.ts'
import { fromPem, toPem } from '../../../src/identity/x509/pem.ts'
import { concat } from '../../../src/primitives/bytes.ts'
import { hasOpenssl, opensslRefusal } from './openssl.ts'

const now = new Date('2026-11-22T08:00:00Z')
const did = `did:ethr:0x4d2:0x${'ab12'.repeat(10)}`
const { publicJwk } = generateKeyPair()

let authority: DevelopmentAuthority
let chain: CertificateChain
beforeAll(async () => {
  authority = await createDevelopmentAuthority({ organisation: '示例区', now, days: 3650 })
  chain = await chainFor(did)
})

async function chainFor(
  subject: string,
  revoked: readonly string[] = [],
): Promise<CertificateChain> {
  const leaf = await certifyKey(authority, {
    did: subject,
    publicJwk,
    organisation: '示例局',
    now,
    days: 365,
  })
  const crls = await issueCrls(authority, { revoked, now, days: 7 })
  return { leaf, intermediates: [authority.intermediate], roots: [authority.root], crls, at: now }
}

const codeOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return isWeirError(error) ? error.code : error
  }
  return 'accepted'
}
const refusalOf = (given: CertificateChain) =>
  checkChain(given).then(
    () => undefined,
    (error) => (isWeirError(error) ? error.code : error),
  )

describe('the development authority', () => {
  test('certifies a key in a form that Weir, node:crypto and openssl read alike', async () => {
    const leaf = readLeaf(chain.leaf)
    const node = new X509Certificate(chain.leaf)
    expect(node.subjectAltName).toBe(`URI:${did}`)
    expect(node.publicKey.export({ format: 'jwk' })).toEqual(publicJwk)
    expect(leaf).toMatchObject({
      did,
      publicJwk,
      thumbprint: thumbprint(publicJwk),
      certificateHash: `0x${createHash('sha256').update(chain.leaf).digest('hex')}`,
      notBefore: node.validFromDate,
      notAfter: node.validToDate,
    })
    expect(leaf.serial.toUpperCase()).toBe(node.serialNumber)
    expect(await refusalOf(chain)).toBeUndefined()
    if (hasOpenssl) expect(opensslRefusal(chain)).toBeUndefined()
  })

  test('names the host of a service beside the DID, and is still the certificate of that DID', async () => {
    const options = { did, publicJwk, organisation: '示例局', now, days: 365 }
    const leaf = await certifyKey(authority, { ...options, dnsName: 'health.example' })
    expect(new X509Certificate(leaf).subjectAltName).toBe(`URI:${did}, DNS:health.example`)
    expect(readLeaf(leaf).did).toBe(did)
    expect(await refusalOf({ ...chain, leaf })).toBeUndefined()
    if (hasOpenssl) expect(opensslRefusal({ ...chain, leaf })).toBeUndefined()
  })

  test('F3: a revoked certificate is refused, here and by openssl; the others stay', async () => {
    const serial = readLeaf(chain.leaf).serial
    const crls = await issueCrls(authority, { revoked: [serial], now, days: 7 })
    expect(await refusalOf({ ...chain, crls })).toBe('certificate/revoked')
    if (hasOpenssl) expect(opensslRefusal({ ...chain, crls })).toContain('revoked')
    expect(await refusalOf({ ...(await chainFor(did)), crls })).toBeUndefined()
  })

  test('F1: what holds today does not hold before, or after its lists and its end', async () => {
    const days = (count: number) => new Date(now.getTime() + count * 86_400_000)
    expect(await refusalOf({ ...chain, at: days(8) })).toBe('certificate/crl-stale')
    expect(await refusalOf({ ...chain, at: days(-2) })).toBe('certificate/not-yet-valid')
    const crls = await issueCrls(authority, { revoked: [], now: days(365), days: 7 })
    expect(await refusalOf({ ...chain, crls, at: days(366) })).toBe('certificate/expired')
  })

  test('PEM goes there and back, and openssl’s label for lists is used', () => {
    const pem = chain.crls.map((der) => toPem('X509 CRL', der)).join('some text between\n')
    expect(fromPem('X509 CRL', pem)).toEqual(chain.crls)
    expect(fromPem('CERTIFICATE', pem)).toEqual([])
    expect(codeOf(() => fromPem('X509 CRL', pem.replace('-----END', '----END')))).toBe(
      'certificate/malformed',
    )
    expect(codeOf(() => fromPem('X509 CRL', pem.replace('MI', '!!')))).toBe('certificate/malformed')
  })
})

describe("a department's certificate", () => {
  test('F6, F11: names exactly one DID, in its one spelling', async () => {
    for (const other of [
      `did:ethr:0x4d2:0x${'AB12'.repeat(10)}`,
      `DID:ethr:0x4d2:0x${'ab12'.repeat(10)}`,
      `did:ethr:0x4d2:0x${'0'.repeat(40)}`,
      'did:web:example.org',
      `${did}#controller`,
      'https://example.org',
    ]) {
      const { leaf } = await chainFor(other)
      expect(
        codeOf(() => readLeaf(leaf)),
        other,
      ).toBe('certificate/no-did')
    }
  })

  test('F11: other encodings of the same certificate are refused', () => {
    const { leaf } = chain
    // The outer SEQUENCE is 30 82 hh ll.
    const body = leaf.subarray(4)
    const length = leaf.subarray(2, 4)
    const encodings = {
      'bytes left over': concat(leaf, Uint8Array.of(0)),
      'cut short': leaf.subarray(0, -1),
      'length longer than needed': concat(Uint8Array.of(0x30, 0x83, 0), length, body),
      'indefinite length': concat(Uint8Array.of(0x30, 0x80), body, Uint8Array.of(0, 0)),
      'another tag': concat(Uint8Array.of(0x31), leaf.subarray(1)),
      empty: new Uint8Array(),
      zeros: new Uint8Array(100),
      'one byte': Uint8Array.of(0x30),
      'a length of four gigabytes': Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
      'twenty kilobytes': new Uint8Array(20_000),
      'deep nesting': nested(200),
      'very deep nesting': nested(4000),
    }
    for (const [name, bytes] of Object.entries(encodings)) {
      expect(
        codeOf(() => readLeaf(bytes)),
        name,
      ).toBe('certificate/malformed')
    }
  })

  test('F11: a signature written in another way is refused, though the library reads it alike', async () => {
    // After the outer algorithm comes the signature: 03 length 00, then 30.
    const { leaf } = chain
    const at = Buffer.from(leaf).lastIndexOf(Buffer.from('2a8648ce3d040302', 'hex')) + 8 + 3
    expect(leaf[at]).toBe(0x30)
    for (const [offset, bit] of [
      [-1, 1],
      [-1, 4],
      [0, 0x20],
      [2, 8],
    ] as const) {
      const twin = leaf.slice()
      twin[at + offset]! ^= bit
      expect(await refusalOf({ ...chain, leaf: twin })).toMatch(
        /^certificate\/(bad-signature|malformed)$/,
      )
    }
  })

  test('F11: changed bytes never crash the reader, and are never trusted', {
    timeout: 600_000,
  }, async () => {
    const count = Number(process.env.WEIR_MUTANTS ?? 300)
    let read = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('leaf', 'intermediate', 'list'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('change', 'insert', 'remove', 'repeat'),
        async (which, position, value, how) => {
          const lists = chain.crls
          const original = {
            leaf: chain.leaf,
            intermediate: authority.intermediate,
            list: lists[1]!,
          }
          const mutant = mutated(original[which], position, value, how)
          if (which !== 'list') {
            const code = codeOf(() => readLeaf(mutant))
            expect(code).toMatch(/^(accepted|certificate\/.*|did\/.*)$/)
            if (code !== 'accepted' && which === 'leaf') return
            read++
          }
          const given = {
            ...chain,
            ...(which === 'leaf' && { leaf: mutant }),
            ...(which === 'intermediate' && { intermediates: [mutant] }),
            ...(which === 'list' && { crls: [lists[0]!, mutant] }),
          }
          expect(await refusalOf(given)).toMatch(/^certificate\//)
        },
      ),
      { numRuns: count, seed: 20_261_122 },
    )
    expect(read).toBeGreaterThan(count / 20)
  })
})

function nested(depth: number): Uint8Array {
  let bytes = new Uint8Array()
  for (let i = 0; i < depth; i++) {
    const { length } = bytes
    const size = length < 128 ? [length] : [0x82, length >> 8, length & 255]
    if (length >= 128 && length < 256) size.splice(0, 2, 0x81)
    bytes = concat(Uint8Array.of(0x30, ...size), bytes) as Uint8Array<ArrayBuffer>
  }
  return bytes
}

function mutated(bytes: Uint8Array, position: number, value: number, how: string): Uint8Array {
  const at = position % bytes.length
  const before = bytes.subarray(0, at)
  if (how === 'insert') return concat(before, Uint8Array.of(value), bytes.subarray(at))
  if (how === 'remove') return concat(before, bytes.subarray(at + 1))
  if (how === 'repeat') return concat(bytes.subarray(0, at + 1), bytes.subarray(at))
  return concat(before, Uint8Array.of(bytes[at]! ^ value), bytes.subarray(at + 1))
}
