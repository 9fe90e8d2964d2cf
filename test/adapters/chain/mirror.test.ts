import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { anchorWriter } from '../../../src/adapters/chain/anchorWriter.ts'
import { anvilBinary } from '../../../src/adapters/chain/anvil.ts'
import type { Deployment } from '../../../src/adapters/chain/deployment.ts'
import { emptyFold, fold, type MirrorEvent, unfold } from '../../../src/adapters/chain/fold.ts'
import { Mirror } from '../../../src/adapters/chain/mirror.ts'
import { Rpc } from '../../../src/adapters/chain/rpc.ts'
import { linkOf, zeroLink } from '../../../src/anchor/link.ts'
import {
  chainKinds,
  registerRoot,
  sampleHash,
  startChain,
  type TestChain,
  temporaryDirectory,
} from '../../support/chain.ts'
import { type ChaosNode, startChaos } from '../../support/chaosRpc.ts'

const type = sampleHash('urn:weir:certificate:business-licence:1')
let chain: TestChain
let issuer: string
let anchorNext: (changes?: { list: number; word: number; value: bigint }[]) => Promise<number>

async function open(kind: 'anvil' | 'hardhat') {
  chain = await startChain(kind)
  const { account } = await registerRoot(chain, 'sample market regulator', type)
  issuer = account.address
  const writer = anchorWriter(chain.rpc, chain.deployment, account)
  anchorNext = async (changes = []) => {
    const last = await writer.latest(issuer)
    const sequence = last.sequence + 1
    const root = sampleHash(`root ${sequence} ${Math.random()}`)
    const call = { issuer, sequence, previous: last.link, root, size: 16, changes }
    await writer.send(await writer.prepare(call))
    await chain.settle()
    return sequence
  }
}

describe.each(chainKinds)('the mirror of a chain on %s', (kind) => {
  let directory: string
  let chaos: ChaosNode | undefined

  beforeAll(async () => {
    await open(kind)
    directory = await temporaryDirectory()
    await anchorNext([{ list: 0, word: 0, value: 0b10n }])
    await anchorNext([{ list: 0, word: 0, value: 0b01n }])
  })

  afterEach(async () => {
    await chaos?.close()
    chaos = undefined
  })

  afterAll(async () => {
    await chain.close()
    await rm(directory, { recursive: true })
  })

  const mirrorOf = (options = {}, rpc = chain.rpc) =>
    new Mirror(rpc, chain.deployment, { freshMs: 0, ...options })

  test('answers without asking the node while it is fresh', async () => {
    chaos = await startChaos(chain.url)
    const rpc = new Rpc(chaos.url)
    const mirror = mirrorOf({ freshMs: 60_000 }, rpc)
    await mirror.sync()
    const asked = chaos.seen.length
    const view = await mirror.view()
    expect((await view.lastAnchor(issuer)).sequence).toBeGreaterThanOrEqual(2)
    expect(await view.accreditations(issuer, type)).toHaveLength(1)
    expect(chaos.seen.length).toBe(asked)
    rpc.close()
  })

  test('remembers every state of a status word', async () => {
    const history = await mirrorOf().statusHistory(issuer, 0, 0)
    expect(history.map(({ value }) => value)).toEqual([0b10n, 0b01n])
  })

  test('D20: goes on from its file after a restart, asking for new blocks only', async () => {
    const path = join(directory, 'restart.mirror')
    await mirrorOf({ path }).sync()
    const sequence = await anchorNext()
    chaos = await startChaos(chain.url)
    const ranges: number[] = []
    chaos.set({
      lie(method, result, params) {
        const [filter] = params as [{ fromBlock: string; toBlock: string }]
        if (method === 'eth_getLogs') ranges.push(Number(filter.toBlock) - Number(filter.fromBlock))
        return result
      },
    })
    const rpc = new Rpc(chaos.url)
    const again = mirrorOf({ path }, rpc)
    expect((await (await again.view()).lastAnchor(issuer)).sequence).toBe(sequence)
    expect(Math.max(...ranges)).toBeLessThan(10)
    expect(await again.compare()).toEqual([])
    rpc.close()
  })

  test('a torn or damaged file is cut and the rest read from the chain again', async () => {
    const path = join(directory, 'torn.mirror')
    await mirrorOf({ path }).sync()
    await anchorNext()
    await mirrorOf({ path }).sync()
    const whole = await readFile(path, 'utf8')
    const expected = (await (await mirrorOf().view()).lastAnchor(issuer)).sequence
    const damages = [
      whole.slice(0, -20),
      whole.replace('Anchored', 'anchored'),
      whole.replace(/^.*\n/, ''),
      '',
      `${whole}{"head"`,
    ]
    for (const damaged of damages) {
      await writeFile(path, damaged)
      const mirror = mirrorOf({ path })
      expect((await (await mirror.view()).lastAnchor(issuer)).sequence).toBe(expected)
      expect(await mirror.compare()).toEqual([])
    }
    await appendFile(path, 'not a line')
    expect(await mirrorOf({ path }).compare()).toEqual([])
  })

  test('D9: a node that omits logs is caught by its own headers', async () => {
    chaos = await startChaos(chain.url)
    const rpc = new Rpc(chaos.url)
    const mirror = mirrorOf({}, rpc)
    await mirror.sync()
    await anchorNext()
    chaos.set({ lie: (method, result) => (method === 'eth_getLogs' ? [] : result) })
    await expect(mirror.view()).rejects.toMatchObject({ code: 'chain/inconsistent' })
    chaos.set({})
    expect((await (await mirror.view()).lastAnchor(issuer)).sequence).toBeGreaterThan(2)
    rpc.close()
  })

  test('D9: a node that goes back in time is behind, never believed', async () => {
    chaos = await startChaos(chain.url)
    const rpc = new Rpc(chaos.url)
    const mirror = mirrorOf({}, rpc)
    await mirror.sync()
    const early = await chain.rpc.call('eth_getBlockByNumber', ['0x3', false])
    chaos.set({
      lie: (method, result, [tag]) =>
        method === 'eth_getBlockByNumber' && tag === 'finalized' ? early : result,
    })
    await expect(mirror.view()).rejects.toMatchObject({
      name: 'OutsideError',
      code: 'chain/behind',
    })
    rpc.close()
  })

  test('storage that differs from events is named', async () => {
    chaos = await startChaos(chain.url)
    const rpc = new Rpc(chaos.url)
    const mirror = mirrorOf({}, rpc)
    await mirror.sync()
    chaos.set({
      lie: (method, result) =>
        method === 'eth_getStorageAt' && result === `0x${'0'.repeat(63)}1`
          ? `0x${'0'.repeat(63)}3`
          : result,
    })
    expect(await mirror.compare()).toContainEqual({ what: 'status', subject: `${issuer}/0/0` })
    rpc.close()
  })
})

describe.skipIf(anvilBinary() === undefined)('a chain that falls back', () => {
  beforeAll(() => open('anvil'))
  afterAll(() => chain.close())

  test('D7, D20: the mirror goes back with it and then says what the new chain says', async () => {
    const deployment: Deployment = { ...chain.deployment, finality: { kind: 'depth', blocks: 0 } }
    const path = join(await temporaryDirectory(), 'reorganised.mirror')
    const inner = new Rpc(chain.supervised!.inner()!.url)
    const mirror = new Mirror(chain.rpc, deployment, { freshMs: 0, path })
    let undone = 0
    for (let round = 0; round < 12; round++) {
      for (let each = 0; each < 3; each++) {
        await anchorNext(each === 0 ? [{ list: 1, word: round, value: 0b10n }] : [])
        await mirror.sync()
      }
      const before = (await (await mirror.view()).lastAnchor(issuer)).sequence
      const depth = 1 + (round % 6)
      await inner.call('anvil_reorg', [depth, []])
      await mirror.sync()
      const fresh = new Mirror(chain.rpc, deployment, { freshMs: 0 })
      const [ours, theirs] = [await mirror.view(), await fresh.view()]
      expect(ours.block.hash).toBe(theirs.block.hash)
      expect(await ours.lastAnchor(issuer)).toEqual(await theirs.lastAnchor(issuer))
      for (let word = 0; word <= round; word++) {
        expect(await ours.statusWord(issuer, 1, word)).toBe(
          await theirs.statusWord(issuer, 1, word),
        )
      }
      expect(await mirror.compare()).toEqual([])
      if ((await ours.lastAnchor(issuer)).sequence < before) undone += 1
      const reopened = new Mirror(chain.rpc, deployment, { freshMs: 0, path })
      expect(await (await reopened.view()).lastAnchor(issuer)).toEqual(
        await theirs.lastAnchor(issuer),
      )
    }
    expect(undone).toBeGreaterThan(5)
    expect(mirror.reorganisations).toBe(12)
    inner.close()
  })
})

describe('the fold over events', () => {
  const head = (number: number) => ({
    number,
    hash: sampleHash(`block ${number}`),
    time: new Date(number),
  })
  const address = `0x${'22'.repeat(20)}`
  const events: MirrorEvent[] = []
  let previous = zeroLink
  const add = (name: string, args: Record<string, string>, contract: MirrorEvent['contract']) => {
    const block = 1 + Math.floor(events.length / 3)
    const place = {
      block,
      seconds: block,
      transactionIndex: events.length % 3,
      logIndex: events.length % 3,
    }
    events.push({ ...place, contract, name, args })
    return place
  }
  add(
    'DepartmentRegistered',
    { department: address, accreditor: `0x${'0'.repeat(40)}`, account: address },
    'departmentRegistry',
  )
  add('AccountChanged', { department: address, account: address }, 'departmentRegistry')
  for (let sequence = 1; sequence <= 20; sequence++) {
    const record = {
      issuer: address,
      sequence,
      previous,
      root: sampleHash(`r${sequence}`),
      size: 16,
    }
    const args = { ...record, sequence: String(sequence), size: '16' }
    const { block } = add('Anchored', args, 'anchorRegistry')
    previous = linkOf({ ...record, block, time: new Date(1000 * block) })
    const word = {
      issuer: address,
      list: '0',
      word: String(sequence % 4),
      value: String(2n << (2n * BigInt(sequence))),
    }
    add('StatusChanged', word, 'statusRegistry')
  }
  const last = events.at(-1)!.block

  const whole = () => {
    const state = emptyFold()
    fold(state, events, head(last))
    return state
  }

  test('D20: cut anywhere, repeated and reordered, the events make the same state', () => {
    const expected = whole()
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: last }), { maxLength: 5 }),
        fc.infiniteStream(fc.nat(1000)),
        (cuts, numbers) => {
          const state = emptyFold()
          for (const cut of [...cuts, last]) {
            if (cut < (state.head?.number ?? 0)) unfold(state, cut === 0 ? undefined : head(cut))
            const shuffled = [...events, ...events.slice(0, 10)]
              .map((event) => ({ event, key: numbers.next().value }))
              .sort((a, b) => a.key - b.key)
              .map(({ event }) => event)
            fold(state, shuffled, head(cut))
          }
          expect(state).toEqual(expected)
        },
      ),
      { numRuns: 200, seed: 20 },
    )
  })

  test.each([
    ['a missing batch', (all: MirrorEvent[]) => all.filter(({ args }) => args.sequence !== '7')],
    [
      'a batch twice under two places',
      (all: MirrorEvent[]) => [...all, { ...all[2]!, logIndex: 99 }],
    ],
    [
      'another root',
      (all: MirrorEvent[]) =>
        all.map((e) =>
          e.args.sequence === '7' ? { ...e, args: { ...e.args, root: sampleHash('x') } } : e,
        ),
    ],
    [
      'a department registered twice',
      (all: MirrorEvent[]) => [...all, { ...all[0]!, block: last, logIndex: 99 }],
    ],
    ['an account of nobody', (all: MirrorEvent[]) => all.slice(1)],
    [
      'a final status that returns',
      (all: MirrorEvent[]) => {
        const changed = all.find(({ name }) => name === 'StatusChanged')!
        const place = { ...changed, block: last, args: { ...changed.args, list: '9' } }
        return [
          ...all,
          { ...place, logIndex: 98, args: { ...place.args, value: '1' } },
          { ...place, logIndex: 99, args: { ...place.args, value: '0' } },
        ].map((event, at) => (at === all.length ? { ...event, block: last - 1 } : event))
      },
    ],
  ])('D9: %s does not fit and leaves the state as it was', (_, change) => {
    const state = emptyFold()
    expect(() => fold(state, change(events), head(last))).toThrow(
      expect.objectContaining({ code: 'chain/inconsistent' }),
    )
    expect(state.head).toBeUndefined()
    fold(state, events, head(last))
    expect(state).toEqual(whole())
  })
})
