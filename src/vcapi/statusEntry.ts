import { sha256 } from '#primitives'
import { listAddress } from '../certificate/listAddress.ts'
import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { orderOf } from '../issuer/order.ts'
import { hex } from '../primitives/bytes.ts'
import { listOf } from '../vcdm/read.ts'
import type { VcApi } from './model.ts'

/** What a status can tell by this API. */
export const statusPurposes = ['revocation', 'suspension'] as const
export type StatusPurpose = (typeof statusPurposes)[number]

/** Kind in the session store, which remembers where a credential's status stands; no claims. */
export const statusKind = 'vcapi-status'

/** Longer than anybody asks. */
const rememberedMs = 100 * 365 * 86_400_000

/** A credential's name in the session store. */
export function statusName(credentialId: string): string {
  return hex(sha256(credentialId))
}

/**
 * Gives a credential a place in the department's status lists, one entry a purpose; without an `id` it
 * gets one, since that is how its status is changed.
 *
 * @param wish `true`, or one or several objects `{ type: 'BitstringStatusListEntry', statusPurpose }`;
 *   undefined: none.
 * @throws {InputError} `vcapi/bad-option`; `store/duplicate` if a credential with a status has that id
 * @see Bitstring Status List 1.0, section 2.1
 */
export async function addStatus(
  { issuer, sessions, clock }: VcApi,
  document: JsonObject,
  wish: Json | undefined,
): Promise<JsonObject> {
  const purposes = wish === undefined || wish === false ? [] : readWish(wish)
  if (purposes.length === 0) return document
  const { statusBase, department, lists } = issuer
  if (statusBase === undefined) throw bad()
  const id = typeof document.id === 'string' ? document.id : `urn:uuid:${crypto.randomUUID()}`
  const [entry] = await lists.allocate(department.address, 1)
  const { list, counter, key } = entry!
  const index = orderOf(key)(counter)
  const expiresAt = new Date(clock().getTime() + rememberedMs)
  const value = { list, index, purposes: [...purposes] }
  await sessions.add(department.address, [
    { kind: statusKind, name: statusName(id), value, expiresAt },
  ])
  const entries = purposes.map((statusPurpose) => ({
    type: 'BitstringStatusListEntry',
    statusPurpose,
    statusListIndex: String(index),
    statusListCredential: listAddress(statusBase, department.did, list, statusPurpose),
  }))
  const given = listOf(document.credentialStatus)
  const all = [...given, ...entries]
  return { ...document, id, credentialStatus: all.length === 1 ? all[0]! : all }
}

function readWish(wish: Json): StatusPurpose[] {
  if (wish === true) return ['revocation']
  const purposes = listOf(wish).map((one) => {
    const { type = 'BitstringStatusListEntry', statusPurpose = 'revocation' } = isJsonObject(one)
      ? one
      : { type: null }
    if (type !== 'BitstringStatusListEntry') throw bad()
    const purpose = statusPurposes.find((known) => known === statusPurpose)
    if (purpose === undefined) throw bad()
    return purpose
  })
  if (new Set(purposes).size !== purposes.length) throw bad()
  return purposes
}

function bad(): InputError {
  return new InputError('vcapi/bad-option', { path: 'credentialStatus' })
}
