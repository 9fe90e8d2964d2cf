import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { typeDocuments } from '../../certificate/documents.ts'
import type { CertificateType } from '../../certificate/model.ts'
import type { JsonObject } from '../../credential/model.ts'
import { TrustError } from '../../errors.ts'
import type { Hash } from '../../vcdm/digest.ts'

/** A context that is kept here. */
export type KeptContext = {
  readonly url: string
  readonly json: JsonObject
  readonly digests: Readonly<Record<Hash, Uint8Array>>
}

/** Where each comes from, its file, and the SHA-256 of its bytes. */
const pinned = [
  {
    // VC Data Model 2.0, appendix B.1 states this digest
    url: 'https://www.w3.org/ns/credentials/v2',
    file: 'credentials-v2',
    sha256: '59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734',
  },
  {
    // the same definitions as the W3C's, members in another order: @digitalbazaar/credentials-context
    url: 'https://www.w3.org/2018/credentials/v1',
    file: 'credentials-v1',
    sha256: '00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8',
  },
  {
    url: 'https://www.w3.org/ns/credentials/examples/v2',
    file: 'examples-v2',
    sha256: '57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c',
  },
  {
    // VC Data Integrity 1.0, section 2.4.2 states this digest and the next
    url: 'https://w3id.org/security/data-integrity/v2',
    file: 'data-integrity-v2',
    sha256: '67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4',
  },
  {
    url: 'https://w3id.org/security/multikey/v1',
    file: 'multikey-v1',
    sha256: 'ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597',
  },
  {
    url: 'https://www.w3.org/ns/did/v1',
    file: 'did-v1',
    sha256: '4f3eae5568c9c5f036a082088f9e192019ee06faa78973c87ff91d5421b88dad',
  },
  {
    url: 'https://w3id.org/security/suites/ed25519-2020/v1',
    file: 'ed25519-2020-v1',
    sha256: 'db2d1ff9ca651354d4c2684ce2c1f70d9398f3c40c3131e2fb68a439c507aba0',
  },
] as const

/**
 * The contexts that documents may name: those of the W3C, pinned by digest, and those of certificate types.
 *
 * @throws {TrustError} `integrity/unknown-context` if a file is not the one that is pinned.
 */
export function keptContexts(types: readonly CertificateType[]): Map<string, KeptContext> {
  const kept = new Map<string, KeptContext>()
  for (const { url, file, sha256 } of pinned) {
    const bytes = readFileSync(new URL(`./contexts/${file}.jsonld`, import.meta.url))
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new TrustError('integrity/unknown-context', { url })
    }
    kept.set(url, keep(url, bytes))
  }
  for (const type of types) {
    const { uri, text } = typeDocuments(type).context
    kept.set(uri, keep(uri, Buffer.from(text)))
  }
  return kept
}

function keep(url: string, bytes: Buffer): KeptContext {
  const digest = (hash: Hash) => new Uint8Array(createHash(hash).update(bytes).digest())
  return {
    url,
    json: JSON.parse(bytes.toString()) as JsonObject,
    digests: { sha256: digest('sha256'), sha384: digest('sha384'), sha512: digest('sha512') },
  }
}
