import { createHash } from 'node:crypto'
import type { ChainIdentity } from '../../identity/model.ts'
import type { ChainJournal } from '../../ports/mirror.ts'
import { appendMirror, type MirrorEntry, readMirror, startMirror } from './mirrorFile.ts'

/** Where a mirror notes what it read, so that a restart reads only what is new. */
export type MirrorNotes = {
  read(): Promise<readonly MirrorEntry[]>
  append(entry: MirrorEntry): Promise<void>
  /** Begins anew, without entries. */
  start(): Promise<void>
}

/** Notes in a file of this deployment. */
export function notesInFile(path: string, identity: ChainIdentity): MirrorNotes {
  let chain = ''
  return {
    async read() {
      const found = await readMirror(path, identity)
      chain = found.chain
      return found.entries
    },
    async append(entry) {
      chain = await appendMirror(path, chain, entry)
    },
    async start() {
      chain = (await startMirror(path, identity)).chain
    },
  }
}

/** Notes in a store; those of another chain or of other contracts stand apart. */
export function notesInStore(journal: ChainJournal, identity: ChainIdentity): MirrorNotes {
  const { chainId, genesisHash, contracts } = identity
  const names = Object.entries(contracts).sort(([a], [b]) => (a < b ? -1 : 1))
  const text = JSON.stringify([chainId, genesisHash, names])
  const chain = createHash('sha256').update(text).digest('hex')
  return {
    read: async () => (await journal.steps(chain)) as readonly MirrorEntry[],
    append: (entry) => journal.append(chain, entry),
    start: () => journal.clear(chain),
  }
}
