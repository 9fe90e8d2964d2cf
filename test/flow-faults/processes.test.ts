import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalNode } from '../../src/adapters/chain/node.ts'
import { leafHash, positionOf } from '../../src/anchor/tree.ts'
import { districtConfiguration } from '../../src/configuration/district.ts'
import { drain } from '../../src/issuer/drain.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import { resume } from '../../src/issuer/resume.ts'
import { bytesFromHex } from '../../src/primitives/bytes.ts'
import { type OpenChain, startLocalChain } from '../../src/wire/chain.ts'
import { openDepartment } from '../../src/wire/department.ts'
import { setUpDistrict } from '../../src/wire/district.ts'
import { createHome, type Home } from '../../src/wire/home.ts'
import { type Child, startChild } from '../support/child.ts'
import { type Cluster, startPostgres, whyNoPostgres } from '../support/postgres.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-processes-'))
const slow = 1_800_000
const name = 'citizen-services'
const variable = 'WEIR_TEST_STORE'
/** Kills, each at another moment; `WEIR_KILLS=1000` makes the long run. */
const kills = Number(process.env.WEIR_KILLS ?? 3)
const workers = 3

const reason = whyNoPostgres()
if (reason !== undefined) console.warn(`tests of several processes skipped: ${reason}`)

describe.skipIf(reason !== undefined)('several processes of one department over PostgreSQL', () => {
  let cluster: Cluster
  let home: Home
  let chain: OpenChain
  let node: LocalNode
  beforeAll(async () => {
    cluster = await startPostgres()
    process.env[variable] = await cluster.newDatabase()
    const district = districtConfiguration()
    const shared = {
      ...district.departments[name]!,
      store: { kind: 'postgres', urlFrom: variable },
    }
    const departments = { ...district.departments, [name]: shared as never }
    const made = await createHome(folder, { ...district, departments })
    node = await startLocalChain(made, () => {})
    ;({ home, chain } = await setUpDistrict(made, new Date(), () => {}))
  }, slow)
  afterAll(async () => {
    chain?.close()
    await node?.stop()
    await cluster?.stop()
    delete process.env[variable]
    rmSync(folder, { recursive: true, force: true })
  })

  test(
    'K9: they issue and anchor at once while one after another is killed: nothing lost, doubled or anchored twice',
    async () => {
      const acknowledged = new Map<string, Set<string>>()
      const ends: string[] = []
      let next = 0
      const started = async (): Promise<Child> => {
        const child = startChild('sharedWorker.ts', [home.path, name, String(next++)])
        expect(await child.line()).toBe('open')
        return child
      }
      const take = (line: string) => {
        const [key = '', fingerprint] = line.split(' ')
        // A worker that failed says why, and prints no more.
        expect(key, line).not.toBe('failed')
        if (fingerprint === undefined) return void ends.push(line)
        acknowledged.set(key, (acknowledged.get(key) ?? new Set()).add(fingerprint))
      }
      const running = await Promise.all(Array.from({ length: workers }, started))
      for (let kill = 0; kill < kills; kill += 1) {
        const at = kill % workers
        const victim = running[at]!
        // It has acknowledged something, and dies at some moment of what it does next.
        for (let line = 0; line < 12; line += 1) take(await victim.line())
        await pause((kill * 37) % 250)
        await victim.kill()
        for (const line of await victim.rest()) take(line)
        running[at] = await started()
      }
      for (const child of running) for (let line = 0; line < 24; line += 1) take(await child.line())
      for (const child of running) child.process.kill('SIGTERM')
      for (const child of running) for (const line of await child.rest()) take(line)
      expect(ends).toEqual(Array(workers).fill('end'))

      const department = await openDepartment(home, chain, name, { threads: 1 })
      const { issuer, address, store } = department
      await resume(issuer)
      await drain(issuer, { pollMs: 50 })
      // Whoever asked for the same was given the same.
      expect([...acknowledged.values()].filter((all) => all.size > 1)).toEqual([])
      const fingerprints = [...acknowledged.values()].flatMap((all) => [...all])
      expect(fingerprints.length).toBeGreaterThan(kills * 12)
      const stored = await store.certificates.byFingerprints(
        address,
        fingerprints.map((one) => bytesFromHex(one, 32)),
      )
      expect(stored.filter((copy) => copy.state !== 'final')).toEqual([])
      expect(stored).toHaveLength(fingerprints.length)
      // Each stands in one batch, and the chain holds each batch as it is here.
      const last = (await (await issuer.chain.view()).lastAnchor(address)).sequence
      const batches = await store.outbox.batches(address, ['final'], last + 1)
      expect(batches.map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: last }, (_, at) => at + 1),
      )
      const places = stored.map(
        ({ fingerprint }) =>
          batches.filter(({ leaves }) => positionOf(leaves, leafHash(fingerprint)) !== undefined)
            .length,
      )
      expect(places.filter((count) => count !== 1)).toEqual([])
      // Numbers of copies, status entries, signatures, links and the audit chain.
      expect(await firstFinding(issuer)).toBeUndefined()
      expect(await store.check()).toEqual([])
      await department.close()
    },
    slow,
  )
})
