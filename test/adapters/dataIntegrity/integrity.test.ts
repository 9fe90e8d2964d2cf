import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { generateKeyPair } from '#primitives'
import { canonical, hashOf } from '../../../src/adapters/dataIntegrity/canonical.ts'
import { keptContexts } from '../../../src/adapters/dataIntegrity/contexts.ts'
import { loaderOf } from '../../../src/adapters/dataIntegrity/loader.ts'
import { integritySigner } from '../../../src/adapters/keys/integritySigner.ts'
import { contextUri, credentialTypeName } from '../../../src/certificate/names.ts'
import { builtInTypes } from '../../../src/certificate/types.ts'
import type { JsonObject } from '../../../src/credential/model.ts'
import { isWeirError } from '../../../src/errors.ts'
import { multibase58 } from '../../../src/identity/base58.ts'
import type { Integrity } from '../../../src/ports/integrity.ts'
import { hex } from '../../../src/primitives/bytes.ts'
import { integrityOf, vectorKey } from './keys.ts'
import { secondImplementation } from './second.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/eddsa-rdfc-2022.json', import.meta.url), 'utf8'),
)
const at = new Date('2026-11-22T12:00:00Z')
const v2 = 'https://www.w3.org/ns/credentials/v2'
const examples = 'https://www.w3.org/ns/credentials/examples/v2'
const loader = loaderOf(keptContexts(builtInTypes))

function credential(issuer: string, rest: JsonObject = {}): JsonObject {
  return {
    '@context': [v2, examples],
    id: 'urn:uuid:6d8c1a2e-0000-4000-8000-000000000001',
    type: ['VerifiableCredential', 'SampleCredential'],
    issuer,
    validFrom: '2026-01-01T00:00:00Z',
    credentialSubject: { id: 'did:example:sample', givenName: 'Sample', familyName: 'Person' },
    ...rest,
  }
}

async function code(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call
  } catch (error) {
    if (isWeirError(error)) return error.code
    throw error
  }
  return undefined
}

const asAssertion = { purpose: 'assertionMethod', at } as const
const made = { purpose: 'assertionMethod', created: at } as const

describe('the vectors of the specification', () => {
  const { proof, ...document } = vectors.signed
  const { proofValue, ...configuration } = proof

  test('a document and its proof configuration have the hashes of appendix B.1', async () => {
    expect(hex(await hashOf(document, configuration, loader))).toBe(vectors.combinedHash)
  })

  test('the key of appendix B.1 makes the signature of appendix B.1', async () => {
    const signer = integritySigner(vectorKey(vectors.keyPair))
    const hash = await hashOf(document, configuration, loader)
    expect(multibase58(await signer.sign(hash))).toBe(proofValue)
    expect(signer.did).toBe(`did:key:${vectors.keyPair.publicKeyMultibase}`)
  })

  test('a changed claim has another hash', async () => {
    const changed = { ...document, name: 'Alumni credential' }
    expect(hex(await hashOf(changed, configuration, loader))).not.toBe(vectors.combinedHash)
  })

  test('a controller that is no did:key would have to be fetched, and is not', async () => {
    expect(await code(integrityOf().verify(vectors.signed, asAssertion))).toBe('signature/no-key')
  })
})

describe('a proof', () => {
  let integrity: Integrity
  let secured: JsonObject
  let proof: JsonObject
  beforeAll(async () => {
    integrity = integrityOf()
    secured = await integrity.secure(credential(integrity.did), made)
    proof = secured.proof as JsonObject
  })
  const verified = (document: JsonObject, question: object = {}) =>
    code(integrity.verify(document, { ...asAssertion, ...question }))
  const withProof = (changes: object) => ({ ...secured, proof: { ...proof, ...changes } })

  test('holds, and names the did:key that made it', async () => {
    expect(await integrity.verify(secured, asAssertion)).toEqual([integrity.did])
    expect(proof).toMatchObject({
      type: 'DataIntegrityProof',
      cryptosuite: 'eddsa-rdfc-2022',
      created: '2026-11-22T12:00:00Z',
      proofPurpose: 'assertionMethod',
    })
  })

  test.each([
    ['a changed claim', { credentialSubject: { id: 'did:example:sample', givenName: 'Other' } }],
    ['another issuer', { issuer: 'did:example:other' }],
    ['an added claim', { description: 'added' }],
    ['another id', { id: 'urn:uuid:6d8c1a2e-0000-4000-8000-000000000002' }],
  ])('A6: is refused after %s', async (_, change) => {
    expect(await verified({ ...secured, ...change })).toBe('signature/bad')
  })

  test.each([
    ['without a type', { type: undefined }, 'vcdm/bad-proof'],
    ['of another type', { type: 'UnknownProofType' }, 'integrity/wrong-suite'],
    ['of another suite', { cryptosuite: 'eddsa-jcs-2022' }, 'integrity/wrong-suite'],
    ['of a suite named like a prototype', { cryptosuite: 'constructor' }, 'integrity/wrong-suite'],
    ['without a suite', { cryptosuite: undefined }, 'integrity/wrong-suite'],
    ['without a key', { verificationMethod: undefined }, 'vcdm/bad-proof'],
    ['of no key', { verificationMethod: 'did:key:invalidVm' }, 'signature/no-key'],
    ['without a purpose', { proofPurpose: undefined }, 'vcdm/bad-proof'],
    ['for another purpose', { proofPurpose: 'authentication' }, 'integrity/wrong-purpose'],
    ['without a value', { proofValue: undefined }, 'vcdm/bad-proof'],
    ['with null as value', { proofValue: null }, 'vcdm/bad-property'],
    ['with a value in no multibase', { proofValue: 'abc' }, 'signature/bad'],
    [
      'with a value of another length',
      { proofValue: 'z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh' },
      'signature/bad',
    ],
    ['with a date without its offset', { created: '2026-11-22T12:00:00' }, 'vcdm/bad-validity'],
    ['with no date', { created: 'invalidDate' }, 'vcdm/bad-validity'],
    ['with an end without its offset', { expires: '2027-01-01T00:00:00' }, 'vcdm/bad-validity'],
    ['created at another time', { created: '2026-11-22T12:00:01Z' }, 'signature/bad'],
    ['with its own context', { '@context': [v2] }, 'vcdm/bad-context'],
    ['after one that is not there', { previousProof: 'urn:uuid:1' }, 'integrity/bad-chain'],
    ['after no string', { previousProof: 456321 }, 'vcdm/bad-proof'],
  ])('is refused %s', async (_, change, expected) => {
    const changed = JSON.parse(JSON.stringify(withProof(change)))
    expect(await verified(changed)).toBe(expected)
  })

  test('is refused where there is none', async () => {
    const { proof: _, ...bare } = secured
    expect(await verified(bare)).toBe('vcdm/bad-proof')
    expect(await verified({ ...secured, proof: [] })).toBe('vcdm/bad-proof')
  })

  test('is refused once it has expired', async () => {
    const others = await secondImplementation()
    const sign = (expires: string) =>
      others.sign(credential(others.did), 'assertionMethod', { expires })
    expect(await verified(await sign('2026-11-22T12:00:01Z'))).toBeUndefined()
    expect(await verified(await sign('2026-11-22T12:00:00Z'))).toBe('integrity/expired')
  })

  test('answers the challenge and domain that were asked for, and no others', async () => {
    const answer = { challenge: 'c-1', domain: 'verifier.example' }
    const document = await integrity.secure(credential(integrity.did), { ...made, ...answer })
    expect(await verified(document, answer)).toBeUndefined()
    expect(await verified(document)).toBeUndefined()
    expect(await verified(document, { ...answer, challenge: 'c-2' })).toBe('holder/wrong-nonce')
    expect(await verified(document, { domain: 'other.example' })).toBe('holder/wrong-audience')
    expect(await verified(secured, { challenge: 'c-1' })).toBe('holder/wrong-nonce')
  })

  test('A7: a key of another kind signs nothing here', async () => {
    const { privateJwk } = generateKeyPair()
    expect(() => integritySigner(privateJwk)).toThrow('credential/bad-key')
    const p256 = 'zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169'
    const verificationMethod = `did:key:${p256}#${p256}`
    expect(await verified(withProof({ verificationMethod }))).toBe('signature/no-key')
  })

  test('the key signs two digests and nothing else', async () => {
    const signer = integritySigner(vectorKey(vectors.keyPair))
    expect(await code(signer.sign(new Uint8Array(63)))).toBe('key/wrong-kind')
    expect(await code(signer.sign(new TextEncoder().encode('header.payload')))).toBe(
      'key/wrong-kind',
    )
  })

  test('stands beside others, and each must hold', async () => {
    const second = integrityOf()
    const both = await second.secure(secured, made)
    expect(await integrity.verify(both, asAssertion)).toEqual([integrity.did, second.did])
    const [first, other] = both.proof as JsonObject[]
    const broken = { ...other!, created: '2026-11-22T12:00:01Z' }
    expect(await verified({ ...both, proof: [first!, broken] })).toBe('signature/bad')
    expect(await verified({ ...both, proof: [broken, first!] })).toBe('signature/bad')
  })

  test('in a chain signs the proofs that it builds on', async () => {
    const first: JsonObject = { ...proof, id: 'urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544' }
    const { proof: _, ...bare } = secured
    const signer = integritySigner(vectorKey(vectors.chainKeyPairs[0]))
    const value = async (document: JsonObject, configuration: JsonObject) =>
      multibase58(await signer.sign(await hashOf(document, configuration, loader)))
    const { proofValue: _1, ...rest } = first
    const own = { ...rest, verificationMethod: signer.keyUrl } as JsonObject
    const one: JsonObject = { ...own, proofValue: await value(bare, own) }
    const { id: _2, ...withoutId } = own
    const next: JsonObject = { ...withoutId, previousProof: first.id! }
    const two = { ...next, proofValue: await value({ ...bare, proof: [one] }, next) }
    expect(await verified({ ...bare, proof: [one, two] })).toBeUndefined()
    const unchained = { ...next, proofValue: await value(bare, next) }
    expect(await verified({ ...bare, proof: [one, unchained] })).toBe('signature/bad')
    expect(await verified({ ...bare, proof: [two] })).toBe('integrity/bad-chain')
  })
})

describe('B10: contexts', () => {
  const integrity = integrityOf()
  const defined = (document: JsonObject) => code(integrity.requireDefined(document))
  const renamed = (context: JsonObject, subject: JsonObject) => ({
    ...credential(integrity.did),
    '@context': [v2, context],
    credentialSubject: subject,
  })

  test('B10: are the ones that are pinned, byte for byte', () => {
    const kept = keptContexts(builtInTypes)
    // VC Data Model 2.0, appendix B.1; VC Data Integrity 1.0, section 2.4.2; DID Core.
    expect(hex(kept.get(v2)!.digests.sha256)).toBe(
      '59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734',
    )
    expect(hex(kept.get('https://w3id.org/security/data-integrity/v2')!.digests.sha256)).toBe(
      '67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4',
    )
    expect(kept.size).toBe(7 + builtInTypes.length)
  })

  test('B10: an address that is not kept is refused and not asked', async () => {
    const asked: string[] = []
    const { fetch } = globalThis
    globalThis.fetch = (async (url: string) => {
      asked.push(String(url))
      throw new Error('asked')
    }) as unknown as typeof globalThis.fetch
    try {
      const contexts = [v2, 'https://evil.example/context.jsonld']
      expect(await defined({ ...credential(integrity.did), '@context': contexts })).toBe(
        'integrity/unknown-context',
      )
      const nested = {
        '@context': [
          v2,
          { Sample: { '@id': 'https://a.example/#Sample', '@context': 'https://evil.example/c' } },
        ],
      }
      expect(await defined({ ...credential(integrity.did), ...nested })).toBe('vcdm/bad-context')
      const imported = {
        '@context': [v2, { '@version': 1.1, '@import': 'https://evil.example/c' }],
      }
      expect(await defined({ ...credential(integrity.did), ...imported })).toBe('vcdm/bad-context')
    } finally {
      globalThis.fetch = fetch
    }
    expect(asked).toEqual([])
  })

  test('B10: a proof does not notice exchanged words, so a document that exchanges them is refused', async () => {
    const own = await integrity.secure(credential(integrity.did), made)
    const vocabulary = 'https://www.w3.org/ns/credentials/examples#'
    const swapped: JsonObject = {
      ...own,
      '@context': [
        v2,
        {
          '@vocab': vocabulary,
          givenName: `${vocabulary}familyName`,
          familyName: `${vocabulary}givenName`,
        },
      ],
      credentialSubject: {
        id: 'did:example:sample',
        givenName: 'Person',
        familyName: 'Sample',
      },
    }
    // The graph, and with it the signature, is the same.
    const { proof: _, ...bare } = own
    const { proof: _1, ...other } = swapped
    expect(await canonical(other, loader)).toBe(await canonical(bare, loader))
    expect(await code(integrity.verify(swapped, asAssertion))).toBe('vcdm/bad-context')
    expect(await code(integrity.verify(own, asAssertion))).toBeUndefined()
  })

  const given = 'https://a.example/words#'
  test.each<[string, JsonObject]>([
    ['a word that is another’s', { start: `${given}end`, end: `${given}start` }],
    ['a word that was another’s', { expiration: `${given}beginning`, other: `${given}expiration` }],
    ['a word that begins as another', { name: `${given}nameOfMother`, names: `${given}name` }],
    ['two words for one meaning', { named: `${given}named`, namedToo: `${given}named` }],
    ['a vocabulary in the middle of a word', { '@vocab': `${given}na` }],
    ['an alias of a keyword', { identifier: '@id' }],
    ['a word without a meaning', { secret: null }],
    [
      'an index that nothing signs',
      { notes: { '@id': 'https://a.example/#notes', '@container': '@index' } },
    ],
    ['a nest', { inner: '@nest' }],
    ['a reversed word', { of: { '@reverse': 'https://a.example/#of' } }],
    ['a base', { '@base': 'https://a.example/' }],
    ['a language for all', { '@language': 'zh' }],
  ])('B10: a context with %s is refused', async (_, context) => {
    expect(await defined(renamed(context, { id: 'did:example:sample' }))).toBe('vcdm/bad-context')
  })

  test('a context that only gives words their own IRIs is taken', async () => {
    const context = {
      Sample: 'https://a.example/#Sample',
      nick: { '@id': 'https://a.example/words/nick', '@container': '@set' },
    }
    expect(
      await defined({
        ...renamed(context, { nick: 'S' }),
        type: ['VerifiableCredential', 'Sample'],
      }),
    ).toBeUndefined()
  })

  test.each<[string, JsonObject]>([
    [
      'a context inside',
      { credentialSubject: { '@context': { a: 'https://a.example/#a' }, a: 1 } },
    ],
    ['an index', { credentialSubject: { id: 'did:example:s', '@index': 'x' } }],
    ['a graph', { '@graph': [{ id: 'did:example:s' }] }],
    ['nothing where something is named', { credentialSubject: { givenName: null } }],
  ])('B10: a document with %s is refused: it would not be signed', async (_, change) => {
    expect(await defined({ ...credential(integrity.did), ...change })).toMatch(/^vcdm\/bad-/)
  })

  test.each<[string, JsonObject]>([
    [
      'a word that no context defines',
      { credentialSubject: { id: 'did:example:s', nickname: 'S' } },
    ],
    ['a type that no context defines', { type: ['VerifiableCredential', 'Sample'] }],
    ['a status of no known type', { credentialStatus: { type: 'NoStatus' } }],
    [
      'a word defined anew',
      { '@context': [v2, { VerifiableCredential: 'https://a.example/#VerifiableCredential' }] },
    ],
  ])('%s is refused', async (_, change) => {
    const plain = { ...credential(integrity.did), '@context': [v2], type: ['VerifiableCredential'] }
    const subject = { credentialSubject: { id: 'did:example:s' } }
    expect(await defined({ ...plain, ...subject })).toBeUndefined()
    expect(await defined({ ...plain, ...subject, ...change })).toBe('integrity/undefined-term')
  })

  test('certificates of every type that Weir ships can be read by their contexts', async () => {
    for (const type of builtInTypes) {
      const document = {
        ...credential(integrity.did),
        '@context': [v2, contextUri(type)],
        type: ['VerifiableCredential', credentialTypeName(type)],
        credentialSubject: { id: 'did:example:sample' },
      }
      expect(await defined(document)).toBeUndefined()
      expect(await defined({ ...document, '@context': [v2] })).toBe('integrity/undefined-term')
    }
  })
})

describe('@digitalbazaar/vc as second implementation', () => {
  const integrity = integrityOf()

  test('verifies what Weir issues, and refuses it changed', async () => {
    const others = await secondImplementation()
    const own = await integrity.secure(credential(integrity.did), made)
    expect(await others.verifies(own)).toBe(true)
    expect(await others.verifies({ ...own, validFrom: '2026-01-01T00:00:01Z' })).toBe(false)
  })

  test('issues what Weir verifies, and Weir refuses it changed', async () => {
    const others = await secondImplementation()
    const foreign = await others.issue(credential(others.did))
    expect(await integrity.verify(foreign, asAssertion)).toEqual([others.did])
    const changed = { ...foreign, validFrom: '2026-01-01T00:00:01Z' }
    expect(await code(integrity.verify(changed, asAssertion))).toBe('signature/bad')
  })

  test('signs credentials of version 1.1 too, both ways', async () => {
    const others = await secondImplementation()
    const older = (issuer: string): JsonObject => ({
      '@context': ['https://www.w3.org/2018/credentials/v1'],
      type: ['VerifiableCredential'],
      issuer,
      issuanceDate: '2026-01-01T00:00:00Z',
      credentialSubject: { id: 'did:example:sample' },
    })
    const foreign = await others.issue(older(others.did))
    expect(await integrity.verify(foreign, asAssertion)).toEqual([others.did])
    const own = await integrity.secure(older(integrity.did), made)
    expect(await others.verifies(own)).toBe(true)
  })

  test('presents to Weir and is presented to', async () => {
    const others = await secondImplementation()
    const answer = { challenge: 'c-1', domain: 'verifier.example' }
    const presentation = (holder: string): JsonObject => ({
      '@context': [v2],
      type: ['VerifiablePresentation'],
      holder,
    })
    const foreign = await others.present(presentation(others.did), answer)
    const asked = { purpose: 'authentication', at, ...answer }
    expect(await integrity.verify(foreign, asked)).toEqual([others.did])
    expect(await code(integrity.verify(foreign, { ...asked, challenge: 'c-2' }))).toBe(
      'holder/wrong-nonce',
    )
    const own = await integrity.secure(presentation(integrity.did), {
      purpose: 'authentication',
      created: at,
      ...answer,
    })
    expect(await others.verifiesPresentation(own, answer)).toBe(true)
    expect(await others.verifiesPresentation(own, { ...answer, challenge: 'c-2' })).toBe(false)
  })
})
