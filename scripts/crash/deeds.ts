import { setTimeout as pause } from 'node:timers/promises'
import { InputError, OutsideError } from '../../src/errors.ts'
import { issue } from '../../src/issuer/issue.ts'
import type { IssuedCredential, Issuer } from '../../src/issuer/model.ts'
import { changeStatus } from '../../src/issuer/status.ts'
import { supersede } from '../../src/issuer/supersede.ts'
import { hex } from '../../src/primitives/bytes.ts'
import type { PublicJwk } from '../../src/primitives/model.ts'
import { digest, signerOf } from './mark.ts'
import { grounds, keyOf, requestFor, type Said, successorOf, type Turn } from './work.ts'

/** Milliseconds between two attempts while the chain is away, and attempts. */
const retryMs = 50
const attempts = 1200

/** A department, its holders' keys, and who is told of what is acknowledged. */
export type Doer = {
  readonly issuer: Issuer
  readonly holderKeys: readonly PublicJwk[]
  readonly say: (said: Said) => void
}

/** Tries again what the chain did not let happen now; a store that fails is the end. */
export async function patiently<T>(task: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await task()
    } catch (error) {
      const isAway = error instanceof OutsideError && !error.code.startsWith('store/')
      if (!isAway || attempt === attempts) throw error
      await pause(retryMs)
    }
  }
}

/** Issues certificates by their numbers and says each answer the moment that it comes. */
export async function issueAll(
  { issuer, holderKeys, say }: Doer,
  numbers: readonly number[],
  chunk: number,
): Promise<void> {
  const requests = numbers.map((number) => requestFor(number, holderKeys))
  await patiently(async () => {
    for await (const answer of issue(issuer, requests, { chunk })) {
      if ('error' in answer) throw answer.error
      say({ said: 'issued', key: answer.idempotencyKey, copies: named(answer.credentials) })
    }
  })
}

/** Changes a certificate's status. */
export async function turn({ issuer, say }: Doer, number: number, to: Turn): Promise<void> {
  const of = { fingerprint: await fingerprintOf(issuer, number) }
  const expectedEnd = new Date(issuer.clock().getTime() + 86_400_000)
  try {
    await changeStatus(issuer, { of, to, grounds, expectedEnd })
  } catch (error) {
    // A victim before this one queued it and died before it could say so.
    if (!(error instanceof InputError && error.code === 'status/unchanged')) throw error
  }
  say({ said: 'changed', number, to })
}

/** Supersedes a certificate by its successor. */
export async function succeed({ issuer, holderKeys, say }: Doer, number: number): Promise<void> {
  const next = requestFor(successorOf(number), holderKeys)
  const credentials = await patiently(async () => {
    const old = { fingerprint: await fingerprintOf(issuer, number) }
    return supersede(issuer, old, next, grounds)
  })
  say({ said: 'issued', key: next.idempotencyKey, copies: named(credentials) })
}

async function fingerprintOf(issuer: Issuer, number: number): Promise<string> {
  const [copy] = await issuer.certificates.byKeys(issuer.department.address, [keyOf(number)])
  return hex(copy!.fingerprint)
}

function named(credentials: readonly IssuedCredential[]) {
  return credentials.map(({ copy, format, certificate, fingerprint, token, status }) => ({
    copy,
    format,
    certificate,
    fingerprint,
    token: digest(token),
    signedWith: signerOf(token),
    ...status,
  }))
}
