import type { CertificateRequest } from '../../src/issuer/model.ts'
import type { Grounds } from '../../src/issuer/status.ts'
import type { StepName } from '../../src/issuer/steps.ts'
import type { PublicJwk } from '../../src/primitives/model.ts'
import { random } from '../samples/random.ts'
import { sampleRecord } from '../samples/records.ts'

/** The department that is killed. */
export const departmentName = 'registration-centre'

/** A certificate whose status is to go through these states, one after another. */
export type Wish = { readonly number: number; readonly to: readonly Turn[] }
export type Turn = 'suspended' | 'valid' | 'revoked'

/** What one victim is asked to do before it dies. Certificates go by numbers, see {@link requestFor}. */
export type Work = {
  /** Folder of the district. */
  readonly home: string
  /** Where it kills itself: at this step, passed for the n-th time (from 1). */
  readonly death?: { readonly step: StepName; readonly passing: number }
  readonly holderKeys: readonly PublicJwk[]
  /** Issued in this order; a number may come again. */
  readonly issue: readonly number[]
  /** Requests that are issued together. */
  readonly chunk: number
  readonly wishes: readonly Wish[]
  /** Certificates to be superseded, each by {@link successorOf} it. */
  readonly successions: readonly number[]
  /** Most copies in a batch. */
  readonly maxBatch: number
  /** Asked for after a failure, to show that nothing new is acknowledged any longer. */
  readonly afterwards?: number
}

/** One line that a victim says over its pipe, the moment that it is true. */
export type Said =
  | { readonly said: 'open' }
  | { readonly said: 'issued'; readonly key: string; readonly copies: readonly IssuedCopy[] }
  | { readonly said: 'changed'; readonly number: number; readonly to: Turn }
  | { readonly said: 'dying'; readonly step: StepName }
  | { readonly said: 'failed'; readonly code: string }
  | { readonly said: 'done' }

/** What an answer named: never the token itself. */
export type IssuedCopy = {
  readonly copy: number
  readonly format: string
  readonly certificate: string
  readonly fingerprint: string
  /** SHA-256 of the whole token, hex. */
  readonly token: string
  /** Which key its header names, see `signerOf`. */
  readonly signedWith: string
  readonly list: number
  readonly index: number
}

const types = ['real-estate-title', 'real-estate-registration', 'deed-tax-certificate']
const formats = [
  ['vc+jwt', 'dc+sd-jwt'],
  ['dc+sd-jwt'],
  ['vc+jwt'],
  ['vc+sd-jwt', 'jwt_vc'],
  ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc'],
] as const

/** Numbers from here on are successors'. */
export const firstSuccessor = 1_000_000

/** Who answers for every change. */
export const grounds: Grounds = {
  reason: 'sample',
  legalBasis: 'sample regulation, article 14',
  operator: 'clerk-1',
  approver: 'clerk-2',
}

/** The request of a number, always the same: mixed types and formats, some with two holder keys. */
export function requestFor(number: number, holderKeys: readonly PublicJwk[]): CertificateRequest {
  const own = random(`request ${number}`)
  const type = types[number % types.length]!
  return {
    idempotencyKey: keyOf(number),
    type,
    claims: sampleRecord(type, number, 1),
    formats: own.pick(formats),
    ...(own.below(4) === 0 && { holderKeys }),
  }
}

/** Idempotency key of a number. */
export function keyOf(number: number): string {
  return `crash-${number}`
}

/** The number that takes another's place; of the same type. */
export function successorOf(number: number): number {
  return firstSuccessor + 2 + number
}
