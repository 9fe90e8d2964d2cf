import { ECPublicKey } from 'pkijs'
import { encodeBase64url, importPublicKey } from '#primitives'
import { InputError } from '../../errors.ts'
import type { PublicJwk } from '../../primitives/model.ts'
import { parseEthrDid } from '../did.ts'
import { thumbprint } from '../thumbprint.ts'
import { certificateFacts } from './facts.ts'

/** What a department's certificate says; none of it is trusted by having been read. */
export type Leaf = {
  /** The canonical did:ethr in the subjectAltName. */
  readonly did: string
  readonly publicJwk: PublicJwk
  /** RFC 7638, `0x` and 64 hex digits. */
  readonly thumbprint: string
  /** SHA-256 of the DER, `0x` and 64 hex digits; DepartmentRegistry's `certificateHash`. */
  readonly certificateHash: string
  /** Hex digits of the serial number as encoded. */
  readonly serial: string
  readonly notBefore: Date
  readonly notAfter: Date
}

const dns = 2
const uri = 6
const p256 = 'P-256'

/**
 * Reads the certificate of a department's key, without judging it: no signature, time or revocation.
 * Costs about a millisecond; keep the result by the certificate's hash.
 *
 * @param der strict DER.
 * @throws {InputError} `certificate/malformed`; `certificate/no-did` unless exactly one URI of the
 *   subjectAltName is a DID, in canonical spelling; `certificate/wrong-key` if the key is not of P-256.
 * @see RFC 5280, section 4.2.1.6
 */
export function readLeaf(der: Uint8Array): Leaf {
  const facts = certificateFacts(der)
  const dids = (facts.names ?? [])
    .filter((name) => name.type === uri && /^did:/i.test(String(name.value)))
    .map((name) => String(name.value))
  const did = dids[0]
  if (did === undefined || dids.length > 1) throw new InputError('certificate/no-did')
  const publicJwk = p256Jwk(facts.certificate.subjectPublicKeyInfo.parsedKey)
  return {
    did: canonical(did),
    publicJwk,
    thumbprint: thumbprint(publicJwk),
    certificateHash: `0x${facts.fingerprint}`,
    serial: facts.serial,
    notBefore: facts.notBefore,
    notAfter: facts.notAfter,
  }
}

/**
 * The key of any certificate, a department's or not; nothing of it is judged.
 *
 * @throws {InputError} `certificate/malformed`, `certificate/wrong-key` if it is not of P-256.
 */
export function certifiedKeyOf(der: Uint8Array): PublicJwk {
  return p256Jwk(certificateFacts(der).certificate.subjectPublicKeyInfo.parsedKey)
}

/** The host names of the subjectAltName, in lower case. @throws {InputError} `certificate/malformed` */
export function dnsNamesOf(der: Uint8Array): string[] {
  return (certificateFacts(der).names ?? [])
    .filter((name) => name.type === dns)
    .map((name) => String(name.value).toLowerCase())
}

function canonical(did: string): string {
  try {
    return parseEthrDid(did).did
  } catch (cause) {
    throw new InputError('certificate/no-did', { cause })
  }
}

function p256Jwk(key: unknown): PublicJwk {
  if (!(key instanceof ECPublicKey) || key.namedCurve !== p256) {
    throw new InputError('certificate/wrong-key')
  }
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: encodeBase64url(new Uint8Array(key.x)),
    y: encodeBase64url(new Uint8Array(key.y)),
  }
  try {
    importPublicKey(jwk)
  } catch (cause) {
    throw new InputError('certificate/wrong-key', { cause })
  }
  return jwk
}
