import { encodeBase64url, randomBytes } from '#primitives'
import { certificateIdentifier } from '../../certificate/identifier.ts'
import type { CertificateType } from '../../certificate/model.ts'
import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import { checkRequest } from '../../issuer/request.ts'
import { assign } from '../../issuer/serial.ts'
import { requireStanding } from '../../issuer/standing.ts'
import { audit } from './audit.ts'
import { type Configuration, configurationOf } from './configuration.ts'
import { after, endpoint, type Issuance, issuerIdentifier, kinds, lifetimes } from './model.ts'
import { type Offer, offerSession } from './offer.ts'
import { offerObject, type TxCodeForm } from './offerObject.ts'
import { derived, nameOf, newSecret } from './secret.ts'
import { digestOf, txCodeDigests } from './snapshot.ts'

/** `pre-authorized`: the code in the offer; `authorization`: the resident logs in. */
export type GrantName = 'pre-authorized' | 'authorization'

/** What a clerk's system asks for. */
export type OfferWish = {
  /** Ids of configurations of one certificate type. */
  readonly configurations: readonly string[]
  readonly claims: JsonObject
  /**
   * The code that the resident must enter: a fresh one, one of this form, or this very one of 4 to 12
   * digits; default: a fresh one where the certificate has restricted claims.
   */
  readonly txCode?: boolean | TxCodeForm | string
  /**
   * How a wallet may take it up: with the pre-authorised code alone where nothing is said, since some
   * wallets log in wherever they could. Logging in needs a one-time code.
   */
  readonly grants?: readonly GrantName[]
  /** Seconds until a wallet must have taken it up: 1 to 300, default 300. */
  readonly expiresIn?: number
  /** The address carries a reference instead of the offer itself. */
  readonly isByReference?: boolean
  /** A second person must approve it; always so for types that the department decides by two. */
  readonly needsApproval?: boolean
  /** Who asks, for the audit log. */
  readonly by: string
}

/** What the clerk's system hands to the resident; the code by another way than the address. */
export type CreatedOffer = {
  readonly id: string
  /** `openid-credential-offer://`, for a QR code or a link. */
  readonly uri: string
  readonly txCode: string | undefined
  readonly expiresAt: Date
  readonly state: Offer['state']
}

/**
 * Offers one certificate to whoever brings the offer to a wallet:
 *
 * 1. checks the wish against the certificate type and the department's accreditation;
 * 2. takes one snapshot of claims, identifier and type, of which every format will be made;
 * 3. stores it, secrets as digests only; nothing is issued yet.
 *
 * @throws {InputError} `offer/unknown-configuration`, `offer/several-types`, `offer/needs-tx-code`,
 *   `offer/bad-lifetime`, `issue/not-accredited`; those of `checkRequest`.
 */
export async function createOffer(issuance: Issuance, wish: OfferWish): Promise<CreatedOffer> {
  const chosen = chosenFrom(issuance, wish.configurations)
  const { type } = chosen[0]!
  const seconds = wish.expiresIn ?? lifetimes.offer
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > lifetimes.offer) {
    throw new InputError('offer/bad-lifetime', { maximum: lifetimes.offer })
  }
  const { issuer, sessions } = issuance
  const id = newSecret()
  const { claims } = checkRequest(issuer.types, {
    idempotencyKey: id,
    type: type.uri,
    claims: wish.claims,
  })
  const standing = await requireStanding(issuer)
  if (!(await standing.mayIssue(type.uri))) {
    throw new InputError('issue/not-accredited', { type: type.uri })
  }

  const secret = encodeBase64url(randomBytes(32))
  const code = derived(secret, 'pre-authorized-code')
  const state = derived(secret, 'issuer-state')
  const grants = grantsOf(issuance, type, wish)
  const form = txCodeForm(type, wish.txCode, grants)
  const txCode = form && (typeof wish.txCode === 'string' ? wish.txCode : newTxCode(form))
  const takeUpBy = after(issuance, seconds)
  const needsApproval = wish.needsApproval === true || issuance.fourEyes?.includes(type.id) === true
  const isOwnNumber = type.identifier.kind === 'field'
  const offer: Offer = {
    id,
    version: 1,
    state: 'offered',
    configurations: chosen.map((one) => one.id),
    certificate: certificateIdentifier(type, claims, isOwnNumber ? undefined : assign(issuer, 1)),
    typeDigest: digestOf(type),
    ...(txCode !== undefined && { txCode: txCodeDigests(code, state, txCode) }),
    guesses: 0,
    takeUpBy,
    by: wish.by,
    needsApproval,
    issued: {},
    events: {},
  }
  const to = (kind: string, name: string, value: JsonObject) => ({
    kind,
    name,
    value,
    expiresAt: takeUpBy,
  })
  const named = { offer: id }
  await sessions.add(issuer.department.address, [
    offerSession(issuance, offer),
    to(kinds.claims, id, claims),
    to(kinds.reference, nameOf(secret), {
      ...named,
      ...(form && { form: { ...form } }),
      grants: [...grants],
    }),
    ...(grants.includes('pre-authorized') ? [to(kinds.preAuthorized, nameOf(code), named)] : []),
    ...(grants.includes('authorization') ? [to(kinds.issuerState, nameOf(state), named)] : []),
  ])
  await audit(issuance, wish.by, 'offer/created', id, { type: type.uri, needsApproval })

  const object = offerObject(issuerIdentifier(issuance), offer.configurations, secret, grants, form)
  const parameter = wish.isByReference
    ? `credential_offer_uri=${encodeURIComponent(endpoint(issuance, `credential-offers/${secret}`))}`
    : `credential_offer=${encodeURIComponent(JSON.stringify(object))}`
  const uri = `openid-credential-offer://?${parameter}`
  return { id, uri, txCode, expiresAt: takeUpBy, state: offer.state }
}

function chosenFrom(issuance: Issuance, ids: readonly string[]): Configuration[] {
  const chosen = ids.map((id) => configurationOf(issuance, id))
  if (chosen.length === 0 || new Set(ids).size < ids.length || chosen.includes(undefined)) {
    throw new InputError('offer/unknown-configuration')
  }
  const known = chosen as Configuration[]
  // One set of claims belongs to one certificate.
  if (known.some(({ type }) => type !== known[0]!.type)) throw new InputError('offer/several-types')
  return known
}

/** Six digits unless told otherwise; undefined: no code. */
function txCodeForm(
  type: CertificateType,
  wish: OfferWish['txCode'],
  grants: readonly GrantName[],
): TxCodeForm | undefined {
  const isPersonal = type.fields.some((field) =>
    [field, ...(field.fields ?? [])].some(({ disclosure }) => disclosure === 'R'),
  )
  // The resident logs in with the one-time code: without one there is nothing to log in with.
  const isNeeded = isPersonal || grants.includes('authorization')
  if (wish === false && isNeeded) throw new InputError('offer/needs-tx-code')
  if (typeof wish === 'object') return wish
  if (typeof wish === 'string') {
    if (!/^\d{4,12}$/.test(wish)) throw new InputError('offer/needs-tx-code')
    return { inputMode: 'numeric', length: wish.length }
  }
  return wish === true || isNeeded ? { inputMode: 'numeric', length: 6 } : undefined
}

// Digits alone, or capitals and digits without those that look alike.
const alphabets = { numeric: '0123456789', text: '23456789ABCDEFGHJKLMNPQRSTUVWXYZ' }

function newTxCode({ inputMode, length }: TxCodeForm): string {
  const alphabet = alphabets[inputMode]
  let code = ''
  while (code.length < length) {
    const [byte] = randomBytes(1)
    // Bytes above the last whole multiple would favour the first characters.
    if (byte! < 256 - (256 % alphabet.length)) code += alphabet[byte! % alphabet.length]
  }
  return code
}

function grantsOf(
  issuance: Issuance,
  type: CertificateType,
  { grants = ['pre-authorized'] }: OfferWish,
): readonly GrantName[] {
  if (grants.length === 0) throw new InputError('offer/unknown-configuration', { path: 'grants' })
  return issuance.logInOnly?.includes(type.id) ? ['authorization'] : grants
}
