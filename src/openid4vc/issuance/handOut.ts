import type { Format, Json } from '../../credential/model.ts'
import { issueOne } from '../../issuer/issue.ts'
import type { IssuedCredential } from '../../issuer/model.ts'
import { finish } from '../../issuer/resume.ts'
import { OAuthError } from '../oauthError.ts'
import { audit } from './audit.ts'
import { type Configuration, configurationOf } from './configuration.ts'
import type { Issuance } from './model.ts'
import { changeOffer, claimsOf, forgetClaims, type Offer } from './offer.ts'
import { digestOf } from './snapshot.ts'

/** One credential, one format, in each copy: tokens or `ldp_vc` objects. */
export type HandedOut = readonly Json[]

/**
 * Issues what an offer promises, or gives what was issued for it before: however often a wallet asks, one
 * certificate comes of one offer. All formats that the wallet may ask for are copies of that one.
 *
 * @param wanted configurations that the access token allows.
 * @param now the one asked for now.
 * @throws {OAuthError} `credential_request_denied` if the offer has ended or the type changed meanwhile.
 * @throws {OutsideError} from the chain, the store or the signer: ask again.
 */
export async function handOut(
  issuance: Issuance,
  offer: Offer,
  wanted: readonly string[],
  now: Configuration,
): Promise<HandedOut> {
  const { issuer } = issuance
  const idempotencyKey = `vci/${offer.id}`
  if (now.core === undefined) return linkedData(issuance, offer, now, idempotencyKey)
  const stored = await issuer.certificates.byKeys(issuer.department.address, [idempotencyKey])
  if (stored.length > 0) return record(issuance, offer, now, await finish(issuer, stored))
  const claims = await snapshot(issuance, offer, now)
  const formats = wanted.flatMap((id) => configurationOf(issuance, id)?.core ?? [])
  const issued = await issueOne(issuer, {
    idempotencyKey,
    type: now.type.uri,
    claims,
    holderKeys: offer.handed!.jwks,
    formats: [...new Set<Format>([...formats, now.core])].sort(),
    certificate: offer.certificate,
  })
  const detail = { type: now.type.uri, copies: offer.handed!.jwks.length }
  await audit(issuance, 'wallet', 'offer/issued', offer.id, detail)
  return record(issuance, offer, now, issued)
}

/** The claims, if they still are what was checked when the offer was made. */
async function snapshot(issuance: Issuance, offer: Offer, { type }: Configuration) {
  const claims = await claimsOf(issuance, offer.id)
  if (claims === undefined || offer.typeDigest !== digestOf(type)) throw ended()
  return claims
}

async function record(
  issuance: Issuance,
  offer: Offer,
  { id, core }: Configuration,
  issued: readonly IssuedCredential[],
): Promise<HandedOut> {
  const copies = issued.filter(({ format }) => format === core).sort((a, b) => a.copy - b.copy)
  if (copies.length === 0) throw ended()
  await noteIssued(
    issuance,
    offer,
    id,
    copies.map(({ fingerprint }) => fingerprint),
  )
  return copies.map(({ token }) => token)
}

async function linkedData(
  issuance: Issuance,
  offer: Offer,
  now: Configuration,
  idempotencyKey: string,
): Promise<HandedOut> {
  const claims = await snapshot(issuance, offer, now)
  const credentials = await issuance.linkedData!.issue({
    idempotencyKey,
    type: now.type,
    claims,
    certificate: offer.certificate,
    holderKeys: offer.handed!.jwks,
  })
  await noteIssued(issuance, offer, now.id, [])
  return credentials
}

/** Writes down what was issued, and deletes the claims once nothing more will be made of them. */
async function noteIssued(
  issuance: Issuance,
  { id }: Offer,
  configuration: string,
  fingerprints: readonly string[],
): Promise<void> {
  const done = await changeOffer<undefined>(issuance, id, (offer) =>
    offer === undefined || configuration in offer.issued
      ? { answer: undefined }
      : {
          to: {
            ...offer,
            state: 'issued',
            issued: { ...offer.issued, [configuration]: fingerprints },
          },
        },
  )
  if ('answer' in done) return
  const isOpen = done.to.configurations.some(
    (one) => configurationOf(issuance, one)?.core === undefined && !(one in done.to.issued),
  )
  if (!isOpen) await forgetClaims(issuance, id)
}

function ended(): OAuthError {
  return new OAuthError('credential_request_denied', 'The credential offer has ended.')
}
