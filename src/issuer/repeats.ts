import { TrustError } from '../errors.ts'
import type { Signer } from '../ports/signing.ts'

/** How many values each of two generations remembers. */
const generation = 50_000

/** What this process has drawn lately under one signer. */
type Memory = { salts: Generations; nonces: Generations }
type Generations = { young: Map<string, string>; old: Map<string, string> }

const memories = new WeakMap<Signer, Memory>()

/**
 * Fails closed when the random generator repeats itself: a salt that was drawn before.
 *
 * @throws {TrustError} `issue/repeated-randomness`; nothing may be issued until the machine is looked at.
 */
export function requireFreshSalts(signer: Signer, salts: readonly Uint8Array[]): void {
  const { salts: seen } = memoryOf(signer)
  for (const salt of salts) {
    if (remember(seen, name(salt), '') !== undefined) {
      throw new TrustError('issue/repeated-randomness', { what: 'salt' })
    }
  }
}

/**
 * Fails closed when two different inputs were signed with one ECDSA nonce: equal r gives the private
 * key away. The same input may have the same r (RFC 6979).
 *
 * @throws {TrustError} `issue/repeated-randomness`; the signatures must not leave the process.
 */
export function requireFreshNonces(
  signer: Signer,
  inputs: readonly string[],
  signatures: readonly Uint8Array[],
): void {
  const { nonces } = memoryOf(signer)
  for (const [at, signature] of signatures.entries()) {
    // The tail of the input is the end of the salted payload: enough to tell two inputs apart.
    const input = copyOf(inputs[at]!.slice(-48))
    const before = remember(nonces, name(signature), input)
    if (before !== undefined && before !== input) {
      throw new TrustError('issue/repeated-randomness', { what: 'signature' })
    }
  }
}

function memoryOf(signer: Signer): Memory {
  const known = memories.get(signer)
  if (known !== undefined) return known
  const fresh = () => ({ young: new Map<string, string>(), old: new Map<string, string>() })
  const memory = { salts: fresh(), nonces: fresh() }
  memories.set(signer, memory)
  return memory
}

/** What stood under this name before, if it was seen lately. */
function remember(memory: Generations, key: string, value: string): string | undefined {
  const before = memory.young.get(key) ?? memory.old.get(key)
  if (before !== undefined) return before
  if (memory.young.size >= generation) {
    memory.old = memory.young
    memory.young = new Map()
  }
  memory.young.set(key, value)
  return undefined
}

/** A slice as text of its own: V8 keeps the whole of what a slice was cut from, here every payload. */
function copyOf(slice: string): string {
  return Buffer.from(slice, 'latin1').toString('latin1')
}

/** The first 16 bytes. */
function name(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('latin1')
}
