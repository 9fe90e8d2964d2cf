import { expect, test } from 'vitest'
import { typeOnChain } from '../../../src/accreditation/typeName.ts'
import { didJwk } from '../../../src/credential/didJwk.ts'
import type { JsonObject } from '../../../src/credential/model.ts'
import { parseCredential } from '../../../src/credential/parse.ts'
import { OutsideError } from '../../../src/errors.ts'
import { requestCredential } from '../../../src/openid4vc/issuance/credential.ts'
import { requestDeferred } from '../../../src/openid4vc/issuance/deferred.ts'
import { approveOffer, withdrawOffer } from '../../../src/openid4vc/issuance/manageOffer.ts'
import { kinds } from '../../../src/openid4vc/issuance/model.ts'
import { notify } from '../../../src/openid4vc/issuance/notification.ts'
import { claimsOf, offerOf } from '../../../src/openid4vc/issuance/offer.ts'
import { withdraw } from '../../support/chainModel.ts'
import { sampleDegree, sampleTitle, titleType } from '../../support/issuer.ts'
import { secondsOf, signedJwt, walletKey } from '../../support/wallet.ts'
import {
  accepted,
  degreeSdJwt,
  oauthRefusal,
  offerWorld,
  proofOf,
  requestOf,
  titleJwt,
  titleSdJwt,
  tokensOf,
} from './world.ts'

const copiesOf = async ({ world }: Awaited<ReturnType<typeof offerWorld>>) =>
  world.store.certificates.scan(world.address, 0, 1000)

test('a wallet gets a copy for each key, and the claims are deleted', async () => {
  const made = await offerWorld()
  const { issuance } = made
  const { access, offer } = await accepted(issuance)
  const keys = [walletKey(), walletKey(), walletKey()]
  const proofs = await Promise.all(keys.map((key) => proofOf(issuance, key)))
  const answer = await requestCredential(issuance, access, requestOf(proofs))
  expect(answer.status).toBe(200)
  const parsed = tokensOf(answer).map((one) => parseCredential(one))
  expect(parsed.map(({ format }) => format)).toEqual(['dc+sd-jwt', 'dc+sd-jwt', 'dc+sd-jwt'])
  expect(parsed.map(({ holderKey }) => holderKey)).toEqual(keys.map(({ publicJwk }) => publicJwk))
  expect(parsed[0]!.claims).toMatchObject({ ...sampleTitle(1) })
  expect(new Set(parsed.map(({ status }) => status!.index)).size).toBe(3)
  expect(await claimsOf(issuance, offer.id)).toBeUndefined()
  expect(await offerOf(issuance, offer.id)).toMatchObject({ state: 'issued' })
})

test('keys of P-256, Ed25519 and secp256k1 are proven as a JWK, a did:jwk and a did:key', async () => {
  for (const curve of ['P-256', 'Ed25519', 'secp256k1'] as const) {
    const { issuance } = await offerWorld()
    const { access } = await accepted(issuance)
    const key = walletKey(curve)
    const kid = `${didJwk(key.publicJwk)}#0`
    const proof = await proofOf(issuance, key, {}, { kid })
    const [token] = tokensOf(await requestCredential(issuance, access, requestOf([proof])))
    expect(parseCredential(token!).holderKey, curve).toEqual(key.publicJwk)
    const again = await proofOf(issuance, key)
    expect(tokensOf(await requestCredential(issuance, access, requestOf([again])))).toEqual([token])
  }
})

test('two formats of an offer are one certificate: same identifier, same status entry', async () => {
  const { issuance } = await offerWorld()
  const { access, offer } = await accepted(issuance, { configurations: [titleSdJwt, titleJwt] })
  const key = walletKey()
  const ask = async (id: string) =>
    parseCredential(
      tokensOf(
        await requestCredential(issuance, access, requestOf([await proofOf(issuance, key)], id)),
      )[0]!,
    )
  const [one, two] = [await ask(titleSdJwt), await ask(titleJwt)]
  expect([one.format, two.format]).toEqual(['dc+sd-jwt', 'jwt_vc'])
  expect(one.certificate).toBe(two.certificate)
  expect(one.status).toEqual(two.status)
  expect(Object.keys((await offerOf(issuance, offer.id))!.issued)).toEqual([titleSdJwt, titleJwt])
})

test('G3: a nonce counts once, also in 200 parallel requests of two wallets', async () => {
  const made = await offerWorld()
  const { issuance } = made
  const [one, two] = [await accepted(issuance), await accepted(issuance)]
  const proof = await proofOf(issuance)
  const ask = ({ access }: typeof one) => requestCredential(issuance, access, requestOf([proof]))
  const calls = Array.from({ length: 200 }, (_, at) => oauthRefusal(ask(at % 2 ? one : two)))
  const codes = await Promise.all(calls)
  // The wallet whose request was taken may send that very request again; the other one never gets in.
  const states = await Promise.all([one, two].map(({ offer }) => offerOf(issuance, offer.id)))
  expect(states.map((offer) => offer!.handed !== undefined).filter(Boolean)).toHaveLength(1)
  expect(codes.filter((code) => code === 'invalid_nonce').length).toBeGreaterThanOrEqual(100)
  expect(await copiesOf(made)).toHaveLength(1)
})

test('G3: a nonce of nobody, and one that is too old, is refused and nothing is issued', async () => {
  const made = await offerWorld()
  const { issuance } = made
  const { access } = await accepted(issuance)
  const ask = (proof: string) =>
    oauthRefusal(requestCredential(issuance, access, requestOf([proof])))
  expect(await ask(await proofOf(issuance, walletKey(), { nonce: 'made-up' }))).toBe(
    'invalid_nonce',
  )
  const early = await proofOf(issuance)
  made.ahead = 300
  expect(await ask(early)).toBe('invalid_nonce')
  expect(await copiesOf(made)).toHaveLength(0)
})

test('a proof that is not one is refused: kind, algorithm, audience, time, key, signature', async () => {
  const made = await offerWorld()
  const { issuance } = made
  const { access } = await accepted(issuance)
  const key = walletKey()
  const other = walletKey()
  const iat = secondsOf(issuance.clock())
  const jwk = { ...key.publicJwk }
  const good = { aud: 'https://titles.example', nonce: 'x', iat }
  const proof = (header: object, payload: object | string = good) =>
    signedJwt(
      key,
      { typ: 'openid4vci-proof+jwt', ...header },
      typeof payload === 'string' ? payload : { ...payload },
    )
  const parts = (await proofOf(issuance, key)).split('.')
  const bad = {
    'another kind': proof({ jwk, typ: 'JWT' }),
    'no kind': signedJwt(key, { jwk }, { ...good }),
    'alg none': proof({ jwk, alg: 'none' }),
    'alg of another curve': proof({ jwk, alg: 'ES256K' }),
    'alg as a prototype member': proof({ jwk, alg: 'constructor' }),
    HS256: proof({ jwk, alg: 'HS256' }),
    'no key': proof({}),
    'two keys': proof({ jwk, kid: `${didJwk(key.publicJwk)}#0` }),
    'a key of another DID method': proof({ kid: 'did:web:wallet.example#0' }),
    "another's key": proof({ jwk: { ...other.publicJwk } }),
    'a private key': proof({ jwk: { ...key.privateJwk } }),
    'a key address': proof({ jwk, jku: 'https://wallet.example/keys' }),
    'a certificate': proof({ jwk, x5c: ['MIIB'] }),
    'a critical member': proof({ jwk, crit: ['b64'], b64: false }),
    'a point off its curve': proof({ jwk: { ...jwk, y: other.publicJwk.y! } }),
    'another issuer': proof({ jwk }, { ...good, aud: 'https://other.example' }),
    'several issuers': proof({ jwk }, { ...good, aud: ['https://titles.example'] }),
    'long ago': proof({ jwk }, { ...good, iat: iat - 601 }),
    'in the future': proof({ jwk }, { ...good, iat: iat + 61 }),
    'a time as text': proof({ jwk }, { ...good, iat: String(iat) }),
    'no nonce': proof({ jwk }, { aud: good.aud, iat }),
    'a member twice': proof({ jwk }, `{"nonce":"y",${JSON.stringify(good).slice(1)}`),
    'a changed payload': [parts[0], proof({ jwk }).split('.')[1], parts[2]].join('.'),
    'no signature': `${parts[0]}.${parts[1]}.`,
    nothing: '',
  }
  for (const [what, jwt] of Object.entries(bad)) {
    const code = await oauthRefusal(requestCredential(issuance, access, requestOf([jwt])))
    expect(code, what).toBe('invalid_proof')
  }
  expect(await copiesOf(made)).toHaveLength(0)
})

test('a request of the wrong shape has the code of the specification', async () => {
  const { issuance } = await offerWorld()
  const { access } = await accepted(issuance)
  const key = walletKey()
  const proof = await proofOf(issuance, key)
  const ask = (request: object) =>
    oauthRefusal(requestCredential(issuance, access, { ...request } as never))
  const good = requestOf([proof])
  expect(await ask({ proofs: good.proofs })).toBe('invalid_credential_request')
  expect(await ask({ ...good, credential_identifier: 'x' })).toBe('invalid_credential_request')
  expect(await ask({ ...good, credential_configuration_id: 'x' })).toBe(
    'unknown_credential_configuration',
  )
  expect(await ask({ ...good, credential_configuration_id: degreeSdJwt })).toBe(
    'credential_request_denied',
  )
  expect(await ask({ ...good, credential_response_encryption: {} })).toBe(
    'invalid_encryption_parameters',
  )
  const proofs = [
    undefined,
    {},
    [],
    'x',
    { jwt: [] },
    { jwt: proof },
    { jwt: [proof], attestation: [proof] },
    { attestation: [proof] },
    { jwt: [7] },
    { jwt: Array.from({ length: 21 }, () => proof) },
    { jwt: [proof, await proofOf(issuance, key)] },
  ]
  for (const one of proofs) {
    expect(await ask({ ...good, proofs: one }), JSON.stringify(one)?.slice(0, 40)).toBe(
      'invalid_proof',
    )
  }
})

test('G5: whose certificate it is comes from the offer, whatever the proof says', async () => {
  const { issuance } = await offerWorld()
  const { access } = await accepted(issuance)
  const key = walletKey()
  const proof = await proofOf(issuance, key, { iss: 'did:example:someone-else', sub: 'x' })
  const [token] = tokensOf(await requestCredential(issuance, access, requestOf([proof])))
  expect(token).not.toContain('someone-else')
  expect(parseCredential(token!).holderKey).toEqual(key.publicJwk)
})

test('G5: a named client is the only issuer of its proofs', async () => {
  const { issuance } = await offerWorld()
  const { access } = await accepted(issuance)
  const named = { ...access, clientId: 'https://wallet.example' }
  const ask = async (iss: string) =>
    oauthRefusal(
      requestCredential(
        issuance,
        named,
        requestOf([await proofOf(issuance, walletKey(), { iss })]),
      ),
    )
  expect(await ask('https://other.example')).toBe('invalid_proof')
  expect(await ask('https://wallet.example')).toBeUndefined()
})

test('G5: one key never carries certificates of two people', async () => {
  const { issuance } = await offerWorld()
  const key = walletKey()
  const claimsFor = (number: number, person: string) => ({
    ...sampleTitle(number),
    holder_document_number: person,
  })
  const ask = async (number: number, person: string, wallet: typeof key) => {
    const { access } = await accepted(issuance, { claims: claimsFor(number, person) })
    return oauthRefusal(
      requestCredential(issuance, access, requestOf([await proofOf(issuance, wallet)])),
    )
  }
  expect(await ask(1, 'SAMPLE-A', key)).toBeUndefined()
  expect(await ask(2, 'SAMPLE-A', key)).toBeUndefined()
  expect(await ask(3, 'SAMPLE-B', key)).toBe('invalid_proof')
  expect(await ask(4, 'SAMPLE-B', walletKey())).toBeUndefined()
})

test('I1, I2: what is kept about a key’s owner cannot be guessed back from the store', async () => {
  const { issuance } = await offerWorld()
  const kept: JsonObject[] = []
  const { add } = issuance.sessions
  const sessions = {
    ...issuance.sessions,
    add: (department: string, added: Parameters<typeof add>[1]) => {
      kept.push(...added.filter(({ kind }) => kind === kinds.key).map(({ value }) => value))
      return add(department, added)
    },
  }
  const watched = { ...issuance, sessions }
  const { access } = await accepted(watched)
  await requestCredential(watched, access, requestOf([await proofOf(watched)]))
  expect(kept.map((value) => Object.keys(value))).toEqual([['sealed']])
})

test('G7: a request whose answer was lost gives the same credential, with the same nonce and with a new one', async () => {
  const made = await offerWorld()
  const { issuance } = made
  const { access } = await accepted(issuance)
  const key = walletKey()
  const request = requestOf([await proofOf(issuance, key)])
  const first = await requestCredential(issuance, access, request)
  expect(await requestCredential(issuance, access, request)).toEqual(first)
  const fresh = requestOf([await proofOf(issuance, key)])
  expect(await requestCredential(issuance, access, fresh)).toEqual(first)
  const other = requestOf([await proofOf(issuance)])
  expect(await oauthRefusal(requestCredential(issuance, access, other))).toBe(
    'credential_request_denied',
  )
  expect(await copiesOf(made)).toHaveLength(1)
})

test('G7: when half of the store’s answers are lost, one certificate comes of it', async () => {
  const made = await offerWorld()
  const { issuance } = made
  const { access } = await accepted(issuance)
  let seed = 7
  const flaky = <T extends object>(door: T): T =>
    new Proxy(door, {
      get: (target, name) => {
        const method = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...parts: unknown[]) => {
          const result = await method.apply(target, parts)
          seed = (seed * 1103515245 + 12345) % 2 ** 31
          if (seed > 2 ** 30) throw new OutsideError('store/unavailable')
          return result
        }
      },
    })
  const { issuer } = issuance
  const cut = { ...issuance, issuer: { ...issuer, certificates: flaky(issuer.certificates) } }
  const key = walletKey()
  const tokens = new Set<string>()
  for (let round = 0; round < 40; round++) {
    const request = requestOf([await proofOf(issuance, key)])
    const answer = await requestCredential(cut, access, request)
    if (answer.status === 200) for (const one of tokensOf(answer)) tokens.add(one)
  }
  expect(tokens.size).toBe(1)
  expect(await copiesOf(made)).toHaveLength(1)
})

test('G6: what was deferred belongs to its token and keys', async () => {
  const made = await offerWorld({ fourEyes: ['real-estate-title'] })
  const { issuance } = made
  const [mine, other] = [await accepted(issuance), await accepted(issuance)]
  const key = walletKey()
  const asked = await requestCredential(
    issuance,
    mine.access,
    requestOf([await proofOf(issuance, key)]),
  )
  expect(asked).toMatchObject({ status: 202, body: { interval: 5 } })
  const { transaction_id } = asked.body as { transaction_id: string }
  await requestCredential(issuance, other.access, requestOf([await proofOf(issuance)]))
  await approveOffer(issuance, mine.offer.id, 'approver')
  await approveOffer(issuance, other.offer.id, 'approver')
  // Another token, and the same offer under another token, are another transaction.
  const swapped = { ...mine.access, token: other.access.token }
  for (const access of [other.access, swapped]) {
    expect(await oauthRefusal(requestDeferred(issuance, access, { transaction_id }))).toBe(
      'invalid_transaction_id',
    )
  }
  const ready = await requestDeferred(issuance, mine.access, { transaction_id })
  expect(parseCredential(tokensOf(ready)[0]!).holderKey).toEqual(key.publicJwk)
  // Used up; the lost answer comes again from the credential endpoint, for the same key only.
  expect(await oauthRefusal(requestDeferred(issuance, mine.access, { transaction_id }))).toBe(
    'invalid_transaction_id',
  )
  const again = requestOf([await proofOf(issuance, key)])
  expect(await requestCredential(issuance, mine.access, again)).toEqual(ready)
  const thief = requestOf([await proofOf(issuance)])
  expect(await oauthRefusal(requestCredential(issuance, mine.access, thief))).toBe(
    'credential_request_denied',
  )
})

test('G9: who made an offer cannot approve it, and until somebody else does nothing is issued', async () => {
  const made = await offerWorld({ fourEyes: ['real-estate-title'] })
  const { issuance, world } = made
  const { access, offer } = await accepted(issuance, { by: 'clerk-a' })
  const asked = await requestCredential(issuance, access, requestOf([await proofOf(issuance)]))
  const { transaction_id } = asked.body as { transaction_id: string }
  await expect(approveOffer(issuance, offer.id, 'clerk-a')).rejects.toMatchObject({
    code: 'offer/needs-other-person',
  })
  expect((await requestDeferred(issuance, access, { transaction_id })).status).toBe(202)
  expect(await copiesOf(made)).toHaveLength(0)
  await approveOffer(issuance, offer.id, 'clerk-b')
  expect((await requestDeferred(issuance, access, { transaction_id })).status).toBe(200)
  await expect(approveOffer(issuance, offer.id, 'clerk-b')).rejects.toMatchObject({
    code: 'offer/not-waiting',
  })
  const lines = (await world.store.audit.scan(0, 100)).map(({ entry }) => entry)
  const about = lines.filter(({ subject }) => subject === offer.id)
  expect(about.map(({ action, actor }) => [action, actor])).toEqual([
    ['offer/created', 'clerk-a'],
    ['offer/accepted', 'wallet'],
    ['offer/approved', 'clerk-b'],
    ['offer/issued', 'wallet'],
  ])
  expect(JSON.stringify(lines)).not.toContain('样本')
})

test('G8: what is issued is what was checked when the offer was made, or nothing', async () => {
  const made = await offerWorld()
  const { issuance } = made
  const { access, offer } = await accepted(issuance)
  const known = (await offerOf(issuance, offer.id))!
  const request = async () => requestOf([await proofOf(issuance)])
  const { types } = issuance.issuer
  const changed = types.map((type) =>
    type.id === 'real-estate-title' ? { ...type, names: { ...type.names, en: 'Other' } } : type,
  )
  const later = { ...issuance, issuer: { ...issuance.issuer, types: changed } }
  const key = walletKey()
  const proof = await proofOf(issuance, key)
  expect(await oauthRefusal(requestCredential(later, access, requestOf([proof])))).toBe(
    'credential_request_denied',
  )
  expect(await copiesOf(made)).toHaveLength(0)
  const again = requestOf([await proofOf(issuance, key)])
  const [token] = tokensOf(await requestCredential(issuance, access, again))
  expect(parseCredential(token!).certificate).toBe(known.certificate)
  expect(await oauthRefusal(requestCredential(issuance, access, await request()))).toBe(
    'credential_request_denied',
  )
})

test('a department that lost its accreditation after the offer issues nothing', async () => {
  const made = await offerWorld()
  const { issuance, world } = made
  const { access } = await accepted(issuance)
  world.model.govern((state, time) => withdraw(state, time, world.address, typeOnChain(titleType)))
  const request = requestOf([await proofOf(issuance)])
  expect(await oauthRefusal(requestCredential(issuance, access, request))).toBe(
    'credential_request_denied',
  )
  expect(await copiesOf(made)).toHaveLength(0)
})

test('while the chain does not answer the credential is deferred, and comes when it does', async () => {
  const made = await offerWorld()
  const { issuance } = made
  const { access } = await accepted(issuance)
  const chain = {
    ...issuance.issuer.chain,
    view: async () => {
      throw new OutsideError('chain/unreachable')
    },
  }
  const cut = { ...issuance, issuer: { ...issuance.issuer, chain } }
  const asked = await requestCredential(cut, access, requestOf([await proofOf(issuance)]))
  expect(asked.status).toBe(202)
  const { transaction_id } = asked.body as { transaction_id: string }
  expect((await requestDeferred(cut, access, { transaction_id })).status).toBe(202)
  const ready = await requestDeferred(issuance, access, { transaction_id })
  expect(tokensOf(ready)).toHaveLength(1)
})

test('a withdrawn offer gives nothing and forgets its claims', async () => {
  const { issuance } = await offerWorld()
  const { access, offer } = await accepted(issuance, {
    configurations: [degreeSdJwt],
    claims: sampleDegree(1),
  })
  await withdrawOffer(issuance, offer.id, 'clerk')
  expect(await claimsOf(issuance, offer.id)).toBeUndefined()
  const request = requestOf([await proofOf(issuance)], degreeSdJwt)
  expect(await oauthRefusal(requestCredential(issuance, access, request))).toBe(
    'credential_request_denied',
  )
  await expect(withdrawOffer(issuance, offer.id, 'clerk')).rejects.toMatchObject({
    code: 'offer/not-waiting',
  })
})

test('a wallet says what became of the credential, and of no other', async () => {
  const { issuance } = await offerWorld()
  const [mine, other] = [await accepted(issuance), await accepted(issuance)]
  const key = walletKey()
  const { body } = await requestCredential(
    issuance,
    mine.access,
    requestOf([await proofOf(issuance, key)]),
  )
  const { notification_id } = body as { notification_id: string }
  const event = 'credential_accepted'
  const tell = (access: typeof mine.access, request: object) =>
    oauthRefusal(notify(issuance, access, request as never))
  expect(await tell(mine.access, { notification_id, event })).toBeUndefined()
  expect(await tell(mine.access, { notification_id, event })).toBeUndefined()
  expect((await offerOf(issuance, mine.offer.id))?.events).toEqual({ [titleSdJwt]: event })
  expect(await tell(other.access, { notification_id, event })).toBe('invalid_notification_id')
  expect(await tell(mine.access, { notification_id: 'x', event })).toBe('invalid_notification_id')
  for (const request of [{ event }, { notification_id }, { notification_id, event: 'x' }]) {
    expect(await tell(mine.access, request)).toBe('invalid_notification_request')
  }
})
