import { encodeBase64url } from '#primitives'
import { InputError } from '../../errors.ts'

/** PEM labels that Weir reads and writes; openssl knows a revocation list as `X509 CRL` only. */
export type PemLabel = 'CERTIFICATE' | 'X509 CRL'

/** One DER value as PEM (RFC 7468), with a line break at the end. */
export function toPem(label: PemLabel, der: Uint8Array): string {
  const text = encodeBase64url(der).replaceAll('-', '+').replaceAll('_', '/')
  const padded = text.padEnd(Math.ceil(text.length / 4) * 4, '=')
  const lines = padded.match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/**
 * All values of a label in a PEM text, in order; other text around them is skipped.
 *
 * @throws {InputError} `certificate/malformed` if a block is not base64 or does not end.
 */
export function fromPem(label: PemLabel, pem: string): Uint8Array[] {
  const begin = `-----BEGIN ${label}-----`
  return pem
    .split(begin)
    .slice(1)
    .map((block) => {
      const end = block.indexOf(`-----END ${label}-----`)
      const text = block.slice(0, Math.max(end, 0)).replace(/\s/g, '')
      if (
        end < 0 ||
        !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
      ) {
        throw new InputError('certificate/malformed')
      }
      return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    })
}
