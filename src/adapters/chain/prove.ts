import { encodeRlp, keccak256 } from 'ethers'
import type { StateProof, StorageSlot } from '../../anchor/model.ts'
import { OutsideError } from '../../errors.ts'
import type { BlockRef } from '../../identity/model.ts'
import { type Answer, array, bigQuantity, hex, object, toQuantity } from './answers.ts'
import type { Rpc } from './rpc.ts'

type Field = readonly [member: string, kind: 'bytes' | 'integer']

const fields: readonly Field[] = [
  ['parentHash', 'bytes'],
  ['sha3Uncles', 'bytes'],
  ['miner', 'bytes'],
  ['stateRoot', 'bytes'],
  ['transactionsRoot', 'bytes'],
  ['receiptsRoot', 'bytes'],
  ['logsBloom', 'bytes'],
  ['difficulty', 'integer'],
  ['number', 'integer'],
  ['gasLimit', 'integer'],
  ['gasUsed', 'integer'],
  ['timestamp', 'integer'],
  ['extraData', 'bytes'],
  ['mixHash', 'bytes'],
  ['nonce', 'bytes'],
  // Each fork appended: London, Shanghai, Cancun (three), Prague.
  ['baseFeePerGas', 'integer'],
  ['withdrawalsRoot', 'bytes'],
  ['blobGasUsed', 'integer'],
  ['excessBlobGas', 'integer'],
  ['parentBeaconBlockRoot', 'bytes'],
  ['requestsHash', 'bytes'],
]

/**
 * Proofs of storage slots under one block's header.
 *
 * @throws {OutsideError} `chain/unprovable` where the node's header does not hash to the block's hash
 *   (chains whose seals stand outside the hash), `chain/bad-answer`, and as `Rpc.call`.
 * @see EIP-1186
 */
export async function prove(
  rpc: Rpc,
  block: BlockRef,
  slots: readonly StorageSlot[],
): Promise<StateProof> {
  const byAddress = Map.groupBy(slots, ({ address }) => address)
  const [header, ...accounts] = await Promise.all([
    readHeader(rpc, block),
    ...[...byAddress].map(([address, own]) => {
      return proveAccount(rpc, block, address, [...new Set(own.map(({ slot }) => slot))])
    }),
  ])
  return { header, accounts }
}

/** RLP of the block's header, `0x` hex. */
async function readHeader(rpc: Rpc, block: BlockRef): Promise<string> {
  const method = 'eth_getBlockByHash'
  const answer = object(await rpc.call(method, [block.hash, false]), method)
  const header = encodeHeader(answer)
  if (keccak256(header) !== block.hash)
    throw new OutsideError('chain/unprovable', { block: block.hash })
  return header
}

/** RLP of a header as `eth_getBlockByHash` answers it. @throws {OutsideError} `chain/bad-answer` */
export function encodeHeader(answer: Answer): string {
  const present = fields.filter(([member], place) => place < 15 || answer[member] !== undefined)
  return encodeRlp(present.map(([member, kind]) => fieldOf(answer[member], kind)))
}

function fieldOf(value: unknown, kind: Field[1]): string {
  if (kind === 'bytes') return hex(value, 'eth_getBlockByHash')
  const integer = bigQuantity(value, 'eth_getBlockByHash')
  // RLP writes integers without leading zeros, zero as nothing.
  if (integer === 0n) return '0x'
  const digits = integer.toString(16)
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`
}

async function proveAccount(rpc: Rpc, block: BlockRef, address: string, slots: readonly string[]) {
  const method = 'eth_getProof'
  const answer = object(await rpc.call(method, [address, slots, toQuantity(block.number)]), method)
  const storage = array(answer.storageProof, method, slots.length)
  if (storage.length !== slots.length) throw new OutsideError('chain/bad-answer', { method })
  return {
    address,
    proof: nodes(answer.accountProof),
    storage: storage.map((each, place) => ({
      slot: slots[place]!,
      proof: nodes(object(each, method).proof),
    })),
  }
}

function nodes(value: unknown): string[] {
  return array(value, 'eth_getProof', 100).map((node) => hex(node, 'eth_getProof'))
}
