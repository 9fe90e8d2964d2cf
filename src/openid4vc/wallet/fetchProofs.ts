import { parseCredential } from '../../credential/parse.ts'
import { isWeirError } from '../../errors.ts'
import { receive } from '../../holder/receive.ts'
import { claimedIssuer } from '../../verdict/issuer.ts'
import type { WalletClient } from './model.ts'

/**
 * Looks for the inclusion proof of every held certificate that came before it was anchored, and keeps
 * those that it finds; each is checked as on receipt.
 *
 * @returns how many were found. A certificate that is not good any more keeps waiting without one.
 * @throws {OutsideError} what the store, the chain or the leaves throw.
 */
export async function fetchProofs({ holder, leaves }: WalletClient): Promise<number> {
  if (leaves === undefined) return 0
  let found = 0
  for (const { token, proof } of await holder.store.list()) {
    if (proof !== undefined) continue
    const credential = parseCredential(token)
    const address = claimedIssuer(credential).department?.address
    const next = address && (await leaves.proof(address, credential.fingerprint))
    if (!next) continue
    try {
      await receive(holder, token, next)
      found++
    } catch (error) {
      // Revoked meanwhile, say: it stays as it is.
      if (!isWeirError(error) || error.name === 'OutsideError') throw error
    }
  }
  return found
}
