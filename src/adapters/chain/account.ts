import { computeAddress, SigningKey, Transaction } from 'ethers'
import type { SignedTransaction } from '../../ports/chainWriters.ts'
import { hex } from '../../primitives/bytes.ts'

/** A secp256k1 account that pays no fee; its key stays inside. */
export type ChainAccount = {
  /** Lower-case `0x` hex. */
  readonly address: string
  /** Signs; the same request gives the same bytes (RFC 6979). */
  sign(request: TransactionRequest): SignedTransaction
}

/** One transaction; `to` undefined makes a contract. */
export type TransactionRequest = {
  readonly chainId: number
  readonly nonce: number
  readonly to: string | undefined
  /** `0x` hex. */
  readonly data: string
  readonly gasLimit: bigint
}

/**
 * An account from its private key.
 *
 * @param privateKey 32 bytes, a secp256k1 scalar.
 */
export function accountOf(privateKey: Uint8Array): ChainAccount {
  const key = new SigningKey(`0x${hex(privateKey)}`)
  return {
    address: computeAddress(key).toLowerCase(),
    sign(request) {
      const transaction = Transaction.from({
        type: 2,
        maxFeePerGas: 0n,
        maxPriorityFeePerGas: 0n,
        chainId: request.chainId,
        nonce: request.nonce,
        to: request.to ?? null,
        data: request.data,
        gasLimit: request.gasLimit,
      })
      transaction.signature = key.sign(transaction.unsignedHash)
      return { raw: transaction.serialized, hash: transaction.hash!, nonce: request.nonce }
    },
  }
}
