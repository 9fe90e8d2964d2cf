import { Certificate, CertificateRevocationList, type Extension } from 'pkijs'
import { InputError } from '../../errors.ts'
import { requireDer } from './der.ts'

const maxCertificateBytes = 16_384
const maxCrlBytes = 8_388_608

/**
 * Reads a certificate. Extensions stand at most once each.
 *
 * @param der strict DER, at most 16 KiB.
 * @throws {InputError} `certificate/malformed`
 * @see RFC 5280, section 4
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > maxCertificateBytes) throw new InputError('certificate/malformed')
  return parse(der, () => {
    const certificate = Certificate.fromBER(copy(der))
    requireUnique(certificate.extensions)
    return certificate
  })
}

/**
 * Reads a certificate revocation list.
 *
 * @param der strict DER, at most 8 MiB.
 * @throws {InputError} `certificate/malformed`
 * @see RFC 5280, section 5
 */
export function parseCrl(der: Uint8Array): CertificateRevocationList {
  if (der.length > maxCrlBytes) throw new InputError('certificate/malformed')
  return parse(der, () => {
    const crl = CertificateRevocationList.fromBER(copy(der))
    requireUnique(crl.crlExtensions?.extensions)
    return crl
  })
}

function parse<T>(der: Uint8Array, read: () => T): T {
  requireDer(der)
  try {
    return read()
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError('certificate/malformed', { cause })
  }
}

/** The parser keeps views on what it is given: it gets bytes of its own. */
function copy(der: Uint8Array): ArrayBuffer {
  return new Uint8Array(der).buffer
}

function requireUnique(extensions: readonly Extension[] = []): void {
  const names = new Set(extensions.map((extension) => extension.extnID))
  if (names.size !== extensions.length) throw new InputError('certificate/malformed')
}
