import { readObject, readString, readUint, required } from '../credential/claims.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'

/** Where a credential of another issuer says that its status is published. */
export type StatusEntry =
  /** IETF Token Status List, section 6.1. */
  | { readonly kind: 'token'; readonly url: string; readonly index: number }
  /** W3C Bitstring Status List v1.0, section 2.1. */
  | {
      readonly kind: 'bitstring'
      readonly url: string
      readonly index: number
      readonly purpose: string
      /** Bits of one entry. */
      readonly size: number
    }
  /** A kind of status that we do not know. */
  | { readonly kind: 'unknown' }

const maxEntries = 8

/**
 * Reads the status entries of a credential's payload, whichever format it has.
 *
 * @throws {InputError} `status/bad-entry`
 */
export function statusEntries(payload: JsonObject): StatusEntry[] {
  try {
    return [...tokenEntries(payload.status), ...bitstringEntries(payload.credentialStatus)]
  } catch (cause) {
    throw new InputError('status/bad-entry', { cause })
  }
}

function tokenEntries(value: Json | undefined): StatusEntry[] {
  const status = readObject(value, 'status')
  if (status === undefined) return []
  const list = readObject(status.status_list, 'status.status_list')
  if (list === undefined) return [{ kind: 'unknown' }]
  const url = readString(required(list.uri, 'uri'), 'uri')!
  return [{ kind: 'token', url, index: indexOf(required(list.idx, 'idx')) }]
}

function bitstringEntries(value: Json | undefined): StatusEntry[] {
  if (value === undefined) return []
  const entries = Array.isArray(value) ? value : [value]
  if (entries.length > maxEntries) throw new InputError('status/bad-entry')
  return entries.map((one) => bitstringEntry(readObject(one, 'credentialStatus')!))
}

function bitstringEntry(entry: JsonObject): StatusEntry {
  if (entry.type !== 'BitstringStatusListEntry') return { kind: 'unknown' }
  const index = readString(required(entry.statusListIndex, 'statusListIndex'), 'statusListIndex')!
  if (!/^(?:0|[1-9]\d{0,15})$/.test(index)) throw new InputError('status/bad-entry')
  const size = readUint(entry.statusSize, 'statusSize', 8) ?? 1
  if (size === 0) throw new InputError('status/bad-entry')
  return {
    kind: 'bitstring',
    url: readString(required(entry.statusListCredential, 'statusListCredential'), 'url')!,
    index: indexOf(Number(index)),
    purpose: readString(required(entry.statusPurpose, 'statusPurpose'), 'statusPurpose')!,
    size,
  }
}

function indexOf(value: Json): number {
  return readUint(value, 'index', Number.MAX_SAFE_INTEGER)!
}
