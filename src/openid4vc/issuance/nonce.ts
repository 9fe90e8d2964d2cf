import { after, type Issuance, kinds, lifetimes } from './model.ts'
import { nameOf, newSecret } from './secret.ts'

/** A fresh `c_nonce`, good once within five minutes (OpenID4VCI 1.0 section 7). */
export async function newNonce(issuance: Issuance): Promise<string> {
  const nonce = newSecret()
  await issuance.sessions.add(issuance.issuer.department.address, [
    {
      kind: kinds.nonce,
      name: nameOf(nonce),
      value: {},
      expiresAt: after(issuance, lifetimes.nonce),
    },
  ])
  return nonce
}

/**
 * Uses nonces up; each counts once, in all processes and across restarts.
 *
 * @returns whether every one was ours, fresh and unused.
 */
export async function takeNonces(issuance: Issuance, nonces: Iterable<string>): Promise<boolean> {
  const { sessions, issuer, clock } = issuance
  for (const nonce of new Set(nonces)) {
    const taken = await sessions.take(
      issuer.department.address,
      kinds.nonce,
      nameOf(nonce),
      clock(),
    )
    if (taken === undefined) return false
  }
  return true
}
