import { decodeBase64url } from '#primitives'
import type { InclusionProof } from '../anchor/model.ts'
import { readObject, readUint, refuseOthers, required } from '../credential/claims.ts'
import { parseJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { bytesFromHex, hex } from '../primitives/bytes.ts'

/** A certificate as `weir` hands it over: the token, and its place in its batch once it is anchored. */
export type CertificateFile = {
  readonly credential: string
  readonly proof: InclusionProof | undefined
}

/** Characters of a certificate or presentation file at most. */
export const maxFile = 2_097_152

/** Levels of the largest tree that a proof may climb. */
const maxPath = 64

/** The file's text: `{ "credential": token, "proof": { sequence, index, size, path: [hex] } }`, one object. */
export function writeCertificateFile({ credential, proof }: CertificateFile): string {
  return `${JSON.stringify({ credential, ...(proof && { proof: proofJson(proof) }) }, null, 2)}\n`
}

/**
 * Reads such a file; token and proof are taken as they are.
 *
 * @throws {InputError} `json/*`, `presentation/malformed`, `hex/malformed`, `credential/bad-base64url`.
 */
export function readCertificateFile(text: string | Uint8Array): CertificateFile {
  return readCertificate(parseJsonObject(text, { maxLength: maxFile }))
}

/** The same, already parsed. @throws {InputError} as {@link readCertificateFile}, but for `json/*`. */
export function readCertificate(file: JsonObject): CertificateFile {
  refuseOthers(file, ['credential', 'proof'], 'file')
  const { credential } = file
  if (typeof credential !== 'string') {
    throw new InputError('presentation/malformed', { why: 'credential' })
  }
  return { credential, proof: readProof(file.proof) }
}

/** A proof as the files write it, hashes in hex. */
export function proofJson({ sequence, index, size, path }: InclusionProof): {
  [name: string]: Json
} {
  return { sequence, index, size, path: path.map(hex) }
}

/**
 * Reads a proof; hashes of 32 bytes in hex or base64url. Whether it fits a batch is `anchor/`'s to say.
 *
 * @returns undefined where the value is absent or null.
 * @throws {InputError} `credential/bad-claim`, `credential/missing-claim`, `hex/malformed`,
 *   `credential/bad-base64url`.
 */
export function readProof(value: Json | undefined): InclusionProof | undefined {
  if (value === undefined || value === null) return undefined
  const proof = readObject(value, 'proof')!
  refuseOthers(proof, ['sequence', 'index', 'size', 'path'], 'proof')
  const { path } = proof
  if (!Array.isArray(path) || path.length > maxPath) {
    throw new InputError('credential/bad-claim', { path: 'proof.path' })
  }
  return {
    sequence: number(proof.sequence, 'proof.sequence'),
    index: number(proof.index, 'proof.index'),
    size: number(proof.size, 'proof.size'),
    path: path.map(readHash),
  }
}

function number(value: Json | undefined, path: string): number {
  return readUint(required(value, path), path, Number.MAX_SAFE_INTEGER)!
}

function readHash(value: Json): Uint8Array {
  if (typeof value !== 'string')
    throw new InputError('credential/bad-claim', { path: 'proof.path' })
  return value.length === 43 ? decodeBase64url(value) : bytesFromHex(value, 32)
}
