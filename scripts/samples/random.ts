/** Numbers that look random and come again with the same seed. */
export type Random = {
  /** A whole number, `0 <= n < limit`. */
  below(limit: number): number
  pick<T>(items: readonly T[]): T
}

/** A generator of its own for each seed text (FNV-1a into mulberry32); for samples, never for secrets. */
export function random(seed: string): Random {
  let state = 0x811c9dc5
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { below, pick: (items) => items[below(items.length)]! }
}
