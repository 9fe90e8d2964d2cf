import { createHash } from 'node:crypto'
import { arrange, leafHash } from '../../src/anchor/tree.ts'

/** The n-th sample fingerprint: SHA-256 of a label and n, the same in every run. */
export function fingerprintOf(n: number, label = 'sample'): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`${label}/${n}`).digest())
}

/** `size` sample leaves in order, without the minimum of 16: one by one as a small tree needs them. */
export function sampleLeaves(size: number, label = 'sample'): Uint8Array {
  const leaves = Array.from({ length: size }, (_, n) => leafHash(fingerprintOf(n, label)))
  if (size >= 16) return arrange(leaves)
  return new Uint8Array(Buffer.concat(leaves.sort((a, b) => Buffer.compare(a, b))))
}

/** Leaf `index` of arranged leaves. */
export function leafAt(leaves: Uint8Array, index: number): Uint8Array {
  return leaves.slice(index * 32, index * 32 + 32)
}

/** The code of the error that `act` throws, `none` if it throws none. */
export function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
  return 'none'
}
