import { describe, expect, test } from 'vitest'
import { assembleToken } from '../../src/credential/token.ts'
import { bindingSignatureHolds, sameHolder } from '../../src/presentation/binding.ts'
import {
  readCertificateFile,
  writeCertificateFile,
} from '../../src/presentation/certificateFile.ts'
import { parsePresentation } from '../../src/presentation/parsePresentation.ts'
import { writePresentationFile } from '../../src/presentation/presentationFile.ts'
import {
  codeOf,
  draftOf,
  formats,
  holderJwk,
  jws,
  publicJwk,
  tokenOf,
} from '../credential/samples.ts'
import {
  answered,
  boundBy,
  broken,
  challenge,
  held,
  now,
  otherHolderJwk,
  seconds,
  vpOf,
} from './samples.ts'

const proof = {
  sequence: 4,
  index: 2,
  size: 16,
  path: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
}
const holds = (text: string) => {
  const [{ credential, binding } = {}] = parsePresentation(text)
  return binding !== undefined && bindingSignatureHolds(credential!, binding)
}

describe.each(formats)('%s', (format) => {
  const credential = held(format)
  const bare = assembleToken({ ...credential, disclosures: [] }, credential.signature)

  test('a bare credential is read without a binding', () => {
    const [presented, ...others] = parsePresentation(`\n ${bare}\r\n`)
    expect(others).toEqual([])
    expect(presented).toMatchObject({ token: bare, binding: undefined, proof: undefined })
    expect(presented!.credential.fingerprint).toEqual(credential.fingerprint)
  })

  test('an answer is read with its binding, which the holder key verifies', () => {
    const [presented] = parsePresentation(answered(credential))
    expect(presented!.credential.fingerprint).toEqual(credential.fingerprint)
    expect(presented!.binding).toMatchObject({
      kind: format.includes('sd-jwt') ? 'key-binding' : 'presentation',
      alg: 'ES256',
      nonce: challenge.nonce,
      audience: challenge.audience,
      issuedAt: now,
      coversCredential: true,
    })
    expect(bindingSignatureHolds(presented!.credential, presented!.binding!)).toBe(true)
  })

  test('H3: a binding by another key, or with one bit changed, does not hold', () => {
    expect(holds(answered(credential, [], otherHolderJwk))).toBe(false)
    expect(holds(broken(answered(credential)))).toBe(false)
  })

  test('H3: a credential without a holder key is bound to nobody', () => {
    const unbound = held(format, ({ payload }) => delete payload.cnf)
    expect(codeOf(() => answered(unbound))).toBe('presentation/not-bound')
    expect(
      bindingSignatureHolds(unbound, parsePresentation(answered(credential))[0]!.binding!),
    ).toBe(false)
  })
})

describe('key binding', () => {
  const token = tokenOf(draftOf('dc+sd-jwt'))
  const jwt = token.slice(0, token.indexOf('~') + 1)

  test('H3: an answer that was stripped of its key binding has none', () => {
    const bound = boundBy(jwt)
    expect(parsePresentation(bound)[0]!.binding).toBeDefined()
    expect(
      parsePresentation(bound.slice(0, bound.lastIndexOf('~') + 1))[0]!.binding,
    ).toBeUndefined()
  })

  test('H3: sd_hash must be of exactly what is presented', () => {
    const covers = (text: string) => parsePresentation(text)[0]!.binding!.coversCredential
    expect(covers(boundBy(jwt))).toBe(true)
    expect(covers(boundBy(token))).toBe(true)
    expect(covers(boundBy(jwt, { sd_hash: 'A'.repeat(43) }))).toBe(false)
    const narrow = boundBy(jwt)
    // The same key binding behind more disclosures than it was made for.
    expect(covers(token + narrow.slice(narrow.lastIndexOf('~') + 1))).toBe(false)
    const wide = boundBy(token)
    expect(covers(jwt + wide.slice(wide.lastIndexOf('~') + 1))).toBe(false)
  })

  test('H4: the key binding of one certificate does not cover another of the same holder', () => {
    const other = tokenOf(draftOf('dc+sd-jwt'))
    const bound = boundBy(token)
    const mixed = other + bound.slice(bound.lastIndexOf('~') + 1)
    expect(parsePresentation(mixed)[0]!.binding!.coversCredential).toBe(false)
  })

  test('H2: nonce, audience and time come out as they were signed', () => {
    const text = boundBy(jwt, {
      aud: 'https://other.example',
      nonce: 'other',
      iat: seconds - 315_360_000,
    })
    expect(parsePresentation(text)[0]!.binding).toMatchObject({
      audience: 'https://other.example',
      nonce: 'other',
      issuedAt: new Date(now.getTime() - 315_360_000_000),
    })
  })

  const kb = (payload: object, header: object = {}) =>
    codeOf(() => parsePresentation(boundBy(jwt, payload, header)))
  test.each([
    ['aud', [challenge.audience]],
    ['aud', ''],
    ['aud', 1],
    ['aud', null],
    ['nonce', 1],
    ['nonce', ''],
    ['nonce', ['x']],
    ['iat', String(seconds)],
    ['iat', -1],
    ['iat', null],
    ['iat', 1e15],
    ['sd_hash', 1],
    ['sd_hash', null],
    ['exp', seconds],
    ['nbf', seconds],
  ])('B11: %s = %j in a key binding is refused', (name, value) => {
    expect(kb({ [name]: value })).toBe('credential/bad-claim')
  })

  test.each(['aud', 'nonce', 'iat', 'sd_hash'])(
    'B11: a key binding without %s is refused',
    (name) => {
      expect(kb({ [name]: undefined })).toBe('credential/missing-claim')
    },
  )

  test('A1 A2 A3 A5 A10: the key binding has its own typ, algorithm and no key in its header', () => {
    for (const typ of ['JWT', 'vc+jwt', 'dc+sd-jwt', 'vp+jwt', 'KB+JWT', undefined]) {
      expect(kb({}, { typ })).toBe('credential/wrong-typ')
    }
    for (const alg of ['none', 'HS256', 'constructor', 'toString', undefined]) {
      expect(kb({}, { alg })).toBe('credential/alg-not-allowed')
    }
    for (const name of ['jwk', 'kid', 'x5c', 'crit', 'jku']) {
      expect(kb({}, { [name]: 'x' })).toBe('credential/header-not-allowed')
    }
  })

  test('A4: the algorithm is the one of the holder key, whatever the header says', () => {
    expect(holds(boundBy(jwt, {}, { alg: 'ES256K' }))).toBe(false)
    expect(holds(boundBy(jwt, {}, { alg: 'EdDSA' }))).toBe(false)
  })

  test('A10: a key binding behind a JWT, or a credential in its place, is refused', () => {
    const plain = tokenOf(draftOf('vc+jwt'))
    expect(codeOf(() => parsePresentation(boundBy(`${plain}~`)))).toBe('credential/wrong-typ')
    expect(codeOf(() => parsePresentation(jwt + plain))).toBe('credential/wrong-typ')
    expect(codeOf(() => parsePresentation(jws({ alg: 'ES256', typ: 'kb+jwt' }, {})))).toBe(
      'credential/wrong-typ',
    )
  })
})

describe('a VP as JWT', () => {
  const one = tokenOf(draftOf('vc+jwt'))
  const two = tokenOf({
    ...draftOf('vc+jwt'),
    payload: { ...draftOf('vc+jwt').payload, iat: 1_790_000_001 },
  })
  const vp = (payload: object, header: object = {}) =>
    codeOf(() => parsePresentation(vpOf([one], payload, header)))

  test('envelopes one or several credentials under one binding', () => {
    const presented = parsePresentation(vpOf([one, two]))
    expect(presented.map(({ token }) => token)).toEqual([one, two])
    expect(presented[0]!.binding).toEqual(presented[1]!.binding)
    expect(
      presented.every(({ credential, binding }) => bindingSignatureHolds(credential, binding!)),
    ).toBe(true)
    expect(sameHolder(presented)).toBe(true)
  })

  test('H4: a credential of another holder inside is not bound by this one', () => {
    const others = tokenOf({
      ...draftOf('vc+jwt'),
      payload: { ...draftOf('vc+jwt').payload, cnf: { jwk: publicJwk(otherHolderJwk) } },
    })
    const presented = parsePresentation(vpOf([one, others]))
    expect(
      presented.map(({ credential, binding }) => bindingSignatureHolds(credential, binding!)),
    ).toEqual([true, false])
    expect(sameHolder(presented)).toBe(false)
  })

  test('the same credential twice is refused, inside or beside', () => {
    expect(codeOf(() => parsePresentation(vpOf([one, one])))).toBe('presentation/duplicate')
    const file = writePresentationFile([one, broken(one)].map((token) => ({ token, proofs: [] })))
    expect(codeOf(() => parsePresentation(file))).toBe('presentation/duplicate')
  })

  const enveloped = (id: unknown, type: unknown = 'EnvelopedVerifiableCredential') => ({
    verifiableCredential: [{ type, id }],
  })
  test.each<[string, object]>([
    ['nothing inside', { verifiableCredential: [] }],
    ['no list', { verifiableCredential: undefined }],
    ['a credential as an object', { verifiableCredential: [{ type: ['VerifiableCredential'] }] }],
    ['a credential as a string', { verifiableCredential: [one] }],
    ['17 credentials', { verifiableCredential: Array(17).fill({}) }],
    ['another type', enveloped(`data:application/vc+jwt,${one}`, 'VerifiableCredential')],
    ['an address in place of the credential', enveloped('https://127.0.0.1/credential')],
    ['another media type', enveloped(`data:application/jwt,${one}`)],
    ['an unknown media type', enveloped(`data:text/plain,${one}`)],
    ['base64', enveloped(`data:application/vc+jwt;base64,${one}`)],
    ['an SD-JWT', enveloped(`data:application/dc+sd-jwt,${tokenOf(draftOf('dc+sd-jwt'))}`)],
    ['no context', { '@context': undefined }],
    ['another context', { '@context': ['https://127.0.0.1/'] }],
    ['no type', { type: undefined }],
    ['another type of VP', { type: ['VerifiableCredential'] }],
    ['another holder than iss', { iss: 'did:jwk:other' }],
    ['a holder that is not the key', { holder: 'did:jwk:other' }],
    ['several audiences', { aud: [challenge.audience] }],
    ['no nonce', { nonce: undefined }],
    ['an end of its own', { exp: seconds + 60 }],
  ])('%s is refused', (_, payload) => {
    expect(vp(payload)).toMatch(/^(presentation\/malformed|credential\/(bad|missing)-claim)$/)
  })

  test('A10: a VP inside a VP, and a VP as a credential, are refused', () => {
    expect(codeOf(() => parsePresentation(vpOf([vpOf([one])])))).toBe('credential/wrong-typ')
    expect(vp({}, { typ: 'JWT' })).toMatch(/^credential\//)
    expect(vp({}, { alg: 'none' })).toBe('credential/alg-not-allowed')
    expect(vp({}, { jwk: {} })).toBe('credential/header-not-allowed')
  })
})

describe('files', () => {
  const token = tokenOf(draftOf('dc+sd-jwt'))

  test('a certificate file keeps token and proof, hashes in hex or base64url', () => {
    const text = writeCertificateFile({ credential: token, proof })
    expect(readCertificateFile(text)).toEqual({ credential: token, proof })
    expect(parsePresentation(text)[0]).toMatchObject({ token, proof, binding: undefined })
    const file = JSON.parse(text)
    file.proof.path[0] = Buffer.alloc(32, 1).toString('base64url')
    file.proof.path[1] = `0x${file.proof.path[1]}`
    expect(readCertificateFile(JSON.stringify(file)).proof).toEqual(proof)
    expect(
      readCertificateFile(writeCertificateFile({ credential: token, proof: undefined })).proof,
    ).toBeUndefined()
  })

  test('a presentation file keeps several tokens and the proofs of those that have one', () => {
    const one = tokenOf(draftOf('vc+jwt'))
    const text = writePresentationFile([
      { token: boundBy(token), proofs: [proof] },
      { token: vpOf([one]), proofs: [undefined] },
    ])
    const presented = parsePresentation(new TextEncoder().encode(text))
    expect(presented.map((each) => each.proof)).toEqual([proof, undefined])
    expect(presented.map(({ binding }) => binding!.kind)).toEqual(['key-binding', 'presentation'])
  })

  const hash = 'ab'.repeat(32)
  const path = { sequence: 1, index: 0, size: 16, path: [hash] }
  test.each<[string, unknown]>([
    ['another member', { credential: token, other: 1 }],
    ['no credential', { proof: path }],
    ['nothing', {}],
    ['a credential that is no text', { credential: { token } }],
    ['a proof that is no object', { credential: token, proof: [] }],
    ['a proof without size', { credential: token, proof: { ...path, size: undefined } }],
    ['a negative index', { credential: token, proof: { ...path, index: -1 } }],
    ['a path that is no list', { credential: token, proof: { ...path, path: hash } }],
    ['a path of 65 hashes', { credential: token, proof: { ...path, path: Array(65).fill(hash) } }],
    ['a short hash', { credential: token, proof: { ...path, path: ['ab'] } }],
    ['a hash that is a number', { credential: token, proof: { ...path, path: [1] } }],
    ['another member in the proof', { credential: token, proof: { ...path, root: hash } }],
    ['an empty presentation', { presentation: [] }],
    ['a presentation that is no list', { presentation: token }],
    ['17 tokens', { presentation: Array(17).fill(token) }],
    ['an entry that is a number', { presentation: [1] }],
    ['an entry without token', { presentation: [{ proofs: [] }] }],
    ['an entry with another member', { presentation: [{ token, key: 1 }] }],
    ['more proofs than credentials', { presentation: [{ token, proofs: [path, path] }] }],
    ['both kinds in one', { presentation: [token], credential: token }],
  ])('a file with %s is refused', (_, file) => {
    expect(codeOf(() => parsePresentation(JSON.stringify(file)))).toMatch(
      /^(presentation\/malformed|credential\/(bad|missing)-claim|hex\/malformed)$/,
    )
  })

  test('B1 B11: duplicate members, byte order marks, other text and huge files are refused', () => {
    expect(codeOf(() => parsePresentation(`{"credential":"a","credential":"${token}"}`))).toBe(
      'json/duplicate-member',
    )
    expect(codeOf(() => parsePresentation(`\ufeff{"credential":"${token}"}`))).toMatch(
      /^(credential|json)\//,
    )
    expect(codeOf(() => parsePresentation(Uint8Array.of(0xff, 0xfe)))).toBe('json/ill-formed-text')
    for (const text of ['', ' ', '[]', 'null', 'hello', '~', 'a.b.c', '{']) {
      expect(
        codeOf(() => parsePresentation(text)),
        text,
      ).toMatch(/^(credential|json)\//)
    }
    expect(codeOf(() => parsePresentation('x'.repeat(3_000_000)))).toBe('json/too-large')
  })
})

test('H3: one key for all is the same holder, one without a key is not', () => {
  const bound = parsePresentation(answered(held('vc+jwt')))
  const free = parsePresentation(
    tokenOf({
      ...draftOf('vc+jwt'),
      payload: (({ cnf: _, ...rest }) => rest)(draftOf('vc+jwt').payload),
    }),
  )
  expect(sameHolder(bound)).toBe(true)
  expect(sameHolder([...bound, ...free])).toBe(false)
  expect(sameHolder(free)).toBe(false)
  expect(publicJwk(holderJwk)).toEqual(bound[0]!.credential.holderKey)
})
