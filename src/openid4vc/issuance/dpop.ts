import { encodeBase64url, sha256Base64url } from '#primitives'
import { thumbprint } from '../../credential/thumbprint.ts'
import { InputError, isWeirError } from '../../errors.ts'
import { OAuthError } from '../oauthError.ts'
import { proofAlgorithms } from './configuration.ts'
import { after, type Issuance, kinds } from './model.ts'
import { nameOf } from './secret.ts'
import { isRecent, readSignedProof, type SignedProof } from './signedProof.ts'

/** Seconds for which a proof counts, and its `jti` is remembered. */
const lifetime = 300

/** A request that a proof must be about. */
export type ProvenRequest = {
  readonly method: 'GET' | 'POST'
  /** Address as published, without a query; never from what the request says about itself. */
  readonly url: string
  /** Where an access token is used. */
  readonly accessToken?: string
}

/**
 * Verifies a DPoP proof, once: its `jti` is not taken again, in any process.
 *
 * @returns the RFC 7638 thumbprint of its key, base64url.
 * @throws {OAuthError} `invalid_dpop_proof`
 * @see RFC 9449, section 4.3
 */
export async function verifyDpop(
  issuance: Issuance,
  proof: string,
  request: ProvenRequest,
): Promise<string> {
  const { key, payload } = read(proof)
  const { htm, htu, iat, jti, ath } = payload
  const isAbout =
    htm === request.method && typeof htu === 'string' && plain(htu) === plain(request.url)
  const expected = request.accessToken && sha256Base64url(request.accessToken)
  if (!isAbout || (expected !== undefined && ath !== expected)) throw refused()
  if (!isRecent(iat, issuance.clock(), lifetime)) throw refused()
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) throw refused()
  const jkt = encodeBase64url(thumbprint(key))
  const { sessions, issuer } = issuance
  try {
    await sessions.add(issuer.department.address, [
      {
        kind: kinds.dpop,
        name: nameOf(`${jkt} ${jti}`),
        value: {},
        // As long as the proof could be sent again: it may be dated a minute ahead.
        expiresAt: after(issuance, lifetime + 120),
      },
    ])
  } catch (cause) {
    if (cause instanceof InputError && cause.code === 'store/duplicate') throw refused(cause)
    throw cause
  }
  return jkt
}

function read(proof: string): SignedProof {
  try {
    return readSignedProof(proof, 'dpop+jwt')
  } catch (cause) {
    if (isWeirError(cause)) throw refused(cause)
    throw cause
  }
}

function refused(cause?: unknown): OAuthError {
  return new OAuthError('invalid_dpop_proof', 'The DPoP proof is not valid for this request.', {
    cause,
  })
}

/** RFC 9449 section 4.3 step 9: without query and fragment, normalised. */
function plain(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const { origin, pathname } = new URL(address)
  return `${origin}${pathname}`
}

/** `algs` of a DPoP challenge. */
export const dpopAlgorithms = proofAlgorithms.join(' ')
