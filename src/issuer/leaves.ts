import { randomBytes } from '#primitives'
import { arrange, leafHash, positionOf, rootOf } from '../anchor/tree.ts'
import { TrustError } from '../errors.ts'
import type { Batch, QueuedCopy } from '../ports/outbox.ts'
import { equalBytes, hex } from '../primitives/bytes.ts'

/**
 * How many leaves a batch of `count` members shows: 16, 64, 256 or a multiple of 256, so that its
 * size does not tell how many were issued (THREATS I6).
 */
export function paddedSize(count: number): number {
  if (count <= 16) return 16
  if (count <= 64) return 64
  return Math.ceil(count / 256) * 256
}

/** The leaves of these members, padded with random ones, in ascending order; 32 bytes each. */
export function leavesOf(members: readonly Pick<QueuedCopy, 'fingerprint'>[]): Uint8Array {
  const leaves = members.map((member) => leafHash(member.fingerprint))
  while (leaves.length < paddedSize(members.length)) leaves.push(randomBytes(32))
  return arrange(leaves)
}

/** The root as chain types write it; zero where there are no leaves. */
export function rootText(leaves: Uint8Array): string {
  return leaves.length === 0 ? `0x${'00'.repeat(32)}` : `0x${hex(rootOf(leaves))}`
}

/**
 * Recomputes a stored batch from what the store gives back: its root from its leaves, and each
 * member's leaf from the member's stored fingerprint.
 *
 * @throws {TrustError} `anchor/bad-batch` if leaves, root, size and members do not fit together.
 */
export function recompute(batch: Batch, members: readonly QueuedCopy[]): void {
  const bad = (what: string) =>
    new TrustError('anchor/bad-batch', { issuer: batch.issuer, sequence: batch.sequence, what })
  const size = batch.leaves.length / 32
  if (size !== batch.size || members.length > size) throw bad('size')
  if (rootText(batch.leaves) !== batch.root) throw bad('root')
  const seen = new Uint8Array(size)
  for (const member of members) {
    const leaf = leafHash(member.fingerprint)
    const position = positionOf(batch.leaves, leaf)
    if (position === undefined || seen[position] === 1) throw bad('member')
    const stored = batch.leaves.subarray(position * 32, position * 32 + 32)
    if (!equalBytes(stored, leaf)) throw bad('member')
    seen[position] = 1
  }
}
