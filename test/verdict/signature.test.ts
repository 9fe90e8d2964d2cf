import { createSign, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { JsonObject, PublicJwk } from '../../src/credential/model.ts'
import { thumbprint } from '../../src/identity/thumbprint.ts'
import { gather } from '../../src/verifier/gather.ts'
import { jws } from '../credential/samples.ts'
import {
  certificatePolicy,
  checked,
  department,
  findings,
  make,
  otherDepartment,
  sample,
  stranger,
  titleType,
  verifierOf,
} from './sample.ts'
import { fingerprintOfToken, newKey, newWorld } from './world.ts'

const swap = (text: string) => (text === 'A' ? 'B' : 'A')

describe('signature', () => {
  test('a changed byte of header, payload or signature is refused and hides the rest', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    const [header, payload, signature] = token.split('.') as [string, string, string]
    const changed = [
      `${header}.${payload}.${swap(signature[0]!)}${signature.slice(1)}`,
      make({ did: `did:ethr:0x1b59:${department}`, key: stranger, issuedAt: world.now() }),
    ]
    for (const one of changed) {
      const verdict = await checked(world, one)
      expect(findings(verdict)).toEqual(['fail signature/bad'])
      expect(verdict.outcome).toBe('invalid')
      const rest = verdict.credentials[0]!.checks.slice(2)
      expect(rest.every(({ code }) => code === 'verdict/not-reached')).toBe(true)
    }
  })

  test('nothing but the key is read for a signature that does not hold', async () => {
    const { world, issue } = sample()
    const asked: string[] = []
    const view = world.view()
    const spy = new Proxy(view, {
      get: (target, name) => {
        asked.push(String(name))
        return Reflect.get(target, name)
      },
    })
    const verifier = verifierOf(world, { chain: { ...world.chain, view: async () => spy } })
    await gather(verifier, issue({ key: stranger }))
    expect([...new Set(asked)].sort()).toEqual(['block', 'department', 'key', 'then'])
  })

  test('A6: a token of one department signed by another is refused, all pairs of 20', async () => {
    const world = newWorld()
    const issuers = Array.from({ length: 20 }, (_, n) => {
      const address = `0x${(n + 1).toString(16).padStart(40, '0')}`
      const did = world.register(address)
      const key = newKey()
      world.addKey(address, key)
      world.accredit(address, titleType)
      return { address, did, key }
    })
    world.pass(60)
    for (const [n, claimed] of issuers.entries()) {
      const tokens = issuers.map(({ key }, index) =>
        make({ did: claimed.did, key, issuedAt: world.now(), list: n, index }),
      )
      world.pass(1)
      world.anchor(claimed.address, tokens.map(fingerprintOfToken))
      for (const [m, token] of tokens.entries()) {
        const verdict = await checked(world, token)
        expect(verdict.outcome).toBe(n === m ? 'valid' : 'invalid')
        if (n !== m) expect(findings(verdict)).toEqual(['fail signature/bad'])
      }
    }
  })

  test('A7: a key registered for status lists or requests signs no certificate', async () => {
    for (const purpose of ['status', 'request'] as const) {
      const { world, anchored } = sample()
      const key = newKey()
      world.addKey(department, key, purpose)
      world.pass(60)
      expect(findings(await checked(world, anchored({ key })))).toEqual(['fail key/wrong-purpose'])
    }
  })

  test('A5: keys and addresses in a header are refused, and nothing is asked for them', async () => {
    const { world, did } = sample()
    const stolen = [
      ['jwk', { ...stranger.jwk }],
      ['jku', 'http://127.0.0.1/keys'],
      ['x5u', 'http://127.0.0.1/cert'],
      ['x5t', 'AAAA'],
      ['crit', ['exp']],
    ] as const
    for (const [name, value] of stolen) {
      const header = { alg: 'ES256', typ: 'vc+jwt', kid: `${did}#delegate-1`, [name]: value }
      const verdict = await checked(world, jws(header, { iss: did }, stranger.privateJwk))
      expect(findings(verdict)).toEqual(['fail credential/header-not-allowed'])
      expect(verdict.outcome).toBe('invalid')
    }
  })

  test('A11: a kid of another department, a relative one and none are refused', async () => {
    const { world, issue } = sample()
    const other = world.register(otherDepartment)
    const kids = [`${other}#delegate-1`, '#delegate-1', 'delegate-1']
    for (const kid of kids) {
      const [, payload] = issue().split('.') as [string, string]
      const body = JSON.parse(Buffer.from(payload, 'base64url').toString()) as JsonObject
      const token = jws({ alg: 'ES256', typ: 'vc+jwt', kid }, body, stranger.privateJwk)
      expect(findings(await checked(world, token))).toEqual(['fail credential/bad-claim'])
    }
  })

  test('A11: the number in kid decides nothing, for good or ill', async () => {
    const { world, did, anchored } = sample()
    const kid = `${did}#delegate-77`
    expect((await checked(world, anchored({ header: { kid } }))).outcome).toBe('valid')
    const forged = anchored({ header: { kid }, key: stranger })
    expect(findings(await checked(world, forged))).toEqual(['fail signature/bad'])
  })

  test('a key that nobody shows leaves the signature unchecked, not good', async () => {
    const { world, anchored } = sample()
    const verifier = verifierOf(world, { keysOf: async () => [] })
    const verdict = await checked(world, anchored(), certificatePolicy(world), verifier)
    expect(findings(verdict)).toEqual(['unknown signature/no-key'])
    expect(verdict.outcome).toBe('unknown')
  })

  test('A4: a registered key of another curve signs no certificate, whatever the header says', async () => {
    const { world, did } = sample()
    const pair = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const { kty, crv, x, y } = pair.publicKey.export({ format: 'jwk' }) as Required<PublicJwk>
    const jwk = { kty, crv, x, y }
    world.addKey(department, { privateJwk: stranger.privateJwk, jwk, thumbprint: thumbprint(jwk) })
    world.pass(60)
    for (const alg of ['ES256', 'ES256K']) {
      const [, payload] = make({ did, key: stranger, issuedAt: world.now() }).split('.')
      const header = { alg, typ: 'vc+jwt', kid: `${did}#delegate-2` }
      const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`
      const key = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' } as const
      const signature = createSign('sha256').update(input).sign(key).toString('base64url')
      expect(findings(await checked(world, `${input}.${signature}`))).toEqual([
        'fail signature/bad',
      ])
    }
  })

  test('a key shown for the DID but not registered counts for nothing', async () => {
    const { world, anchored } = sample()
    const verifier = verifierOf(world, { keysOf: async () => [stranger.jwk] })
    const verdict = await checked(
      world,
      anchored({ key: stranger }),
      certificatePolicy(world),
      verifier,
    )
    expect(findings(verdict)).toEqual(['unknown signature/no-key'])
  })
})
