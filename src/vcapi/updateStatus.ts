import { isJsonObject } from '../credential/json.ts'
import type { Json } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { note } from '../issuer/note.ts'
import { requestsFor } from '../issuer/status.ts'
import type { CopyRecord } from '../ports/certificates.ts'
import type { Status } from '../status/model.ts'
import { listOf } from '../vcdm/read.ts'
import type { VcApi } from './model.ts'
import { type StatusPurpose, statusKind, statusName, statusPurposes } from './statusEntry.ts'

/** A wish to change the status of a credential that this API issued. */
export type StatusUpdate = {
  readonly credentialId: string
  /** One entry, or a list of one: `{ type, statusPurpose, status? }`. */
  readonly credentialStatus: Json
  /** Whether the status holds from now on; default true. */
  readonly status?: boolean
}

/**
 * Queues a change of status; it holds once it is on the chain. Certificates of certificate types have two
 * persons for that and cannot be reached from here.
 *
 * @param operator who asks, for the audit log.
 * @throws {InputError} `vcapi/unknown-credential`, `vcapi/bad-option`, `status/final`, `status/unchanged`
 * @see VC-API 0.7, section 3.2.2
 */
export async function updateStatus(
  { issuer, sessions, clock }: VcApi,
  { credentialId, credentialStatus, status = true }: StatusUpdate,
  operator: string,
): Promise<void> {
  const { address } = issuer.department
  const known = await sessions.get(address, statusKind, statusName(credentialId), clock())
  if (known === undefined) throw new InputError('vcapi/unknown-credential')
  const { list, index, purposes } = known.value as {
    list: number
    index: number
    purposes: string[]
  }
  const { purpose, isOn } = readEntry(credentialStatus, status)
  if (!purposes.includes(purpose)) throw bad('statusPurpose')
  const place = { list, index } as CopyRecord
  const grounds = { reason: 'vc-api', legalBasis: 'vc-api', operator }
  const to = statusFor(purpose, isOn)
  await issuer.lists.addRequests(await requestsFor(issuer, [place], to, grounds))
  await note({ ...issuer, actor: operator }, `status/${to}`, statusName(credentialId), grounds)
}

function statusFor(purpose: StatusPurpose, isOn: boolean): Status {
  if (!isOn) return 'valid'
  return purpose === 'revocation' ? 'revoked' : 'suspended'
}

function readEntry(value: Json, fallback: boolean): { purpose: StatusPurpose; isOn: boolean } {
  const entries = listOf(value)
  const [entry] = entries
  if (entries.length !== 1 || !isJsonObject(entry)) throw bad('credentialStatus')
  const { statusPurpose = 'revocation', status = fallback } = entry
  const purpose = statusPurposes.find((known) => known === statusPurpose)
  if (purpose === undefined) throw bad('statusPurpose')
  if (status === true || status === '1') return { purpose, isOn: true }
  if (status === false || status === '0') return { purpose, isOn: false }
  throw bad('status')
}

function bad(path: string): InputError {
  return new InputError('vcapi/bad-option', { path })
}
