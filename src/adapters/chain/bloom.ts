import { keccak256 } from '#primitives'
import { bytesFromHex } from '../../primitives/bytes.ts'

/**
 * Whether a block's log bloom allows that an address logged in it; false is certain.
 *
 * @param bloom 256 bytes, `0x` hex. @param address `0x` hex.
 * @see Ethereum Yellow Paper, section 4.3.1
 */
export function mayHold(bloom: string, address: string): boolean {
  const bits = bytesFromHex(bloom, 256)
  const hash = keccak256(bytesFromHex(address, 20))
  return [0, 2, 4].every((at) => {
    const bit = ((hash[at]! << 8) | hash[at + 1]!) & 2047
    return (bits[255 - (bit >> 3)]! & (1 << (bit & 7))) !== 0
  })
}
