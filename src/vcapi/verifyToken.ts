import { sha256 } from '#primitives'
import { readJwk, readObject, required } from '../credential/claims.ts'
import type { ParsedCredential, PublicJwk } from '../credential/model.ts'
import { TrustError } from '../errors.ts'
import { parseEthrDid } from '../identity/did.ts'
import { checkCredential } from '../vcdm/credential.ts'
import { refuse } from '../vcdm/read.ts'
import type { Check, CheckName } from '../verdict/model.ts'
import { verify } from '../verdict/verify.ts'
import { gather } from '../verifier/gather.ts'
import { findKey } from '../verifier/signer.ts'
import { unlessRefused } from './findings.ts'
import { readToken, type SecuredToken } from './jws.ts'
import { requireSignedBy } from './key.ts'
import type { Finding, VcApi } from './model.ts'
import { requireWithin } from './period.ts'
import { requireGoodStatus, requireGoodTokenStatus } from './status.ts'

/** A credential that holds. */
export type HeldTogether = {
  readonly issuer: string
  /** Key to which it is bound, for whoever presents it. */
  readonly holderKey: PublicJwk | undefined
}

/**
 * Requires a credential secured by JOSE or SD-JWT to hold: form, signature, dates, status.
 *
 * @throws {InputError} `credential/...`, `json/...`, `vcdm/...`
 * @throws {TrustError} `signature/...`, `validity/...`, `status/...`
 * @throws {OutsideError} where the chain cannot be read.
 */
export async function requireGoodToken(
  api: VcApi,
  text: string,
  mediaType: string | undefined,
  warn: (finding: Finding) => void,
): Promise<HeldTogether> {
  const token = readToken(text, 'credential', mediaType)
  const checked = token.document && checkCredential(token.document, api.integrity.known)
  const issuer = issuerOf(token, checked?.issuer)
  const isJudged = await requireSignature(api, issuer, token, warn)
  requireWithin(token.period, api.clock())
  if (checked !== undefined) {
    requireWithin(checked.period, api.clock())
    // The chain itself has said it already.
    if (!isJudged) await requireGoodStatus(api, checked.statusEntries, issuer, warn)
    for (const index of checked.unreadResources.keys()) {
      warn({ code: 'vcapi/resource-not-read', detail: { path: `relatedResource/${index}` } })
    }
  } else if (token.payload.status !== undefined && !isJudged) {
    const status = required(readObject(token.payload.status, 'status'), 'status')
    await requireGoodTokenStatus(api, status, issuer, warn)
  }
  const cnf = readObject(token.payload.cnf, 'cnf')
  return { issuer, holderKey: cnf && readJwk(cnf.jwk, 'cnf.jwk') }
}

/** VC-JOSE-COSE section 3.3.1: where both `iss` and `issuer` are there they are the same. */
function issuerOf({ payload, x5c }: SecuredToken, issuer: string | undefined): string {
  const { iss } = payload
  if (iss !== undefined && typeof iss !== 'string') throw refuse('vcdm/bad-issuer', 'iss')
  if (iss !== undefined && issuer !== undefined && iss !== issuer) {
    throw refuse('vcdm/bad-issuer', 'iss', 'other issuer')
  }
  const did = issuer ?? iss
  if (did === undefined && x5c === undefined) throw refuse('vcdm/bad-issuer', 'iss')
  return did ?? ''
}

/** @returns whether it was judged in full, by what the chain says of it. */
async function requireSignature(
  api: VcApi,
  issuer: string,
  token: SecuredToken,
  warn: (finding: Finding) => void,
): Promise<boolean> {
  const { chain } = api.verifier
  const own = await unlessRefused(() => parseEthrDid(issuer))
  const isOurs = token.x5c !== undefined || own?.chainId === chain.identity.chainId
  if (!isOurs) {
    await requireSignedBy(issuer, token)
    warn({ code: 'accreditation/unknown-issuer', detail: {} })
  } else if (token.payload.weir !== undefined || token.x5c !== undefined) {
    await requireOurs(api, token, warn)
    return true
  } else {
    const view = await chain.view()
    const { isSigned, record } = await findKey(api.verifier, view, signedPart(issuer, token))
    if (isSigned === undefined) throw new TrustError('signature/no-key')
    if (!isSigned) throw new TrustError('signature/bad')
    if (record?.purpose !== 'assertion') throw new TrustError('key/wrong-purpose')
    // Nothing is anchored that would say when it was signed: it may be the thief's.
    if (record.compromisedSince) throw new TrustError('key/compromised')
    if (record.retiredAt) warn({ code: 'key/retired', detail: {} })
    warn({ code: 'anchor/not-anchored', detail: {} })
  }
  return false
}

/** What this API asks; the rest of a verdict are warnings. */
const asked: readonly CheckName[] = [
  'form',
  'signature',
  'holderBinding',
  'validityPeriod',
  'status',
]

/** A certificate of a department: judged in full, of which this API asks less. */
async function requireOurs(
  api: VcApi,
  { token }: SecuredToken,
  warn: (finding: Finding) => void,
): Promise<void> {
  const { verifier, clock } = api
  const evidence = await gather(verifier, token)
  const { checks, credentials } = verify(evidence, {
    at: clock(),
    question: { kind: 'certificate' },
    chain: `eip155:${verifier.chain.identity.chainId}`,
  })
  const all: readonly Check[] = [...checks, ...credentials.flatMap((one) => one.checks)]
  for (const { name, outcome, code } of all) {
    if (outcome === 'pass' || name === 'key') continue
    const isAsked = asked.includes(name) && (outcome === 'fail' || name === 'signature')
    if (isAsked) throw new TrustError(code)
    if (code !== 'verdict/not-reached') warn({ code, detail: {} })
  }
  requireOwnKey(all)
}

/**
 * A signature proves nothing by itself where the token brings its own key (`x5c`): the key must be one that
 * the registry holds for the department that the token names.
 */
function requireOwnKey(all: readonly Check[]): void {
  const isSigned = all.some(({ name, outcome }) => name === 'signature' && outcome === 'pass')
  const key = all.find(({ name }) => name === 'key')
  if (!isSigned || key === undefined || key.code === 'verdict/not-reached') {
    throw new TrustError('signature/no-key')
  }
  if (key.outcome !== 'pass') throw new TrustError(key.code)
}

/** What finding a department's key looks at. */
function signedPart(issuer: string, token: SecuredToken): ParsedCredential {
  const nothing = undefined
  return {
    ...token,
    format: 'vc+jwt',
    header: {},
    fingerprint: sha256(token.signingInput),
    issuer,
    certificateType: nothing,
    certificate: nothing,
    issuedAt: nothing,
    validFrom: nothing,
    validUntil: nothing,
    chain: nothing,
    status: nothing,
    salt: nothing,
    replaces: nothing,
    holderKey: nothing,
    claims: {},
    disclosures: [],
  }
}
