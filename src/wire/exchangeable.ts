import type { Signer } from '../ports/signing.ts'

/**
 * A signer whose key can be exchanged while others hold it: what is signed from then on is signed with the
 * next one. Whoever planned with the one before finds another key than planned, and refuses.
 */
export function exchangeable(first: Signer): {
  readonly signer: Signer
  exchange(next: Signer): void
} {
  let current = first
  return {
    signer: {
      get key() {
        return current.key
      },
      get isRemote() {
        return current.isRemote
      },
      sign: (kind, inputs) => current.sign(kind, inputs),
      close: () => current.close(),
    },
    exchange: (next) => {
      current = next
    },
  }
}
