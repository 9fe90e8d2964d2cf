import type { Format, JsonObject } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { prepare } from '../../src/credential/prepare.ts'
import { assembleToken } from '../../src/credential/token.ts'
import { certifyKey, createDevelopmentAuthority } from '../../src/identity/x509/authority.ts'
import { readLeaf } from '../../src/identity/x509/leaf.ts'
import { finishAnswer, writeAnswer } from '../../src/presentation/answer.ts'
import type { Challenge } from '../../src/presentation/model.ts'
import { writePresentationFile } from '../../src/presentation/presentationFile.ts'
import type { Policy, Verdict } from '../../src/verdict/model.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import type { Verifier } from '../../src/verifier/model.ts'
import { draftOf } from '../credential/samples.ts'
import {
  chainId,
  deployment,
  fingerprintOfToken,
  newKey,
  newWorld,
  type SampleKey,
  signed,
  type World,
} from './world.ts'

export const titleType = 'urn:weir:certificate:real-estate-title:1'
export const department = `0x${'a1'.repeat(20)}`
export const otherDepartment = `0x${'b2'.repeat(20)}`
export const formats: readonly Format[] = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc']
export const chain = `eip155:${chainId}`
export const challenge: Challenge = {
  nonce: 'sample-nonce-0123456789',
  audience: 'https://verifier.example/check',
}

/** The sample holder, and a stranger. */
export const holder = newKey()
export const stranger = newKey()

export type Made = {
  format?: Format
  did: string
  key: SampleKey
  issuedAt: Date
  type?: string
  list?: number
  index?: number
  holder?: SampleKey
  /** Members laid over the payload. */
  payload?: JsonObject
  /** Members laid over the header. */
  header?: JsonObject
  x5c?: readonly Uint8Array[]
}

/** A token of a sample title, signed by `key`; with `x5c`, without `iss` and `kid`. */
export function make(made: Made): string {
  const { format = 'vc+jwt', did, key, type = titleType, list = 1, index = 7 } = made
  const { header, payload, disclosable } = draftOf(format)
  const seconds = Math.floor(made.issuedAt.getTime() / 1000)
  const draft = {
    format,
    header: { ...header, kid: `${did}#delegate-1` } as JsonObject,
    payload: {
      ...payload,
      iss: did,
      iat: seconds,
      weir: { chain, status: { list, index }, certificate: 'SAMPLE-1' },
      cnf: { jwk: (made.holder ?? holder).jwk },
    } as JsonObject,
    disclosable,
  }
  if (format === 'dc+sd-jwt') draft.payload.vct = type
  else if (format === 'jwt_vc') {
    draft.payload.nbf = seconds
    draft.payload.vc = { ...(payload.vc as JsonObject), credentialSchema: schema(type) }
  } else {
    draft.payload.issuer = did
    draft.payload.validFrom = new Date(seconds * 1000).toISOString()
    draft.payload.credentialSchema = schema(type)
  }
  if (made.x5c !== undefined) {
    draft.header = {
      alg: 'ES256',
      typ: 'dc+sd-jwt',
      x5c: made.x5c.map((der) => Buffer.from(der).toString('base64')),
    }
    delete draft.payload.iss
  }
  Object.assign(draft.payload, made.payload)
  Object.assign(draft.header, made.header)
  const prepared = prepare(draft)
  return assembleToken(prepared, signed(key, prepared.signingInput))
}

const schema = (type: string) => ({ id: type, type: 'JsonSchema' })

/** Answers a challenge with everything disclosed. */
export function present(
  token: string,
  at: Date,
  { by = holder, to = challenge }: { by?: SampleKey; to?: Challenge } = {},
): string {
  const credential = parseCredential(token)
  const disclosures = credential.disclosures.map(({ encoded }) => encoded)
  const answer = writeAnswer({ ...credential, holderKey: by.jwk }, disclosures, to, 'ES256', at)
  return finishAnswer(answer, signed(by, answer.signingInput))
}

/** Several tokens in one presentation file, without proofs. */
export function together(...tokens: string[]): string {
  return writePresentationFile(tokens.map((token) => ({ token, proofs: [] })))
}

/** Some seconds after a moment; before it where negative. */
export function later(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000)
}

/** A world with one accredited department, its key, and a second ago. */
export function sample() {
  const world = newWorld()
  const did = world.register(department)
  const key = newKey()
  world.addKey(department, key)
  world.accredit(department, titleType)
  world.pass(60)
  const issue = (made: Partial<Made> = {}) => make({ did, key, issuedAt: world.now(), ...made })
  /** Issues, waits a moment and anchors. */
  const anchored = (made: Partial<Made> = {}) => {
    const token = issue(made)
    world.pass(10)
    world.anchor(department, [fingerprintOfToken(token)])
    world.pass(10)
    return token
  }
  return { world, did, key, issue, anchored }
}

/** A department's key with a CA certificate, registered. */
export async function certified(world: World, did: string, of: string) {
  const key = newKey()
  const now = world.now()
  const authority = await createDevelopmentAuthority({ organisation: 'Sample', now, days: 3650 })
  const options = { did, publicJwk: key.jwk, organisation: 'Sample', now, days: 365 }
  const leaf = await certifyKey(authority, options)
  world.addKey(of, key, 'assertion', readLeaf(leaf).certificateHash)
  return { key, leaf, x5c: [leaf, authority.intermediate] }
}

/** A verifier that mirrors every batch. */
export function verifierOf(world: World, change: Partial<Verifier> = {}): Verifier {
  return {
    chain: world.chain,
    leaves: world.leaves(),
    keysOf: world.keysOf,
    now: world.now,
    ...change,
  }
}

/** Whether the certificate is good, now. */
export function certificatePolicy(world: World, change: Partial<Policy> = {}): Policy {
  return { at: world.now(), question: { kind: 'certificate' }, chain, deployment, ...change }
}

/** Whether it answers the sample challenge, now. */
export function presentationPolicy(world: World, change: Partial<Policy> = {}): Policy {
  const question = { kind: 'presentation' as const, ...challenge }
  return { ...certificatePolicy(world), question, ...change }
}

/** Gathers and verifies. */
export async function checked(
  world: World,
  input: string,
  policy: Policy = certificatePolicy(world),
  verifier: Verifier = verifierOf(world),
): Promise<Verdict> {
  return verify(await gather(verifier, input), policy)
}

/** The codes of everything that did not pass, in order; those not reached are left out. */
export function findings(verdict: Verdict): string[] {
  return [...verdict.checks, ...verdict.credentials.flatMap(({ checks }) => checks)]
    .filter(({ outcome, code }) => outcome !== 'pass' && code !== 'verdict/not-reached')
    .map(({ outcome, code }) => `${outcome} ${code}`)
}
