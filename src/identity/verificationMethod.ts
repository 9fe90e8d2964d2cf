import type { VerificationMethod } from 'did-resolver'
import { hex } from '../primitives/bytes.ts'
import { multibase58 } from './base58.ts'
import { bytesOf, type Entry } from './erc1056.ts'

/** What a key attribute adds to a document. */
export type AttributeMethod = {
  readonly method: VerificationMethod
  readonly purpose: 'veriKey' | 'sigAuth' | 'enc'
  /** JSON-LD contexts that the method's words come from. */
  readonly contexts: readonly string[]
}

const namePattern = /^did\/pub\/(\w+)\/(veriKey|sigAuth|enc)(?:\/(\w+))?$/
const securityV2 = 'https://w3id.org/security/v2'

/** Multikey values that are keys: multicodec prefix, then this many bytes. */
const multikeys = [
  { prefix: [0x80, 0x24], size: 33 }, // p256-pub, compressed
  { prefix: [0xe7, 0x01], size: 33 }, // secp256k1-pub, compressed
  { prefix: [0xed, 0x01], size: 32 }, // ed25519-pub
]

/**
 * Reads a `did/pub/<algorithm>/<purpose>` attribute. The encoding hint is not heeded: each algorithm has
 * one form here, Multikey and the Ed25519 and X25519 suites `publicKeyMultibase`, Secp256k1 and
 * algorithms not known `publicKeyHex`.
 *
 * @param id the method's DID URL.
 * @returns undefined if name or value are of no such shape.
 * @see did:ethr method specification, "Public Keys"; W3C Controlled Identifiers, section 2.2.2 (Multikey)
 */
export function attributeMethod(
  id: string,
  controller: string,
  { name, value }: Entry,
): AttributeMethod | undefined {
  const match = namePattern.exec(name)
  const algorithm = match?.[1]
  const purpose = match?.[2] as AttributeMethod['purpose'] | undefined
  if (algorithm === undefined || purpose === undefined) return undefined
  const bytes = bytesOf(value)
  const made = (type: string, key: Partial<VerificationMethod>, ...contexts: string[]) => ({
    method: { id, type, controller, ...key },
    purpose,
    contexts,
  })
  const suite = (type: string, prefix: number, name: string) =>
    bytes.length === 32
      ? made(
          type,
          { publicKeyMultibase: multibase58(Uint8Array.of(prefix, 0x01, ...bytes)) },
          `https://w3id.org/security/suites/${name}/v1`,
        )
      : undefined
  switch (algorithm) {
    case 'Multikey': {
      const isKey = multikeys.some(
        ({ prefix, size }) =>
          bytes.length === size + 2 && bytes[0] === prefix[0] && bytes[1] === prefix[1],
      )
      if (!isKey) return undefined
      const key = { publicKeyMultibase: multibase58(bytes) }
      return made('Multikey', key, 'https://w3id.org/security/multikey/v1')
    }
    case 'Secp256k1': {
      if (bytes.length !== 33 && bytes.length !== 65) return undefined
      return made('EcdsaSecp256k1VerificationKey2019', { publicKeyHex: hex(bytes) }, securityV2)
    }
    case 'Ed25519':
      return suite('Ed25519VerificationKey2020', 0xed, 'ed25519-2020')
    case 'X25519':
      return suite('X25519KeyAgreementKey2020', 0xec, 'x25519-2020')
    default:
      return made(algorithm, { publicKeyHex: hex(bytes) }, securityV2)
  }
}
