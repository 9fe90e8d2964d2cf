import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha256 } from '#primitives'
import { bindingSignatureHolds } from '../../src/presentation/binding.ts'
import { parsePresentation } from '../../src/presentation/parsePresentation.ts'
import type { PrivateJwk, PublicJwk } from '../../src/primitives/model.ts'
import { codeOf, draftOf, tokenOf } from '../credential/samples.ts'
import { boundBy } from './samples.ts'

const made = (type: 'ec' | 'ed25519', namedCurve = '') => {
  const pair =
    type === 'ec' ? generateKeyPairSync('ec', { namedCurve }) : generateKeyPairSync('ed25519')
  const { d, ...jwk } = pair.privateKey.export({ format: 'jwk' }) as unknown as PrivateJwk
  return { jwk: jwk as PublicJwk, d }
}
const keys = new Map([
  ['ES256', made('ec', 'P-256')],
  ['ES256K', made('ec', 'secp256k1')],
  ['EdDSA', made('ed25519')],
])

const unboundTo = (jwk: PublicJwk) => {
  const draft = draftOf('dc+sd-jwt')
  const payload = { ...draft.payload, cnf: { jwk: { ...jwk } } }
  return tokenOf({ ...draft, payload, disclosable: [] })
}

const holds = (text: string) => {
  const [presented] = parsePresentation(text)
  return bindingSignatureHolds(presented!.credential, presented!.binding!)
}

test('A4: of all pairs of algorithm, signing key and bound key, only those that are one hold', () => {
  const names = [...keys.keys()]
  for (const bound of names) {
    const token = unboundTo(keys.get(bound)!.jwk)
    for (const signer of names) {
      const { jwk, d } = keys.get(signer)!
      for (const alg of names) {
        const expected = bound === signer && signer === alg
        const text = boundBy(token, {}, { alg }, { ...jwk, d })
        expect(holds(text), `${alg} by ${signer} for ${bound}`).toBe(expected)
      }
    }
  }
})

test('A4: other labels for the same keys are not allowed', () => {
  for (const [name, { jwk, d }] of keys) {
    const token = unboundTo(jwk)
    for (const alg of ['Ed25519', 'ES256K-R', 'ES384', 'PS256']) {
      const code = codeOf(() => parsePresentation(boundBy(token, {}, { alg }, { ...jwk, d })))
      expect(code, `${alg} for ${name}`).toBe('credential/alg-not-allowed')
    }
  }
})

test('A3: a MAC with the public key as its secret is no signature', () => {
  const { jwk } = keys.get('ES256')!
  const token = unboundTo(jwk)
  const secrets = [JSON.stringify(jwk), jwk.x, Buffer.from(jwk.x, 'base64url')]
  for (const secret of secrets) {
    const good = boundBy(token)
    const forged =
      good.slice(0, -86) + Buffer.concat([sha256(secret), sha256(secret)]).toString('base64url')
    expect(holds(forged)).toBe(false)
  }
})

test('A9: a credential bound to a point off the curve is bound to nobody', () => {
  const { jwk } = keys.get('ES256')!
  const token = unboundTo({ ...jwk, y: jwk.x })
  expect(holds(boundBy(token))).toBe(false)
})
