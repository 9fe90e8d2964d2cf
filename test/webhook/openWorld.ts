import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openFetch } from '../../src/adapters/http/fetch.ts'
import { openKeyStore } from '../../src/adapters/keys/store.ts'
import { openStore, type Store } from '../../src/adapters/storage/openStore.ts'
import type { Webhooks } from '../../src/webhook/model.ts'
import { issuer } from '../suites/samples.ts'

/** A department's webhooks over a SQLite store and a key store in a folder, under a clock of the test's. */
export type World = {
  readonly webhooks: Webhooks
  readonly store: Store
  readonly path: string
  /** Moves the clock on. */
  pass(seconds: number): void
  close(): Promise<void>
}

/** Opens it, or opens it again. */
export async function openWorld(folder: string, at = Date.now()): Promise<World> {
  const keyFile = join(folder, 'secret')
  try {
    writeFileSync(keyFile, randomBytes(32), { mode: 0o600, flag: 'wx' })
  } catch {
    // It is there from before.
  }
  const path = join(folder, 'store.sqlite')
  const store = await openStore({ kind: 'sqlite', path })
  const keys = await openKeyStore(join(folder, 'keys.json'), { keyFile })
  // The derivation is kept with the first key.
  if ((await keys.list()).length === 0) await keys.create('any', 'holder')
  const http = openFetch({ isDevelopment: true })
  let now = at
  const { certificates, queue, outbox, audit, webhooks } = store
  return {
    store,
    path,
    webhooks: {
      department: issuer,
      store: webhooks,
      certificates,
      queue,
      outbox,
      audit,
      fetch: (request) => http.fetch({ ...request, timeoutMs: 300 }),
      sealer: keys,
      clock: () => new Date(now),
      isDevelopment: true,
      settleMs: 0,
    },
    pass: (seconds) => {
      now += seconds * 1000
    },
    close: async () => {
      await http.close()
      await store.close()
    },
  }
}
