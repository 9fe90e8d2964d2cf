import { type ListKind, listKinds } from '../certificate/listAddress.ts'
import { readObject, readString, readUint, required } from '../credential/claims.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { TrustError } from '../errors.ts'
import type { Status } from '../status/model.ts'
import { statusIn, wordOf } from '../status/word.ts'
import { isUrl, listOf, refuse } from '../vcdm/read.ts'
import type { Finding, VcApi } from './model.ts'

const entryType = 'BitstringStatusListEntry'

/** Each may ask another machine. */
const maxEntries = 8

/** A place in one of the lists of this chain's departments. */
type OwnPlace = { readonly list: number; readonly kind: ListKind; readonly address: string }

/**
 * Requires the entries of `credentialStatus` not to end the credential. Lists of departments are read
 * from the chain; of others only what `readForeignStatus` gives.
 *
 * @param issuer the credential's issuer, who alone may keep its status.
 * @throws {TrustError} `status/revoked`, `status/suspended`, `status/superseded`
 * @throws {InputError} `vcdm/bad-property` for an entry without its members; `status/bad-index`
 * @see Bitstring Status List 1.0, sections 2.1 and 3.2
 */
export async function requireGoodStatus(
  api: VcApi,
  entries: readonly JsonObject[],
  issuer: string,
  warn: (finding: Finding) => void,
): Promise<void> {
  if (entries.length > maxEntries) throw refuse('vcdm/bad-property', 'credentialStatus')
  for (const [index, entry] of entries.entries()) {
    const path = `credentialStatus/${index}`
    const status = listOf(entry.type).includes(entryType)
      ? await statusOf(api, entry, issuer, path)
      : undefined
    if (status === undefined) warn({ code: 'vcapi/status-not-read', detail: { path } })
    else if (status !== 'valid') throw new TrustError(`status/${status}`, { path })
  }
}

async function statusOf(
  api: VcApi,
  entry: JsonObject,
  issuer: string,
  path: string,
): Promise<Status | undefined> {
  const index = readIndex(entry.statusListIndex, path)
  const { statusListCredential: address, statusPurpose } = entry
  if (!isUrl(address)) throw refuse('vcdm/bad-property', `${path}/statusListCredential`)
  if (typeof statusPurpose !== 'string') {
    throw refuse('vcdm/bad-property', `${path}/statusPurpose`)
  }
  const place = keptPlaceOf(api, address, issuer)
  if (place !== undefined) {
    const { word, entry: bit } = wordOf(index)
    const view = await api.verifier.chain.view()
    return statusIn(await view.statusWord(place.address, place.list, word), bit)
  }
  return api.readForeignStatus?.({ credentialStatus: entry }, issuer)
}

/**
 * The same for `status` of an SD-JWT VC: a Token Status List, section 6.1. Another mechanism is a warning.
 *
 * @throws {TrustError} as {@link requireGoodStatus} @throws {InputError} `credential/...`, `status/...`
 */
export async function requireGoodTokenStatus(
  api: VcApi,
  status: JsonObject,
  issuer: string,
  warn: (finding: Finding) => void,
): Promise<void> {
  const path = 'status'
  const found = await tokenStatusOf(api, status, issuer)
  if (found === undefined) warn({ code: 'vcapi/status-not-read', detail: { path } })
  else if (found !== 'valid') throw new TrustError(`status/${found}`, { path })
}

async function tokenStatusOf(
  api: VcApi,
  status: JsonObject,
  issuer: string,
): Promise<Status | undefined> {
  const list = readObject(status.status_list, 'status.status_list')
  if (list === undefined) return undefined
  const index = required(readUint(list.idx, 'idx', 2 ** 32), 'idx')
  const url = required(readString(list.uri, 'uri'), 'uri')
  const place = keptPlaceOf(api, url, issuer)
  if (place?.kind !== 'token') {
    return api.readForeignStatus?.({ status }, issuer)
  }
  const { word, entry } = wordOf(index)
  const view = await api.verifier.chain.view()
  return statusIn(await view.statusWord(place.address, place.list, word), entry)
}

/**
 * The place behind an address that its issuer signed, where the chain keeps it: a list of the issuer itself,
 * whoever serves it; for this service's did:key one of this department.
 */
function keptPlaceOf(api: VcApi, url: string, did: string): OwnPlace | undefined {
  const { issuer, integrity } = api
  if (did === integrity.did) {
    const place = ownPlaceOf(api, url)
    return place?.address === issuer.department.address ? place : undefined
  }
  const place = placeIn(url)
  const isKeeper = did === issuer.department.did.replace(/0x[0-9a-f]{40}$/, place?.address ?? '')
  return isKeeper ? place : undefined
}

function readIndex(value: Json | undefined, path: string): number {
  const isGood = typeof value === 'string' && /^(0|[1-9]\d{0,9})$/.test(value)
  if (!isGood) throw refuse('vcdm/bad-property', `${path}/statusListIndex`)
  return Number(value)
}

/** Where a list of this deployment is published: see `listAddress`. */
export function ownPlaceOf({ issuer: { statusBase } }: VcApi, url: string): OwnPlace | undefined {
  if (statusBase === undefined || !url.startsWith(`${statusBase}/`)) return undefined
  const place = placeIn(url)
  const { address, list, kind } = place ?? {}
  return url === `${statusBase}/${address}/${list}/${kind}` ? place : undefined
}

/** How every list of this chain's departments is named, below whatever address. */
function placeIn(url: string): OwnPlace | undefined {
  const match = /\/(0x[0-9a-f]{40})\/(0|[1-9]\d{0,9})\/([a-z]+)$/.exec(url)
  const [, address, list, kind] = match ?? []
  const known = listKinds.find((one) => one === kind)
  if (address === undefined || known === undefined) return undefined
  return { address, list: Number(list), kind: known }
}
