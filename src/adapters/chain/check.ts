import { keccak256 } from '#primitives'
import { TrustError } from '../../errors.ts'
import type { ChainIdentity } from '../../identity/model.ts'
import { bytesFromHex, hex as hexOf } from '../../primitives/bytes.ts'
import { block, hex, quantity } from './answers.ts'
import type { Rpc } from './rpc.ts'

const names = ['didRegistry', 'departmentRegistry', 'anchorRegistry', 'statusRegistry'] as const

/**
 * Whether the chain behind an address is the one that the deployment file pins: chain id, genesis
 * block and the code of every contract. One round trip.
 *
 * @throws {TrustError} `chain/wrong-chain`, `chain/wrong-code`
 * @throws {OutsideError} as `Rpc.call`
 */
export async function checkIdentity(rpc: Rpc, identity: ChainIdentity): Promise<void> {
  const { contracts, codeHashes } = identity
  const [, ...codes] = await Promise.all([
    checkNetwork(rpc, identity),
    ...names.map((name) => rpc.call('eth_getCode', [contracts[name], 'latest'])),
  ])
  for (const [position, name] of names.entries()) {
    if (codeHash(codes[position]) !== codeHashes[name]) {
      throw new TrustError('chain/wrong-code', { contract: name, address: contracts[name] })
    }
  }
}

/**
 * The cheap part of {@link checkIdentity}: chain id and genesis block. One round trip.
 *
 * @throws {TrustError} `chain/wrong-chain`
 * @throws {OutsideError} as `Rpc.call`
 */
export async function checkNetwork(rpc: Rpc, identity: ChainIdentity): Promise<void> {
  const { chainId, genesisHash } = identity
  const [id, genesis] = await Promise.all([
    rpc.call('eth_chainId', []),
    rpc.call('eth_getBlockByNumber', ['0x0', false]),
  ])
  const found = quantity(id, 'eth_chainId')
  if (found !== chainId) throw new TrustError('chain/wrong-chain', { expected: chainId, found })
  const { hash } = block(genesis, 'eth_getBlockByNumber')
  if (hash !== genesisHash) {
    throw new TrustError('chain/wrong-chain', { expectedGenesis: genesisHash, foundGenesis: hash })
  }
}

/** keccak-256 of an account's code as `eth_getCode` answers it; `0x` and 64 hex digits. */
export function codeHash(code: unknown): string {
  return `0x${hexOf(keccak256(bytesFromHex(hex(code, 'eth_getCode').slice(2))))}`
}
