import { describe, expect, test } from 'vitest'
import { checkCredential } from '../../src/vcdm/credential.ts'
import { credential, examples, refused, v1, v2 } from './samples.ts'

describe('4.3 contexts', () => {
  test.each<[string, unknown]>([
    ['the base context alone', [v2]],
    ['further addresses and contexts written out', [v2, examples, { A: 'https://a.example/#A' }]],
  ])('%s is taken', (_, context) => {
    expect(refused({ '@context': context })).toBeUndefined()
  })

  test.each<[string, unknown, string]>([
    ['none', undefined, '@context'],
    ['an empty set', [], '@context'],
    ['no set', v2, '@context'],
    ['another first', [examples, v2], '@context/0'],
    ['no base', [examples], '@context/0'],
    ['both bases', [v2, v1], '@context/1'],
    ['one twice', [v2, examples, examples], '@context/2'],
    ['no URL', [v2, 'https ://not-a-url/contexts/example/v1'], '@context/1'],
    ['a number', [v2, 123192875], '@context/1'],
    ['null', [v2, null], '@context/1'],
    ['a set in a set', [v2, [examples]], '@context/1'],
  ])('%s is refused', (_, context, path) => {
    expect(refused({ '@context': context })).toBe(`vcdm/bad-context ${path}`)
  })
})

describe('4.4 identifiers', () => {
  test.each(['urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33', 'http://a.example/1', 'did:a:b'])(
    '%s is one',
    (id) => expect(refused({ id })).toBeUndefined(),
  )

  test.each([null, 1, 'not-a-url', '', 'a b:c', ['did:a:b', 'did:a:c'], { id: 'did:a:b' }])(
    '%j is none',
    (id) => {
      expect(refused({ id })).toBe('vcdm/bad-id id')
      expect(refused({ credentialSubject: { id, name: 'Sample' } })).toBe(
        'vcdm/bad-id credentialSubject/id',
      )
      const status = { id, type: 'CredentialStatusList2017' }
      expect(refused({ credentialStatus: status })).toBe('vcdm/bad-id credentialStatus/0/id')
    },
  )
})

describe('4.5 types', () => {
  test.each([
    [['VerifiableCredential', 'https://a.example/#Sample']],
    [['https://a.example/#Sample', 'VerifiableCredential', 'Sample']],
    ['VerifiableCredential'],
  ])('%j are taken in any order', (type) => expect(refused({ type })).toBeUndefined())

  test.each([undefined, null, [], ['Sample'], [1], ['VerifiableCredential', 'not a word'], {}])(
    '%j are refused',
    (type) => expect(refused({ type })).toBe('vcdm/bad-type type'),
  )

  test.each([
    'credentialStatus',
    'credentialSchema',
    'refreshService',
    'termsOfUse',
    'evidence',
    'confidenceMethod',
    'renderMethod',
  ])('%s says its type', (property) => {
    const id = 'did:example:1'
    expect(refused({ [property]: { id, type: 'Sample' } })).toBeUndefined()
    expect(
      refused({
        [property]: [
          { id, type: ['Sample'] },
          { id, type: 'Sample' },
        ],
      }),
    ).toBeUndefined()
    expect(refused({ [property]: { id } })).toBe(`vcdm/bad-type ${property}/0/type`)
    expect(refused({ [property]: { id, type: 2 } })).toBe(`vcdm/bad-type ${property}/0/type`)
    expect(refused({ [property]: [{ id, type: 'Sample' }, { id }] })).toBe(
      `vcdm/bad-type ${property}/1/type`,
    )
    for (const wrong of [null, 'text', 1, {}, []]) {
      expect(refused({ [property]: wrong })).toBe(`vcdm/bad-property ${property}`)
    }
  })
})

describe('4.6 names and descriptions, 11.1 language and direction', () => {
  test.each<[unknown]>([
    ['Sample'],
    [{ '@value': 'Sample' }],
    [{ '@value': 'Sample', '@language': 'en' }],
    [{ '@value': 'نموذج', '@language': 'ar', '@direction': 'rtl' }],
    [
      [
        { '@value': 'Sample', '@language': 'en' },
        { '@value': '样本', '@language': 'zh-Hans' },
      ],
    ],
  ])('%j is taken', (name) => {
    expect(refused({ name, description: name })).toBeUndefined()
    expect(
      refused({ issuer: { id: 'did:example:issuer', name, description: name } }),
    ).toBeUndefined()
  })

  test.each<[unknown]>([
    [null],
    [1],
    [[]],
    [{}],
    [['Sample', 'Other']],
    [{ '@value': 1 }],
    [{ '@language': 'en' }],
    [{ '@value': 'Sample', '@language': 'no tag' }],
    [{ '@value': 'Sample', '@direction': 'up' }],
    [{ '@value': 'Sample', '@language': 'en', url: 'https://a.example' }],
    [{ '@value': 'Sample', '@type': 'https://a.example/#T' }],
  ])('%j is refused', (name) => {
    expect(refused({ name })).toBe('vcdm/bad-name name')
    expect(refused({ description: name })).toBe('vcdm/bad-name description')
    expect(refused({ issuer: { id: 'did:example:issuer', name } })).toBe(
      'vcdm/bad-name issuer/name',
    )
  })
})

describe('4.7 issuer', () => {
  test('is a URL, or an object with one', () => {
    expect(checkCredential(credential(), () => undefined).issuer).toBe('did:example:issuer')
    const issuer = { id: 'https://issuer.example', name: 'Sample' }
    expect(checkCredential(credential({ issuer }), () => undefined).issuer).toBe(
      'https://issuer.example',
    )
  })

  test.each([undefined, null, 'not-a-url', 1, ['did:example:issuer']])(
    '%j is refused',
    (issuer) => {
      expect(refused({ issuer })).toBe('vcdm/bad-issuer issuer')
    },
  )

  test.each([{}, { id: null }, { id: 'not-a-url' }, { id: ['did:a:b'] }])(
    '%j is refused',
    (issuer) => {
      expect(refused({ issuer })).toBe('vcdm/bad-issuer issuer/id')
    },
  )
})

describe('4.8 credential subject', () => {
  test('is one or more objects that say something', () => {
    expect(refused({ credentialSubject: [{ id: 'did:a:b' }, { name: 'Sample' }] })).toBeUndefined()
  })

  test.each<[unknown, string]>([
    [undefined, 'credentialSubject'],
    [null, 'credentialSubject'],
    ['did:a:b', 'credentialSubject'],
    [{}, 'credentialSubject'],
    [[], 'credentialSubject'],
    [[{ id: 'did:a:b' }, {}], 'credentialSubject/1'],
    [[{ id: 'did:a:b' }, 'did:a:c'], 'credentialSubject/1'],
  ])('%j is refused', (credentialSubject, path) => {
    expect(refused({ credentialSubject })).toBe(`vcdm/bad-subject ${path}`)
  })
})

describe('4.9 validity period', () => {
  test.each([
    '2023-07-01T19:23:24Z',
    '2023-07-01T19:23:24.123Z',
    '2023-07-01T19:23:24-05:00',
    '9999-12-31T23:59:59Z',
  ])('%s is a dateTimeStamp', (time) => {
    expect(refused({ validFrom: time })).toBeUndefined()
    expect(refused({ validUntil: time })).toBeUndefined()
  })

  test.each([
    '2023-07-01T19:23:24',
    '2023-07-01',
    '2023-02-30T00:00:00Z',
    '2023-07-01t19:23:24z',
    'soon',
    1,
    null,
    ['2023-07-01T19:23:24Z'],
  ])('%j is none', (time) => {
    expect(refused({ validFrom: time })).toBe('vcdm/bad-validity validFrom')
    expect(refused({ validUntil: time })).toBe('vcdm/bad-validity validUntil')
  })

  test('does not end before it begins, offsets counted', () => {
    const validUntil = '2023-07-01T10:00:00Z'
    expect(refused({ validFrom: validUntil, validUntil })).toBeUndefined()
    expect(refused({ validFrom: '2023-07-01T17:59:59+08:00', validUntil })).toBeUndefined()
    expect(refused({ validFrom: '2023-07-01T18:00:01+08:00', validUntil })).toBe(
      'vcdm/bad-validity validUntil',
    )
  })

  test('of version 1.1 has its own words, and must begin', () => {
    const older = { '@context': [v1], issuanceDate: '2023-07-01T19:23:24Z' }
    expect(refused(older)).toBeUndefined()
    expect(checkCredential(credential(older), () => undefined).version).toBe('1.1')
    expect(refused({ ...older, issuanceDate: undefined })).toBe('vcdm/bad-validity issuanceDate')
    expect(refused({ ...older, expirationDate: '2023-01-01T00:00:00Z' })).toBe(
      'vcdm/bad-validity expirationDate',
    )
  })
})

describe('4.11 data schemas', () => {
  test('are found by their id', () => {
    expect(refused({ credentialSchema: { type: 'JsonSchema' } })).toBe(
      'vcdm/bad-id credentialSchema/0/',
    )
    expect(refused({ credentialSchema: { type: 'JsonSchema', id: 1 } })).toBe(
      'vcdm/bad-id credentialSchema/0/id',
    )
  })
})
