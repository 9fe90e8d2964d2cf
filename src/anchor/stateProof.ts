import { decode } from '@ethereumjs/rlp'
import { keccak256 } from '#primitives'
import { TrustError } from '../errors.ts'
import { bytesFromHex, hex } from '../primitives/bytes.ts'
import type { StateProof } from './model.ts'
import { decodeList, valueAt } from './trie.ts'

/** What a block header says that we rest on. */
export type ProvenHeader = {
  readonly number: number
  /** `0x` and 64 hex digits. */
  readonly hash: string
  readonly time: Date
  /** 32 bytes. */
  readonly stateRoot: Uint8Array
}

/** Contracts' storage at one block, as far as the proofs go. */
export type ProvenState = {
  readonly block: { readonly number: number; readonly hash: string; readonly time: Date }
  /**
   * The 32-byte word in a slot; zero if the proof shows that nothing is there.
   *
   * @throws {TrustError} `evidence/missing-proof` if the file proves nothing about this slot.
   */
  readonly word: (address: string, slot: string) => bigint
  /** keccak-256 of an account's code, `0x` and 64 hex digits. @throws as `word` */
  readonly codeHash: (address: string) => string
}

const maximumHeaderBytes = 65_536

/**
 * Reads a block header. It is nobody's word yet: the caller decides whether it trusts the hash.
 *
 * @param header RLP, `0x` hex.
 * @throws {TrustError} `evidence/bad-proof`
 * @see Ethereum Yellow Paper, section 4.4
 */
export function readHeader(header: string): ProvenHeader {
  const bytes = fromHex(header)
  const fields = decodeList(bytes, maximumHeaderBytes)
  if (fields.length < 15) throw bad('header')
  const [stateRoot, number, seconds] = [fields[3], fields[8], fields[11]].map((field) => {
    if (!(field instanceof Uint8Array)) throw bad('header')
    return field
  }) as [Uint8Array, Uint8Array, Uint8Array]
  if (stateRoot.length !== 32) throw bad('header')
  return {
    number: smallInteger(number),
    hash: `0x${hex(keccak256(bytes))}`,
    time: new Date(smallInteger(seconds) * 1000),
    stateRoot,
  }
}

/**
 * Checks every account and storage proof under its header.
 *
 * @returns the words that were proven, present or absent.
 * @throws {TrustError} `evidence/bad-proof` if one proof fails: then none of the file counts.
 * @see EIP-1186
 */
export function readStateProof(proof: StateProof): ProvenState {
  const { stateRoot, ...block } = readHeader(proof.header)
  const words = new Map<string, bigint>()
  const codeHashes = new Map<string, string>()
  for (const account of proof.accounts) {
    const address = fromHex(account.address, 20)
    const value = valueAt(
      stateRoot,
      keccak256(address),
      account.proof.map((node) => fromHex(node)),
    )
    const { storageRoot, codeHash } = readAccount(value)
    codeHashes.set(hex(address), `0x${hex(codeHash)}`)
    for (const { slot, proof: nodes } of account.storage) {
      const key = fromHex(slot, 32)
      const word = valueAt(
        storageRoot,
        keccak256(key),
        nodes.map((node) => fromHex(node)),
      )
      words.set(`${hex(address)}/${hex(key)}`, readWord(word))
    }
  }
  const found = <T>(map: Map<string, T>, key: string): T => {
    const value = map.get(key)
    if (value === undefined) throw new TrustError('evidence/missing-proof', { of: key })
    return value
  }
  return {
    block,
    word: (address, slot) => found(words, `${hex(fromHex(address, 20))}/${hex(fromHex(slot, 32))}`),
    codeHash: (address) => found(codeHashes, hex(fromHex(address, 20))),
  }
}

function readAccount(value: Uint8Array | undefined): {
  storageRoot: Uint8Array
  codeHash: Uint8Array
} {
  if (value === undefined) throw bad('no-account')
  const [, , storageRoot, codeHash, ...rest] = decodeList(value, 256)
  const isHash = (item: unknown): item is Uint8Array =>
    item instanceof Uint8Array && item.length === 32
  if (!isHash(storageRoot) || !isHash(codeHash) || rest.length > 0) throw bad('account')
  return { storageRoot, codeHash }
}

function readWord(value: Uint8Array | undefined): bigint {
  if (value === undefined) return 0n
  let bytes: unknown
  try {
    bytes = decode(value)
  } catch {
    throw bad('rlp')
  }
  // Integers have no leading zeros. Zero itself is never stored, but anvil keeps a zero that was set.
  if (!(bytes instanceof Uint8Array) || bytes.length > 32 || bytes[0] === 0) throw bad('word')
  return BigInt(`0x0${hex(bytes)}`)
}

function smallInteger(bytes: Uint8Array): number {
  const value = bytes.length === 0 ? 0 : Number(`0x${hex(bytes)}`)
  if (bytes.length > 6 || bytes[0] === 0 || !Number.isSafeInteger(value * 1000)) throw bad('header')
  return value
}

function fromHex(text: string, length?: number): Uint8Array {
  if (!text.startsWith('0x')) throw bad('hex')
  try {
    return bytesFromHex(text, length)
  } catch {
    throw bad('hex')
  }
}

function bad(why: string): TrustError {
  return new TrustError('evidence/bad-proof', { why })
}
