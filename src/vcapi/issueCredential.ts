import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { requireStanding } from '../issuer/standing.ts'
import { type CheckedCredential, checkCredential } from '../vcdm/credential.ts'
import { envelope } from '../vcdm/envelope.ts'
import { readProofs } from '../vcdm/proof.ts'
import { isUrl, refuse } from '../vcdm/read.ts'
import { issueJwt } from './issueJwt.ts'
import { issueSdJwt } from './issueSdJwt.ts'
import type { VcApi } from './model.ts'
import { requireNoCertificate } from './noCertificate.ts'
import { addStatus } from './statusEntry.ts'

/** How a credential is secured. */
export const issuedFormats = ['ldp_vc', 'vc+jwt', 'jwt_vc', 'dc+sd-jwt'] as const
export type IssuedFormat = (typeof issuedFormats)[number]

/** What may be asked of an issuer beside the credential itself. */
export type IssueOptions = {
  readonly format?: IssuedFormat
  /** The credential's `id` where it has none. */
  readonly credentialId?: string
  /** Entries to add: `true` for revocation, or objects with a `statusPurpose`. */
  readonly credentialStatus?: Json
}

/**
 * Issues any valid credential in this service's own name: the did:key for `ldp_vc`, the department's did:ethr
 * for the others, whatever issuer the credential named. It is no certificate: it has no certificate type,
 * is not anchored, and no verdict calls it valid.
 *
 * @returns the credential with its proof, or its envelope.
 * @throws {InputError} `vcdm/...`, `integrity/...`, `vcapi/bad-option`; `store/duplicate` if a credential
 *   with a status has that id
 * @throws {TrustError} `issue/key-not-usable`, `issue/unknown-department`
 * @see VC-API 0.7, section 3.2.1
 */
export async function issueCredential(
  api: VcApi,
  credential: Json,
  { format = 'ldp_vc', credentialId, credentialStatus }: IssueOptions = {},
): Promise<JsonObject> {
  if (!isJsonObject(credential)) throw refuse('vcdm/bad-property', 'credential')
  const named = withId(credential, credentialId)
  const did = format === 'ldp_vc' ? api.integrity.did : api.issuer.department.did
  checkCredential(named, api.integrity.known)
  requireNoCertificate(named)
  readProofs(named)
  const own = inOwnName(named, did)
  const { version } = checkCredential(own, api.integrity.known)
  // Before a status entry is spent on it.
  await api.integrity.requireDefined(own)
  if (format !== 'ldp_vc') {
    if (version !== '2.0' || own.proof !== undefined) {
      throw new InputError('vcapi/bad-option', { path: 'format', format })
    }
    await requireStanding(api.issuer)
  }
  const document = await addStatus(api, own, credentialStatus)
  if (format === 'ldp_vc') return issueLdpVc(api, document)
  const checked = checkCredential(document, api.integrity.known)
  const { mediaType, token } = await secureToken(api, document, checked, format)
  return envelope('credential', mediaType, token)
}

/**
 * Secures a document that is in this service's name already with a Data Integrity proof. This is the door
 * for other protocols that hand out `ldp_vc`.
 *
 * @throws {InputError} `vcdm/...`, `integrity/...`
 */
export async function issueLdpVc(
  { integrity, clock }: Pick<VcApi, 'integrity' | 'clock'>,
  document: JsonObject,
): Promise<JsonObject> {
  const { issuer } = checkCredential(document, integrity.known)
  if (issuer !== integrity.did) throw refuse('vcdm/bad-issuer', 'issuer')
  return integrity.secure(document, { purpose: 'assertionMethod', created: clock() })
}

function secureToken(
  api: VcApi,
  document: JsonObject,
  checked: CheckedCredential,
  format: Exclude<IssuedFormat, 'ldp_vc'>,
): Promise<{ mediaType: string; token: string }> {
  return format === 'dc+sd-jwt'
    ? issueSdJwt(api, document, checked)
    : issueJwt(api, document, checked, format)
}

function withId(credential: JsonObject, id: string | undefined): JsonObject {
  if (id === undefined) return credential
  if (!isUrl(id)) throw new InputError('vcapi/bad-option', { path: 'credentialId' })
  if (credential.id !== undefined && credential.id !== id) {
    throw new InputError('vcapi/bad-option', { path: 'credentialId' })
  }
  return { ...credential, id }
}

/** What else the issuer said of itself (name, image) stays. */
function inOwnName(credential: JsonObject, did: string): JsonObject {
  const { issuer } = credential
  return { ...credential, issuer: isJsonObject(issuer) ? { ...issuer, id: did } : did }
}
