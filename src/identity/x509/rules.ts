import type { Code } from '../../errors.ts'
import { isStrongKey, isStrongSignature } from './algorithms.ts'
import { type CertificateFacts, emptyName } from './facts.ts'

/** Extensions that are processed here, so that they may be critical. */
const processed = new Set([
  '2.5.29.15', // keyUsage
  '2.5.29.17', // subjectAltName
  '2.5.29.19', // basicConstraints
  '2.5.29.30', // nameConstraints
  '2.5.29.37', // extKeyUsage
])

/** Extended usages under which a key may sign documents. */
const signing = new Set([
  '2.5.29.37.0', // anyExtendedKeyUsage
  '1.3.6.1.5.5.7.3.2', // clientAuth
  '1.3.6.1.5.5.7.3.4', // emailProtection
  '1.3.6.1.5.5.7.3.36', // documentSigning (RFC 9336)
])

/** What is wrong with any certificate of a path, the leaf and the root too; undefined: nothing. */
export function judgeAny(facts: CertificateFacts, at: Date): Code | undefined {
  if (facts.version !== 3) return 'certificate/malformed'
  if (!isStrongSignature(facts.certificate)) return 'certificate/weak-algorithm'
  if (!isStrongKey(facts.certificate.subjectPublicKeyInfo)) return 'certificate/weak-algorithm'
  if (![...facts.critical].every((id) => processed.has(id))) return 'certificate/unknown-extension'
  if (facts.issuer === emptyName || facts.subject === emptyName) return 'certificate/malformed'
  if (facts.names?.length === 0) return 'certificate/malformed'
  if (!(facts.notBefore <= at)) return 'certificate/not-yet-valid'
  if (!(at <= facts.notAfter)) return 'certificate/expired'
  if (facts.extendedUsages && !facts.extendedUsages.some((usage) => signing.has(usage))) {
    return 'certificate/wrong-usage'
  }
  return undefined
}

/**
 * What is wrong with a certificate that signs others; undefined: nothing.
 *
 * @param below certificates between it and the leaf; self-issued ones count too.
 * @see RFC 5280, sections 4.2.1.2, 4.2.1.3, 4.2.1.9
 */
export function judgeAuthority(facts: CertificateFacts, below: number): Code | undefined {
  if (!facts.isAuthority || !facts.critical.has('2.5.29.19')) return 'certificate/not-an-authority'
  if (!facts.usages?.has('keyCertSign') || !facts.usages.has('cRLSign')) {
    return 'certificate/wrong-usage'
  }
  if (facts.subjectKey === undefined) return 'certificate/malformed'
  if (facts.pathLength !== undefined && below > facts.pathLength) return 'certificate/path-too-long'
  return undefined
}

/** What is wrong with a department's certificate as a leaf; undefined: nothing. */
export function judgeLeaf(facts: CertificateFacts): Code | undefined {
  if (facts.isAuthority || facts.pathLength !== undefined) return 'certificate/wrong-usage'
  if (!facts.usages?.has('digitalSignature')) return 'certificate/wrong-usage'
  if (facts.usages.has('keyCertSign') || facts.usages.has('cRLSign'))
    return 'certificate/wrong-usage'
  return undefined
}
