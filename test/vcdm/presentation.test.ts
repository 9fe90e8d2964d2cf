import { describe, expect, test } from 'vitest'
import { envelope, isEnvelope, readEnvelope } from '../../src/vcdm/envelope.ts'
import { credential, examples, outcome, refusedPresentation, v2 } from './samples.ts'

describe('4.13 verifiable presentations', () => {
  test.each<[string, Record<string, unknown>]>([
    ['nothing else', {}],
    ['no credential', { verifiableCredential: [] }],
    ['one credential', { verifiableCredential: credential() }],
    ['several', { verifiableCredential: [credential(), credential()] }],
    ['an id', { id: 'urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33' }],
    ['a further type', { type: ['VerifiablePresentation', 'Sample'] }],
    ['a holder', { holder: 'did:example:holder' }],
    ['a holder as object', { holder: { id: 'did:example:holder' } }],
  ])('with %s are taken', (_, rest) => expect(refusedPresentation(rest)).toBeUndefined())

  test.each<[string, Record<string, unknown>, string]>([
    ['no context', { '@context': undefined }, 'vcdm/bad-context @context'],
    ['contexts out of order', { '@context': [examples, v2] }, 'vcdm/bad-context @context/0'],
    ['no type', { type: undefined }, 'vcdm/bad-type type'],
    ['another type', { type: ['Sample'] }, 'vcdm/bad-type type'],
    ['an id that is none', { id: 'not-a-url' }, 'vcdm/bad-id id'],
    ['a holder that is none', { holder: 'holder' }, 'vcdm/bad-holder holder'],
    ['null as holder', { holder: null }, 'vcdm/bad-holder holder'],
    ['a holder without id', { holder: { name: 'x' } }, 'vcdm/bad-holder holder/id'],
    ['a holder whose id is none', { holder: { id: 'z6Mk' } }, 'vcdm/bad-holder holder/id'],
    [
      'an address as credential',
      { verifiableCredential: 'https://a.example' },
      'vcdm/bad-credential-list verifiableCredential/0',
    ],
    [
      'a number as credential',
      { verifiableCredential: [credential(), 1] },
      'vcdm/bad-credential-list verifiableCredential/1',
    ],
    ['terms of no type', { termsOfUse: { id: 'did:a:b' } }, 'vcdm/bad-type termsOfUse/type'],
    ['terms as text', { termsOfUse: 'free' }, 'vcdm/bad-property termsOfUse'],
  ])('with %s are refused', (_, rest, expected) => expect(refusedPresentation(rest)).toBe(expected))
})

describe('4.12 envelopes', () => {
  const token = 'a.b.c'
  const good = envelope('credential', 'application/vc+jwt', token)
  const read = (changes: object) =>
    outcome(() => readEnvelope(JSON.parse(JSON.stringify({ ...good, ...changes })), 'credential'))

  test('hold a token and say its media type', () => {
    expect(readEnvelope(good, 'credential')).toEqual({ mediaType: 'application/vc+jwt', token })
    expect(isEnvelope(good, 'credential')).toBe(true)
    expect(isEnvelope(good, 'presentation')).toBe(false)
    expect(read({ '@context': [v2], type: ['EnvelopedVerifiableCredential'] })).toBeUndefined()
  })

  test.each<[string, object, string]>([
    ['no context', { '@context': [] }, 'vcdm/bad-context @context'],
    ['another context', { '@context': examples }, 'vcdm/bad-context @context'],
    ['no type', { type: undefined }, 'vcdm/bad-type type'],
    ['another type', { type: 'VerifiableCredential' }, 'vcdm/bad-type type'],
    [
      'both types',
      { type: ['EnvelopedVerifiableCredential', 'VerifiableCredential'] },
      'vcdm/bad-type type',
    ],
    ['no data URL', { id: token }, 'vcdm/bad-envelope id'],
    ['no id', { id: undefined }, 'vcdm/bad-envelope id'],
    ['another media type', { id: `data:text/plain,${token}` }, 'vcdm/bad-envelope id'],
    ['a presentation', { id: `data:application/vp+jwt,${token}` }, 'vcdm/bad-envelope id'],
    ['nothing inside', { id: 'data:application/vc+jwt,' }, 'vcdm/bad-envelope id'],
    ['markup inside', { id: 'data:application/vc+jwt,<a>' }, 'vcdm/bad-envelope id'],
  ])('with %s are refused', (_, changes, expected) => expect(read(changes)).toBe(expected))
})
