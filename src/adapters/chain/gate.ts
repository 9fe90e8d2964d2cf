/**
 * Many may read or one may change. While it mines, anvil answers questions about the block before with
 * the state of the one being made; reading waits until the new block stands.
 */
export class Gate {
  #readers = 0
  #changed: Promise<void> | undefined
  #idle: () => void = () => {}

  /** Works while nothing changes. */
  async read<T>(work: () => Promise<T>): Promise<T> {
    while (this.#changed !== undefined) await this.#changed
    this.#readers += 1
    try {
      return await work()
    } finally {
      this.#readers -= 1
      if (this.#readers === 0) this.#idle()
    }
  }

  /** Works while nobody reads; for one caller at a time. */
  async change<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#changed = promise
    try {
      if (this.#readers > 0) await new Promise<void>((idle) => (this.#idle = idle))
      return await work()
    } finally {
      this.#idle = () => {}
      this.#changed = undefined
      resolve()
    }
  }
}
