import type { Format, Json, JsonObject } from '../../credential/model.ts'
import { parseCredential } from '../../credential/parse.ts'
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
  const stored = await issuer.certificates.byKeys(issuer.department.address, [idempotencyKey])
  if (stored.length > 0) return record(issuance, offer, now, await finish(issuer, stored))
  const claims = await snapshot(issuance, offer, now)
  const formats = [...wanted, now.id].map((id) => coreOf(configurationOf(issuance, id)))
  const issued = await issueOne(issuer, {
    idempotencyKey,
    type: now.type.uri,
    claims,
    holderKeys: offer.handed!.jwks,
    formats: [...new Set(formats)].sort(),
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

/** `ldp_vc` is made of the copy that is a VC 2.0 as a JWT, and shares its status entry. */
function coreOf(configuration: Configuration | undefined): Format {
  return configuration?.core ?? 'vc+jwt'
}

async function record(
  issuance: Issuance,
  { id }: Offer,
  now: Configuration,
  issued: readonly IssuedCredential[],
): Promise<HandedOut> {
  const copies = issued
    .filter(({ format }) => format === coreOf(now))
    .sort((a, b) => a.copy - b.copy)
  if (copies.length === 0) throw ended()
  const fingerprints = copies.map(({ fingerprint }) => fingerprint)
  await changeOffer<undefined>(issuance, id, (offer) =>
    offer === undefined || now.id in offer.issued
      ? { answer: undefined }
      : {
          to: { ...offer, state: 'issued', issued: { ...offer.issued, [now.id]: fingerprints } },
        },
  )
  // Whatever else is asked for is made of what is stored now.
  await forgetClaims(issuance, id)
  if (now.core !== undefined) return copies.map(({ token }) => token)
  return Promise.all(copies.map(({ token }) => linkedData(issuance, token)))
}

/** Members of a JWT's payload that are no words of the VC Data Model. */
const jwtMembers = ['iss', 'iat', 'nbf', 'exp', 'cnf', 'salt', 'weir']

function linkedData({ linkedData }: Issuance, token: string): Promise<JsonObject> {
  const { payload, issuedAt } = parseCredential(token)
  const members = Object.entries(payload).filter(([name]) => !jwtMembers.includes(name))
  return linkedData!.secure(Object.fromEntries(members), issuedAt!)
}

function ended(): OAuthError {
  return new OAuthError('credential_request_denied', 'The credential offer has ended.')
}
