import type { AnchorRecord, StateProof } from '../anchor/model.ts'
import {
  readJwk,
  readObject,
  readSeconds,
  readString,
  readUint,
  refuseOthers,
  required,
} from '../credential/claims.ts'
import { parseJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { InputError, isWeirError } from '../errors.ts'
import { proofJson, readProof } from '../presentation/certificateFile.ts'
import type { FiledCredential, FiledEvidence } from '../verdict/model.ts'

/** Characters of an evidence file at most, and of one proof node in hex. */
const maxFile = 16_777_216
const maxNode = 2_100
const maxHeader = 131_100
const maxCredentials = 256
const maxSlots = 8_192
const maxNodes = 64
const maxRecords = 256

/** The text of an evidence file: `{ "evidence": 1, input, proof, credentials }`. */
export function writeEvidence({ input, proof, credentials }: FiledEvidence): string {
  const filed = credentials.map(({ jwk, anchor, accreditations }) => ({
    ...(jwk && { jwk: { ...jwk } }),
    ...(anchor && {
      anchor: {
        record: recordJson(anchor.record),
        proof: proofJson(anchor.proof),
        following: anchor.following.map(recordJson),
      },
    }),
    accreditations: [...accreditations],
  }))
  const { header, accounts } = proof
  const file = { evidence: 1, input, proof: { header, accounts }, credentials: filed }
  return `${JSON.stringify(file, null, 1)}\n`
}

/**
 * Reads an evidence file. Its form only: what it claims is `verify`'s to judge.
 *
 * @param text text or UTF-8 bytes.
 * @throws {InputError} `evidence/malformed` with the member at fault, `json/*`.
 */
export function readEvidenceFile(text: string | Uint8Array): FiledEvidence {
  const file = parseJsonObject(text, { maxLength: maxFile, maxNodes: 1_000_000 })
  try {
    return readFile(file)
  } catch (cause) {
    if (!isWeirError(cause)) throw cause
    const path = cause.detail.path ?? 'file'
    throw new InputError('evidence/malformed', { path, cause })
  }
}

function readFile(file: JsonObject): FiledEvidence {
  refuseOthers(file, ['evidence', 'input', 'proof', 'credentials'], 'file')
  if (file.evidence !== 1) throw malformed('evidence')
  const { input } = file
  if (typeof input !== 'string') throw malformed('input')
  const credentials = list(file.credentials, 'credentials', maxCredentials).map(readCredential)
  return { kind: 'filed', input, proof: readStateProofJson(file.proof), credentials }
}

function readCredential(value: Json): FiledCredential {
  const one = object(value, 'credentials')
  refuseOthers(one, ['jwk', 'anchor', 'accreditations'], 'credentials')
  const { jwk, anchor } = one
  return {
    jwk: jwk === undefined ? undefined : readJwk(jwk, 'jwk'),
    anchor: anchor === undefined ? undefined : readAnchor(object(anchor, 'anchor')),
    accreditations: list(one.accreditations, 'accreditations', maxRecords).map((index) =>
      uint(index, 'accreditations', 0xffff_ffff),
    ),
  }
}

function readAnchor(anchor: JsonObject): FiledCredential['anchor'] {
  refuseOthers(anchor, ['record', 'proof', 'following'], 'anchor')
  const proof = readProof(required(anchor.proof, 'anchor.proof'))
  if (proof === undefined) throw malformed('anchor.proof')
  return {
    record: readRecord(anchor.record),
    proof,
    following: list(anchor.following, 'anchor.following', 15).map(readRecord),
  }
}

function recordJson({ time, ...record }: AnchorRecord) {
  return { ...record, time: time.getTime() / 1000 }
}

function readRecord(value: Json | undefined): AnchorRecord {
  const record = object(value, 'record')
  const members = ['issuer', 'sequence', 'previous', 'root', 'size', 'block', 'time']
  refuseOthers(record, members, 'record')
  const { sequence, size, block } = record
  return {
    issuer: hexOf(record.issuer, 'record.issuer', 40),
    sequence: uint(sequence, 'record.sequence', Number.MAX_SAFE_INTEGER),
    previous: hexOf(record.previous, 'record.previous', 62),
    root: hexOf(record.root, 'record.root', 64),
    size: uint(size, 'record.size', Number.MAX_SAFE_INTEGER),
    block: uint(block, 'record.block', Number.MAX_SAFE_INTEGER),
    time: required(readSeconds(record.time, 'record.time'), 'record.time'),
  }
}

function readStateProofJson(value: Json | undefined): StateProof {
  const proof = object(value, 'proof')
  refuseOthers(proof, ['header', 'accounts'], 'proof')
  return {
    header: bytesOf(proof.header, 'proof.header', maxHeader),
    accounts: list(proof.accounts, 'proof.accounts', 8).map((account) => {
      const one = object(account, 'proof.accounts')
      refuseOthers(one, ['address', 'proof', 'storage'], 'proof.accounts')
      return {
        address: hexOf(one.address, 'proof.accounts.address', 40),
        proof: nodes(one.proof),
        storage: list(one.storage, 'proof.accounts.storage', maxSlots).map((slot) => {
          const entry = object(slot, 'proof.accounts.storage')
          refuseOthers(entry, ['slot', 'proof'], 'proof.accounts.storage')
          return { slot: hexOf(entry.slot, 'slot', 64), proof: nodes(entry.proof) }
        }),
      }
    }),
  }
}

function nodes(value: Json | undefined): string[] {
  return list(value, 'proof.nodes', maxNodes).map((node) => bytesOf(node, 'proof.nodes', maxNode))
}

function object(value: Json | undefined, path: string): JsonObject {
  return readObject(required(value, path), path)!
}

function list(value: Json | undefined, path: string, limit: number): Json[] {
  if (!Array.isArray(value) || value.length > limit) throw malformed(path)
  return value
}

function uint(value: Json | undefined, path: string, limit: number): number {
  return readUint(required(value, path), path, limit)!
}

function hexOf(value: Json | undefined, path: string, digits: number): string {
  const text = readString(required(value, path), path)!
  if (text.length !== 2 + digits || !/^0x[0-9a-f]*$/.test(text)) throw malformed(path)
  return text
}

function bytesOf(value: Json | undefined, path: string, limit: number): string {
  if (typeof value !== 'string' || value.length > limit) throw malformed(path)
  if (!/^0x(?:[0-9a-f]{2})*$/.test(value)) throw malformed(path)
  return value
}

function malformed(path: string): InputError {
  return new InputError('evidence/malformed', { path })
}
