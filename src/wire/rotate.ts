import { setTimeout as pause } from 'node:timers/promises'
import type { KeySubmission } from '../accreditor/keys.ts'
import { InputError, OutsideError } from '../errors.ts'
import type { KeyPurpose } from '../identity/model.ts'
import { thumbprint } from '../identity/thumbprint.ts'
import { drainKeys } from '../issuer/drainKeys.ts'
import { resume } from '../issuer/resume.ts'
import { readCertifiedKeys } from './certificates.ts'
import { openKeyOwner } from './keyOwner.ts'
import { addKey, type Confirm } from './keys.ts'
import type { Service } from './service.ts'

/** A key of a department and how the registry has it. */
export type RegisteredKey = {
  readonly purpose: KeyPurpose
  readonly thumbprint: string
  readonly state: 'in use' | 'retired' | 'compromised' | 'unregistered'
}

/** The department's keys, oldest first. */
export async function registeredKeys(service: Service): Promise<RegisteredKey[]> {
  const { home, name, chain, department } = service
  const view = await chain.cold.view()
  const certified = await readCertifiedKeys(home, name)
  return Promise.all(
    certified.map(async ({ id, purpose }) => {
      const { d: _, ...jwk } = await department.keys.load(id, purpose)
      const record = await view.key(thumbprint(jwk))
      const state = stateOf(record)
      return { purpose, thumbprint: thumbprint(jwk), state }
    }),
  )
}

function stateOf(record: { retiredAt?: Date; compromisedSince?: Date } | undefined) {
  if (record === undefined) return 'unregistered'
  if (record.compromisedSince) return 'compromised'
  return record.retiredAt ? 'retired' : 'in use'
}

/**
 * Rotates a key while the service goes on: the next key comes in and signs from then on; what was planned
 * with the old one and is not signed yet is drawn up anew, what it signed is anchored and final; only then
 * it retires. Other processes of the department are given time to follow. Repeating a call after a crash is harmless.
 *
 * @returns the keys afterwards.
 * @throws {InputError} `configuration/missing` where no accreditor is known to confirm, or its token is not
 * in the environment; `service/accreditor-refused` with its code; as `addKey`.
 * @throws {OutsideError} `request/in-progress` while another rotation of this department runs, and for ten
 * minutes after one of several processes died in one; the chain's; `service/accreditor-refused` where it may be
 * asked again.
 */
export async function rotateKey(service: Service, purpose: KeyPurpose): Promise<RegisteredKey[]> {
  if (rotating.has(service)) throw new OutsideError('request/in-progress')
  rotating.add(service)
  try {
    if (!isShared(service)) return await rotate(service, purpose)
    return await aloneAmongProcesses(service, () => rotate(service, purpose))
  } finally {
    rotating.delete(service)
  }
}

const rotating = new WeakSet<Service>()

/** Whether other processes of the department may be at work. */
function isShared({ department }: Service): boolean {
  return department.configuration.store.kind === 'postgres'
}

async function aloneAmongProcesses<T>(service: Service, work: () => Promise<T>): Promise<T> {
  const { sessions, department, clock } = service
  const [kind, name] = ['rotation', 'rotation']
  // That of a process that died has ended sometime, and is not in the way then.
  await sessions.purge(clock())
  try {
    const expiresAt = new Date(clock().getTime() + longestMs)
    await sessions.add(department.address, [{ kind, name, value: {}, expiresAt }])
  } catch (error) {
    if (!(error instanceof InputError && error.code === 'store/duplicate')) throw error
    throw new OutsideError('request/in-progress')
  }
  try {
    return await work()
  } finally {
    await sessions.take(department.address, kind, name, clock())
  }
}

/** Milliseconds between two looks of a process for keys that another one rotated. */
export const lookForKeysMs = 3000
/** Milliseconds by which the others sign with the next key, and have stored what they signed with the last. */
const othersMs = 3 * lookForKeysMs
/** Milliseconds after which a rotation that did not end may be asked for again. */
const longestMs = 600_000

async function rotate(service: Service, purpose: KeyPurpose): Promise<RegisteredKey[]> {
  const { home, chain, name, clock, department } = service
  const old = (await registeredKeys(service)).filter(
    (key) => key.purpose === purpose && key.state === 'in use',
  )
  const owner = await openKeyOwner(home, chain, name, clock())
  await addKey(owner, purpose, clock(), confirmThrough(service))
  await department.renewKeys()
  if (isShared(service)) await pause(othersMs)
  if (purpose === 'assertion') {
    await resume(department.issuer)
    await drainKeys(department.issuer, new Set(old.map((key) => key.thumbprint)))
  }
  for (const key of old) {
    await department.registry.write({ call: 'retireKey', thumbprint: key.thumbprint })
  }
  return registeredKeys(service)
}

/** Hands a key to the accreditor's service. */
function confirmThrough({ home, fetch, configuration }: Service): Confirm {
  const { accreditor } = configuration.service ?? {}
  const url = accreditor?.url ?? addressOfAccreditor(home)
  if (url === undefined) throw new InputError('configuration/missing', { member: 'accreditor' })
  const token = accreditor && process.env[accreditor.tokenFrom]
  if (accreditor !== undefined && !token) {
    throw new InputError('configuration/missing', { variable: accreditor.tokenFrom })
  }
  return async ({ leaf, intermediates, crls, signature, ...plain }: KeySubmission) => {
    const { status, body } = await fetch({
      url: new URL('key-confirmations', url.endsWith('/') ? url : `${url}/`).href,
      method: 'POST',
      timeoutMs: 60_000,
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({
        ...plain,
        leaf: base64(leaf),
        intermediates: intermediates.map(base64),
        crls: crls.map(base64),
        signature: base64(signature),
      }),
    })
    if (status === 201) return
    const Refused = status >= 500 || status === 429 ? OutsideError : InputError
    throw new Refused('service/accreditor-refused', refusal(status, body))
  }
}

function addressOfAccreditor({ configuration }: Service['home']): string | undefined {
  return Object.values(configuration.departments).find(({ role }) => role === 'accreditor')?.baseUrl
}

function refusal(status: number, body: Uint8Array): { status: number; reason?: string } {
  try {
    const { code } = JSON.parse(new TextDecoder().decode(body))
    return typeof code === 'string' && /^[a-z-]+\/[a-z-]+$/.test(code)
      ? { status, reason: code }
      : { status }
  } catch {
    return { status }
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
