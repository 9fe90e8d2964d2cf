import { encode } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import type { StateProof, StorageSlot } from '../../src/anchor/model.ts'
import { entryOf, trieOf } from './trieBuilder.ts'

const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replace(/^0x/, ''), 'hex'))
const integer = (value: bigint) => {
  const digits = value === 0n ? '' : value.toString(16)
  return bytes(digits.padStart(digits.length + (digits.length % 2), '0'))
}

/** Contracts and the non-zero words of their storage; addresses and slots `0x` hex. */
export type World = ReadonlyMap<string, ReadonlyMap<string, bigint>>

/** Proofs of `slots` in a world of the test's own making, under a header of its own. */
export function proveWorld(
  world: World,
  slots: readonly StorageSlot[],
  block: { number: number; seconds: number },
): StateProof & { hash: string } {
  const storages = new Map(
    [...world].map(([address, words]) => {
      const entries = [...words].filter(([, word]) => word !== 0n)
      const entry = ([slot, word]: [string, bigint]) => entryOf(bytes(slot), encode(integer(word)))
      return [address, trieOf(entries.map(entry))] as const
    }),
  )
  const accounts = trieOf(
    [...storages].map(([address, { root }]) =>
      entryOf(bytes(address), encode([integer(1n), integer(0n), root, keccak_256(bytes(address))])),
    ),
  )
  const empty = new Uint8Array(32)
  const fields = Array<Uint8Array>(15).fill(empty)
  fields[3] = accounts.root
  fields[8] = integer(BigInt(block.number))
  fields[11] = integer(BigInt(block.seconds))
  const header = encode(fields)
  return {
    hash: `0x${Buffer.from(keccak_256(header)).toString('hex')}`,
    header: `0x${Buffer.from(header).toString('hex')}`,
    accounts: [...new Set(slots.map(({ address }) => address))].map((address) => ({
      address,
      proof: accounts.prove(bytes(address)),
      storage: slots
        .filter((slot) => slot.address === address)
        .map(({ slot }) => ({ slot, proof: storages.get(address)!.prove(bytes(slot)) })),
    })),
  }
}

/** The code hash that {@link proveWorld} gives an account. */
export function codeHashIn(address: string): string {
  return `0x${Buffer.from(keccak_256(bytes(address))).toString('hex')}`
}
