import { encodeBase64url, sha256 } from '#primitives'
import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import { dnsNamesOf } from '../../identity/x509/leaf.ts'
import type { Signer } from '../../ports/signing.ts'
import type { ClientIdPrefix } from './model.ts'

/**
 * The full client identifier of a verifier.
 *
 * @param responseUri where the answer goes; its host must be in the certificate for `x509_san_dns`.
 * @throws {InputError} `presentation/no-request-key` if there is no signer, it has no certificate, or
 *   none for this host.
 * @see OpenID4VP 1.0, section 5.9.3
 */
export function clientIdOf(
  prefix: ClientIdPrefix,
  signer: Signer | undefined,
  responseUri: URL,
): string {
  if (prefix === 'redirect_uri') return `redirect_uri:${responseUri.href}`
  if (signer === undefined) throw new InputError('presentation/no-request-key')
  const { did, x5c } = signer.key
  if (prefix === 'decentralized_identifier') return `decentralized_identifier:${did}`
  const [leaf] = x5c
  if (leaf === undefined) throw new InputError('presentation/no-request-key')
  if (prefix === 'x509_hash') return `x509_hash:${encodeBase64url(sha256(leaf))}`
  const { hostname } = responseUri
  if (!dnsNamesOf(leaf).includes(hostname)) {
    throw new InputError('presentation/no-request-key', { host: hostname })
  }
  return `x509_san_dns:${hostname}`
}

/** The header under which a request is signed: the key's certificates, or its DID URL. */
export function requestHeader(prefix: ClientIdPrefix, { key }: Signer): JsonObject {
  const base = { alg: key.alg, typ: 'oauth-authz-req+jwt' }
  return prefix === 'decentralized_identifier'
    ? { ...base, kid: key.kid }
    : { ...base, x5c: key.x5c.map((der) => Buffer.from(der).toString('base64')) }
}

/**
 * What the addresses of a request begin with. Certificates name hosts, so under `x509_san_dns` a service
 * on a loopback address goes by `localhost`, if its certificate says so.
 */
export function baseUrlFor(prefix: ClientIdPrefix, signer: Signer | undefined, base: URL): URL {
  const [leaf] = signer?.key.x5c ?? []
  if (prefix !== 'x509_san_dns' || leaf === undefined) return base
  if (!/^127\.|^\[::1\]$/.test(base.hostname) || !dnsNamesOf(leaf).includes('localhost'))
    return base
  const named = new URL(base)
  named.hostname = 'localhost'
  return named
}
