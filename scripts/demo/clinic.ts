import { openFetch } from '../../src/adapters/http/fetch.ts'
import { findType } from '../../src/certificate/types.ts'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { acceptOffer } from '../../src/openid4vc/wallet/acceptOffer.ts'
import { answerRequest } from '../../src/openid4vc/wallet/answerRequest.ts'
import { fetchProofs } from '../../src/openid4vc/wallet/fetchProofs.ts'
import type { WalletClient } from '../../src/openid4vc/wallet/model.ts'
import { readTrust } from '../../src/wire/trust.ts'
import { openWallet } from '../../src/wire/wallet.ts'
import { storyRecords } from '../samples/story.ts'
import { ask, until } from './ask.ts'
import type { DepartmentName, District } from './district.ts'

/** A wallet that speaks the protocols. */
export type StoryWallet = { readonly client: WalletClient; close(): Promise<void> }

/** Opens somebody's wallet in the home folder. */
export async function openStoryWallet(district: District, name: string): Promise<StoryWallet> {
  const { home, chain, verifier, urls } = district
  const { holder, newKey, close } = await openWallet(home, chain, verifier, name)
  const origins = [...urls.values()].map((url) => new URL(url).origin)
  const http = openFetch({ origins, isDevelopment: true })
  const trust = await readTrust(home)
  return {
    client: {
      holder,
      newKey,
      fetch: http.fetch,
      chain: verifier.chain,
      keysOf: verifier.keysOf,
      ...(trust && { trust }),
      ...(verifier.leaves && { leaves: verifier.leaves }),
      isDevelopment: true,
    },
    async close() {
      await http.close()
      await close()
    },
  }
}

/** The clinic's records in this run: title numbers of its own, so that every run tells a new story. */
export function clinicRecords(run: number) {
  const { title, transferredTitle, ...others } = storyRecords(1)
  const renumbered = (record: JsonObject, base: number): JsonObject => ({
    ...record,
    title_number: String(record.title_number).replace(/\d{7}(?=号)/, String(base + run)),
  })
  return {
    ...others,
    title: renumbered(title, 5_000_000),
    transferredTitle: renumbered(transferredTitle, 6_000_000),
  }
}

/**
 * A department offers a certificate, the wallet takes it up (OpenID4VCI), checks it and finds its proof.
 *
 * @param byTwo a second clerk approves first.
 * @returns the certificate's fingerprint.
 */
export async function takeUp(
  district: District,
  name: DepartmentName,
  { client }: StoryWallet,
  type: string,
  claims: JsonObject,
  byTwo = false,
): Promise<string> {
  const { version } = findType(type)
  const url = district.urlOf(name)
  type Offer = { id: string; credential_offer_uri: string; tx_code?: string }
  const wish = { credential_configuration_ids: [`${type}.${version}.dc-sd-jwt`], claims }
  const offer = await ask<Offer>(url, '/issuer/credential-offers', {
    body: { ...wish, tx_code: true, needs_approval: byTwo },
    as: 'clerk-1',
  })
  if (byTwo) {
    const path = `/issuer/credential-offers/${offer.id}/approval`
    await ask(url, path, { method: 'POST', as: 'clerk-2' })
  }
  const { received } = await acceptOffer(client, {
    credentialOfferUri: offer.credential_offer_uri,
    txCode: offer.tx_code,
  })
  const { id } = received[0]!
  await proofOf(client, id)
  return id
}

/** Waits until the registry node has a certificate's leaf, and keeps the proof. */
export function proofOf(client: WalletClient, id: string) {
  return until('the proof', async () => {
    await fetchProofs(client)
    return (await client.holder.store.get(id))?.proof
  })
}

/** What a verifier has of an answer. */
export type Answered = {
  readonly state: string
  readonly verdict?: { readonly outcome: string }
  readonly claims?: Readonly<Record<string, readonly { readonly claims: JsonObject }[]>>
}

/** A query for some claims of one certificate type. */
export function queryFor(id: string, type: string, claims: readonly string[]): JsonObject {
  return {
    id,
    format: 'dc+sd-jwt',
    meta: { vct_values: [findType(type).uri] },
    claims: claims.map((claim) => ({ path: [claim] })),
  }
}

/** A department asks, the wallet answers what is asked for (OpenID4VP), and the department judges. */
export async function showTo(
  district: District,
  name: DepartmentName,
  { client }: StoryWallet,
  purpose: string,
  queries: readonly JsonObject[],
  chosen: Readonly<Record<string, string>>,
): Promise<Answered> {
  const url = district.urlOf(name)
  const asked = await ask<{ id: string; uri: string }>(url, '/verifier/requests', {
    body: { dcql_query: { credentials: queries }, purpose, same_holder: false },
  })
  await answerRequest(client, { requestUri: asked.uri, disclose: consentTo(queries, chosen) })
  return ask<Answered>(url, `/verifier/requests/${asked.id}`)
}

/** Consent to everything that the queries ask of the chosen certificates. */
export function consentTo(
  queries: readonly JsonObject[],
  chosen: Readonly<Record<string, string>>,
): Json {
  return Object.fromEntries(
    queries.map(({ id, claims }) => [
      id as string,
      {
        credential: chosen[id as string]!,
        claims: (claims as { path: Json }[]).map(({ path }) => path),
      },
    ]),
  )
}
