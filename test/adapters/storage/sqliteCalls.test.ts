import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../../src/adapters/storage/openStore.ts'
import { issuer } from '../../suites/samples.ts'
import { startChild } from '../../support/child.ts'
import { tempFolder } from '../../support/tempFolder.ts'

/** Why system calls cannot be made to fail here; undefined: they can. */
function whyNoStrace(): string | undefined {
  const { status } = spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', 'true'])
  return status === 0 ? undefined : 'strace is not installed, or tracing is not permitted'
}

const reason = whyNoStrace()
if (reason !== undefined) console.warn(`tests with failing system calls skipped: ${reason}`)

const faults: readonly [what: string, calls: string, error: string, when: number][] = [
  ['one failed fsync', 'fsync,fdatasync', 'EIO', 20],
  ['one fsync without space', 'fsync,fdatasync', 'ENOSPC', 41],
  ['one failed write', 'pwrite64', 'EIO', 300],
  ['one write beyond the quota', 'pwrite64', 'EDQUOT', 301],
]

describe.skipIf(reason !== undefined)('a process whose disk fails once', () => {
  for (const [what, calls, error, when] of faults) {
    test(`K2: ${what} (${error}) ends all acknowledging, and what was acknowledged stays`, async () => {
      const path = join(tempFolder(), 'store.db')
      const trace = `exec strace -f -qq -o /dev/null -e trace=${calls} -e inject=${calls}:error=${error}:when=${when}`
      const lines = await startChild('storeChild.ts', ['write', path], trace).rest()
      expect(lines.slice(-3)).toEqual(['store/io', 'store/io', 'store/io'])
      const acknowledged = lines.filter((line) => /^\d+$/.test(line)).map(Number)
      expect(lines).toEqual(['open', ...acknowledged.map(String), ...lines.slice(-3)])
      const store = await openStore({ kind: 'sqlite', path })
      const durable = await store.certificates.scan(issuer, 0, 10_000, 'durable')
      const ids = durable.map(({ id }) => id)
      expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([])
      expect(acknowledged.length).toBeGreaterThan(0)
      expect(await store.check()).toEqual([])
      await store.close()
    })
  }
})
