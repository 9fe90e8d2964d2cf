/** A memory of limited size. */
export type Bounded<T> = {
  readonly get: (name: string) => T | undefined
  /** Keeps and returns the value. */
  readonly set: (name: string, value: T) => T
}

/**
 * Keeps at most `limit` values; the one kept longest makes room. For values that anybody could
 * compute again, so that a stranger's input can cost time but never memory or truth.
 */
export function bounded<T>(limit: number): Bounded<T> {
  const values = new Map<string, T>()
  return {
    get: (name) => values.get(name),
    set: (name, value) => {
      if (values.size >= limit) values.delete(values.keys().next().value!)
      values.set(name, value)
      return value
    },
  }
}
