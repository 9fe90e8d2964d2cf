import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createPool } from '../../src/adapters/keys/pool.ts'
import { memoryStore } from '../../src/adapters/storage/memory.ts'
import { openStore, type Store } from '../../src/adapters/storage/openStore.ts'
import { leafHash, positionOf } from '../../src/anchor/tree.ts'
import { isWeirError, OutsideError } from '../../src/errors.ts'
import { anchorStep } from '../../src/issuer/anchor.ts'
import { signAnew } from '../../src/issuer/anew.ts'
import { issue, issueOne } from '../../src/issuer/issue.ts'
import type { CertificateRequest, Issuer } from '../../src/issuer/model.ts'
import { resume } from '../../src/issuer/resume.ts'
import { changeStatus } from '../../src/issuer/status.ts'
import { type StepName, steps } from '../../src/issuer/steps.ts'
import { supersede } from '../../src/issuer/supersede.ts'
import { bytesFromHex, hex } from '../../src/primitives/bytes.ts'
import { addKey, type ChainModel, chainModel } from '../support/chainModel.ts'
import {
  address,
  anchorAll,
  issuerOver,
  newSigner,
  newWorld,
  statusOnChain,
  titleRequest,
} from '../support/issuer.ts'
import { tempFolder } from '../support/tempFolder.ts'

const pool = createPool(1)
afterAll(() => pool.close())

class Crash extends Error {}

const grounds = { reason: 'transfer', legalBasis: 'article 14', operator: 'a', approver: 'b' }

/** A department whose process dies at a named step and starts again from its store. */
async function department(open: () => Promise<Store>, faults: ChainModel['faults'] = {}) {
  const model = chainModel({ finality: 3, faults })
  let store = await open()
  let death: { step: StepName; after: number } | undefined
  let isDead = false
  const at = (step: StepName) => {
    if (death?.step === step && death.after-- === 0) isDead = true
    if (isDead) throw new Crash(step)
  }
  const first = await newWorld({ model, store, pool })
  let signer = first.issuer.signer
  const live = (): Issuer => issuerOver(store, model, pool, signer, { at })
  const acknowledged = new Map<string, string[]>()
  const requests = new Map<string, CertificateRequest>()
  const successions = new Map<string, CertificateRequest>()
  let rows = 0

  const issueRows = async (
    issuer: Issuer,
    wanted: readonly CertificateRequest[],
    chunk: number,
  ) => {
    for await (const answer of issue(issuer, wanted, { chunk })) {
      if ('error' in answer) throw answer.error
      const fingerprints = answer.credentials.map((copy) => copy.fingerprint)
      const before = acknowledged.get(answer.idempotencyKey)
      if (before !== undefined) expect(fingerprints).toEqual(before)
      acknowledged.set(answer.idempotencyKey, fingerprints)
    }
  }
  const world = {
    model,
    live,
    store: () => store,
    steps: new Set<string>(),
    /** Runs one piece of work; a crash restarts, what the chain refuses now is tried again later. */
    async run(work: (issuer: Issuer) => Promise<unknown>, kill?: typeof death): Promise<boolean> {
      death = kill
      try {
        await work(live())
        return true
      } catch (error) {
        if (!(error instanceof Crash) && !(error instanceof OutsideError)) throw error
        return false
      } finally {
        if (isDead) {
          await store.close()
          store = await open()
        }
        isDead = false
        death = undefined
      }
    },
    issueSome: (count: number, chunk: number) => {
      const wanted = Array.from({ length: count }, () => titleRequest(++rows))
      for (const request of wanted) requests.set(request.idempotencyKey, request)
      return (issuer: Issuer) => issueRows(issuer, wanted, chunk)
    },
    superseded: (which: number) => async (issuer: Issuer) => {
      const keys = [...acknowledged.keys()].filter(
        (key) => !successions.has(key) && requests.has(key),
      )
      const old = keys[which % Math.max(1, keys.length)]
      if (old === undefined) return
      const next = titleRequest(++rows)
      successions.set(old, next)
      await succeed(issuer, old, next)
    },
    anchor: (moves: readonly number[]) => async (issuer: Issuer) => {
      for (const mined of moves) {
        await anchorStep(issuer, { maxBatch: 7 })
        model.mine(mined)
      }
    },
    nextKey: () => {
      const ended = signer.key.thumbprint
      signer = newSigner(signer.key.did, pool, 2)
      model.govern((state, time) => addKey(state, time, address, signer.key.thumbprint))
      model.govern((state, time) => {
        state.keys.set(ended, { ...state.keys.get(ended)!, compromisedSince: time })
      })
      acknowledged.clear()
    },
    /** Clients ask again for what was never answered, and everything is brought to its end. */
    async settle() {
      for (const name of Object.keys(faults) as (keyof typeof faults)[]) delete faults[name]
      const issuer = live()
      await resume(issuer)
      await signAnew(issuer)
      await issueRows(issuer, [...requests.values()], 10)
      for (const [old, next] of successions) await succeed(issuer, old, next)
      await anchorAll({ issuer, model }, { maxBatch: 7 })
    },
    check,
  }

  async function succeed(issuer: Issuer, old: string, next: CertificateRequest) {
    const [copy] = await issuer.certificates.byKeys(address, [old])
    await supersede(issuer, { fingerprint: hex(copy!.fingerprint) }, next, grounds)
  }

  /** 0 lost, 0 issued twice, 0 anchored twice, every succession whole. */
  async function check(): Promise<void> {
    const copies = await store.certificates.scan(address, 0, 10_000)
    const wanted = [
      ...requests.keys(),
      ...[...successions.values()].map((one) => one.idempotencyKey),
    ]
    expect(copies.map((copy) => copy.idempotencyKey).sort()).toEqual(wanted.sort())
    expect(copies.filter((copy) => copy.state !== 'final')).toEqual([])
    expect(new Set(copies.map((copy) => `${copy.list}/${copy.index}`)).size).toBe(copies.length)
    const records = model.anchors(address)
    const batches = await Promise.all(
      records.map((record) => store.outbox.batch(address, record.sequence)),
    )
    expect(batches.map((batch) => batch?.root)).toEqual(records.map((record) => record.root))
    const anchored = (fingerprint: Uint8Array) =>
      batches.filter((batch) => positionOf(batch!.leaves, leafHash(fingerprint)) !== undefined)
        .length
    expect(copies.map((copy) => anchored(copy.fingerprint))).toEqual(copies.map(() => 1))
    for (const fingerprint of [...acknowledged.values()].flat()) {
      expect(anchored(bytesFromHex(fingerprint))).toBe(1)
    }
    for (const [old, next] of successions) {
      const before = copies.find((copy) => copy.idempotencyKey === old)!
      const after = copies.find((copy) => copy.idempotencyKey === next.idempotencyKey)!
      expect(after.replaces).toBe(hex(before.fingerprint))
      expect(statusOnChain(model, before)).toBe('superseded')
      const requests = await store.lists.requestsFor(address, before.list, before.index)
      expect(requests.map((request) => request.sequence)).toEqual([after.sequence])
    }
    expect(await store.check()).toEqual([])
  }
  return world
}

const memory = () => {
  const store = memoryStore()
  return async () => ({ ...store, close: async () => {} })
}
const sqlite = () => {
  const path = join(tempFolder(), 'store.db')
  return () => openStore({ kind: 'sqlite', path })
}

describe.each([
  ['memory', memory],
  ['SQLite', sqlite],
] as const)('D1: with the %s store, a crash', (_, makeStore) => {
  test.each(steps)('at %s loses nothing and doubles nothing', async (step) => {
    const world = await department(makeStore())
    await world.run(world.issueSome(12, 4))
    await world.run(world.anchor([0, 0, 1, 4, 0]))
    let crashes = 0
    for (const after of [0, 1]) {
      const kill = { step, after }
      const work = workFor(world, step)
      if (step.startsWith('anew/')) {
        await world.run(world.issueSome(1, 1))
        world.nextKey()
      }
      if (!(await world.run(work, kill))) crashes += 1
      await world.run(world.issueSome(2, 2))
    }
    expect(crashes).toBeGreaterThan(0)
    await world.settle()
    await world.check()
  })
})

/** Work that passes a step. */
function workFor(world: Awaited<ReturnType<typeof department>>, step: StepName) {
  switch (step.slice(0, step.indexOf('/'))) {
    case 'issue':
      return world.issueSome(9, 3)
    case 'supersede':
      return world.superseded(2)
    case 'status':
      return revokeNext
    case 'anew':
      return signAnew
    default:
      return world.anchor([0, 0, 1, 4, 0, 0, 0, 1, 4, 0])
  }
}

async function revokeNext(issuer: Issuer): Promise<void> {
  const copies = await issuer.certificates.scan(address, 0, 10)
  for (const copy of copies) {
    const of = { fingerprint: hex(copy.fingerprint) }
    try {
      await changeStatus(issuer, { of, to: 'revoked', grounds })
      return
    } catch (error) {
      if (!isWeirError(error)) throw error
    }
  }
}

const anyStep = fc.constantFrom(...steps)
const anyKill = fc.option(fc.record({ step: anyStep, after: fc.nat(6) }), {
  nil: undefined,
  freq: 1,
})
const anyOperation = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('issue' as const),
      count: fc.integer({ min: 1, max: 12 }),
      chunk: fc.integer({ min: 1, max: 5 }),
      kill: anyKill,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('anchor' as const),
      moves: fc.array(fc.nat(3), { maxLength: 9 }),
      kill: anyKill,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('supersede' as const),
      which: fc.nat(50),
      kill: anyKill,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('reorganise' as const),
      depth: fc.integer({ min: 1, max: 3 }),
      lost: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resume' as const), kill: anyKill }) },
)

test('D1 D3 D4 D5 D7: any history of crashes, lost replies, drops and reorganisations ends whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyOperation, { minLength: 3, maxLength: 18 }),
      fc.array(fc.nat(9), { minLength: 40, maxLength: 40 }),
      async (operations, dice) => {
        let thrown = 0
        const chance = (below: number) => () => dice[thrown++ % dice.length]! < below
        const faults = { loseReply: chance(3), dropTransaction: chance(2), isDown: chance(1) }
        const world = await department(memory(), faults)
        for (const operation of operations) {
          switch (operation.do) {
            case 'issue':
              await world.run(world.issueSome(operation.count, operation.chunk), operation.kill)
              break
            case 'anchor':
              await world.run(world.anchor(operation.moves), operation.kill)
              break
            case 'supersede':
              await world.run(world.superseded(operation.which), operation.kill)
              break
            case 'reorganise':
              world.model.reorganise(operation.depth, () => operation.lost === 0)
              break
            case 'resume':
              await world.run(resume, operation.kill)
          }
        }
        await world.settle()
        await world.check()
      },
    ),
    { numRuns: Number(process.env.WEIR_RUNS ?? 60) },
  )
})

test('a certificate answered before a crash is the one that is answered after it', async () => {
  const world = await department(sqlite())
  const [before] = await issueOne(world.live(), titleRequest(1))
  await world.run(world.issueSome(3, 1), { step: 'issue/planned', after: 1 })
  const [after] = await issueOne(world.live(), titleRequest(1))
  expect(after).toEqual(before)
})
