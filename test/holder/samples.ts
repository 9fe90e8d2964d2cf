import { importPrivateKey, sign } from '#primitives'
import type { readType } from '../../src/certificate/readType.ts'
import { didJwk, didJwkUrl } from '../../src/credential/didJwk.ts'
import type { Json, PublicJwk } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { thumbprintHex } from '../../src/credential/thumbprint.ts'
import type { Code } from '../../src/errors.ts'
import type { Holder } from '../../src/holder/model.ts'
import type { HeldRecord } from '../../src/ports/holder.ts'
import type { Signer } from '../../src/ports/signing.ts'
import { readRequest } from '../../src/presentation/request.ts'
import { hex } from '../../src/primitives/bytes.ts'
import type { PrivateJwk } from '../../src/primitives/model.ts'
import type { Check, Verdict } from '../../src/verdict/model.ts'
import { holderJwk, publicJwk, titleType } from '../credential/samples.ts'
import { challenge, now } from '../presentation/samples.ts'

/** A sample inclusion proof; nothing here verifies it. */
export const proof = { sequence: 1, index: 3, size: 16, path: [new Uint8Array(32).fill(9)] }

/** A signer in this process over a sample key. */
export function signerOf(jwk: PrivateJwk): Signer {
  const key = publicJwk(jwk)
  return {
    key: {
      did: didJwk(key),
      kid: didJwkUrl(key),
      thumbprint: thumbprintHex(key),
      jwk: key,
      alg: 'ES256',
      purpose: 'holder',
      x5c: [],
    },
    isRemote: false,
    sign: async (_kind, inputs) => inputs.map((input) => sign(importPrivateKey(jwk), input)),
    close: async () => {},
  }
}

/** A verdict on a token: a good signature, and the checks given. */
export function verdictOf(token: string, ...checks: Check[]): Verdict {
  const all: Check[] = [
    { name: 'signature', outcome: 'pass', code: 'signature/good' as Code },
    ...checks,
  ]
  const outcomes = all.map(({ outcome }) => outcome)
  const outcome = outcomes.includes('fail')
    ? 'invalid'
    : outcomes.includes('unknown')
      ? 'unknown'
      : 'valid'
  const fingerprint = hex(parseCredential(token).fingerprint)
  return { outcome, at: now, checks: [], credentials: [{ fingerprint, outcome, checks: all }] }
}

/** The sample title's type, with its classes. */
const label = { zh: '样例', en: 'sample' }
const field = (name: string, disclosure: string, more: object = {}) => ({
  name,
  labels: label,
  type: 'string',
  disclosure,
  required: false,
  ...more,
})
const type = {
  ...({} as ReturnType<typeof readType>),
  uri: titleType,
  fields: [
    field('title_number', 'P'),
    field('registry', 'P'),
    field('right_holder', 'S'),
    field('location', 'S'),
    field('uses', 'S', { type: 'list' }),
    field('document', 'R'),
  ],
} as ReturnType<typeof readType>

/** A wallet in memory, whose check finds everything good unless another is given. */
export function wallet(keys: readonly PrivateJwk[] = [holderJwk], check?: Holder['check']) {
  const records = new Map<string, HeldRecord>()
  const holder: Holder = {
    store: {
      put: async (record) => void records.set(record.id, record),
      get: async (id) => records.get(id),
      list: async () => [...records.values()],
      remove: async (id) => void records.delete(id),
    },
    signerFor: async (key: PublicJwk) => {
      const own = keys.find(({ x }) => x === key.x)
      return own && signerOf(own)
    },
    check: check ?? (async (token) => verdictOf(token)),
    types: [type],
    now: () => now,
  }
  return { holder, records }
}

/** Asks for a title and its location, as SD-JWT VC. */
export const dcql = {
  credentials: [
    {
      id: 'title',
      format: 'dc+sd-jwt',
      meta: { vct_values: [titleType] },
      claims: [{ path: ['location'] }],
    },
  ],
}
/** The sample verifier asks for that. */
export const request = readRequest({ ...challenge, purpose: '贷款审查', dcql: dcql as Json })

/** The sample verifier asks for a title as a JWT, no field in particular. */
export const jwtRequest = readRequest({
  ...challenge,
  purpose: '贷款审查',
  dcql: {
    credentials: [
      { id: 'title', format: 'jwt_vc_json', meta: { type_values: [['RealEstateTitle']] } },
    ],
  } as Json,
})

/** `Name code` of what a promise is refused with; `accepted` where it is not. */
export async function code(call: () => Promise<unknown>): Promise<string> {
  return call().then(
    () => 'accepted',
    (error) => `${error.name} ${error.code}`,
  )
}
