import { describe, expect, test } from 'vitest'
import { typeOnChain } from '../../src/accreditation/typeName.ts'
import { rootFromProof } from '../../src/anchor/proof.ts'
import { leafHash, rootOf } from '../../src/anchor/tree.ts'
import { OutsideError, TrustError } from '../../src/errors.ts'
import { anchorStep } from '../../src/issuer/anchor.ts'
import { drain } from '../../src/issuer/drain.ts'
import { issue, issueOne } from '../../src/issuer/issue.ts'
import { leavesOf, paddedSize } from '../../src/issuer/leaves.ts'
import type { Issuer } from '../../src/issuer/model.ts'
import { leafReader, proofFor } from '../../src/issuer/proof.ts'
import { refusedCopies, takeBack } from '../../src/issuer/refused.ts'
import { bytesFromHex, hex } from '../../src/primitives/bytes.ts'
import { chainModel, type Faults, grant, withdraw } from '../support/chainModel.ts'
import {
  address,
  anchorAll,
  degreeRequest,
  newWorld,
  titleRequest,
  titleType,
} from '../support/issuer.ts'

const issueMany = async (issuer: Issuer, from: number, count: number) => {
  const requests = Array.from({ length: count }, (_, at) => titleRequest(from + at))
  const answers = await Array.fromAsync(issue(issuer, requests))
  return answers.flatMap((one) => ('credentials' in one ? one.credentials : []))
}

describe('anchoring', () => {
  test('what was issued is final on the chain, and each has a proof under its root', async () => {
    const world = await newWorld()
    const copies = await issueMany(world.issuer, 1, 40)
    expect(await anchorAll(world)).toBe(1)
    const [record] = world.model.anchors(address)
    expect(record).toMatchObject({ sequence: 1, size: 64 })
    for (const { fingerprint } of copies) {
      const { proof, state } = await proofFor(world.issuer, fingerprint)
      expect(state).toBe('final')
      const leaf = leafHash(bytesFromHex(fingerprint))
      const root = rootFromProof(leaf, proof.index, proof.size, proof.path)
      expect(`0x${hex(root)}`).toBe(record!.root)
    }
  })

  test('a proof waits until its batch is final, and there is none for a stranger', async () => {
    const { issuer, model } = await newWorld()
    const [copy] = await issueMany(issuer, 1, 1)
    const state = async () => (await issuer.certificates.scan(address, 0, 1))[0]!.state
    const reader = leafReader(issuer)
    const proof = () => reader.proof(address, bytesFromHex(copy!.fingerprint))
    const pending = () => proofFor(issuer, copy!.fingerprint)
    const seen = [await state()]
    for (const mined of [0, 0, 1, 2]) {
      await expect(pending()).rejects.toMatchObject({ code: 'anchor/not-final' })
      expect(await proof()).toBeUndefined()
      model.mine(mined)
      await anchorStep(issuer)
      seen.push(await state())
    }
    expect(seen).toEqual(['durable', 'durable', 'sent', 'anchored', 'final'])
    expect((await pending()).proof.sequence).toBe(1)
    expect(await proof()).toBeDefined()
    expect(await reader.holdsUpTo!(address, 1)).toBe(true)
    expect(await reader.holdsUpTo!(address, 2)).toBe(false)
    expect(
      await reader.proof(`0x${'e1'.repeat(20)}`, bytesFromHex(copy!.fingerprint)),
    ).toBeUndefined()
    await expect(proofFor(issuer, '00'.repeat(32))).rejects.toMatchObject({
      code: 'issue/unknown-credential',
    })
  })

  test('I6: a batch shows 16, 64 or a multiple of 256 leaves, however many it carries', () => {
    expect([1, 16, 17, 64, 65, 256, 257, 10_000].map(paddedSize)).toEqual([
      16, 16, 64, 64, 256, 256, 512, 10_240,
    ])
    const members = [{ fingerprint: new Uint8Array(32).fill(1) }]
    const [first, second] = [leavesOf(members), leavesOf(members)]
    expect(first.length).toBe(16 * 32)
    expect(hex(rootOf(first))).not.toBe(hex(rootOf(second)))
  })

  test('batches go oldest first, each at most as large as told', async () => {
    const world = await newWorld()
    await issueMany(world.issuer, 1, 45)
    expect(await anchorAll(world, { maxBatch: 20 })).toBe(3)
    const copies = await world.store.certificates.scan(address, 0, 100)
    expect(copies.map((copy) => copy.sequence)).toEqual([
      ...Array(20).fill(1),
      ...Array(20).fill(2),
      ...Array(5).fill(3),
    ])
  })

  test('nothing waits: nothing is sent', async () => {
    const world = await newWorld()
    expect(await anchorAll(world)).toBe(0)
    expect(world.model.anchors(address)).toEqual([])
  })
})

describe('the chain misbehaves', () => {
  const anchoredUnder = async (
    faults: Faults,
    setUp?: (model: ReturnType<typeof chainModel>) => void,
  ) => {
    const model = chainModel({ faults })
    const world = await newWorld({ model })
    await issueMany(world.issuer, 1, 5)
    setUp?.(model)
    await anchorAll(world)
    return model.anchors(address)
  }

  test('D3: every reply is lost, and the batch is anchored once', async () => {
    expect(await anchoredUnder({ loseReply: () => true })).toHaveLength(1)
  })

  test('D4: a dropped transaction is sent again, the same bytes', async () => {
    let drops = 3
    expect(await anchoredUnder({ dropTransaction: () => drops-- > 0 })).toHaveLength(1)
  })

  test('D15: a chain that stalls keeps everything durable, and the backlog drains in order', async () => {
    let isDown = false
    const world = await newWorld({ model: chainModel({ faults: { isDown: () => isDown } }) })
    await issueMany(world.issuer, 1, 5)
    isDown = true
    const gone = drain(world.issuer, { pause: async () => {}, patienceMs: 5000 })
    await expect(gone).rejects.toMatchObject({ code: 'chain/unreachable' })
    isDown = false
    const stalled = drain(world.issuer, { pause: async () => {}, patienceMs: 5000 })
    await expect(stalled).rejects.toMatchObject({ code: 'anchor/stalled' })
    expect(await anchorAll(world)).toBe(1)
  })

  test('D7: a reorganisation takes the batch back to sent, and it is anchored once more', async () => {
    const { issuer, model, store } = await newWorld({ model: chainModel({ finality: 4 }) })
    await issueMany(issuer, 1, 5)
    const state = async () => (await store.certificates.scan(address, 0, 1))[0]!.state
    await anchorStep(issuer)
    await anchorStep(issuer)
    model.mine(2)
    expect((await anchorStep(issuer)).did).toBe('included')
    expect(await state()).toBe('anchored')
    model.reorganise(2, () => true)
    expect(model.anchors(address)).toEqual([])
    expect((await anchorStep(issuer)).did).toBe('reorganised')
    expect(await state()).toBe('sent')
    await anchorAll({ issuer, model })
    expect(model.anchors(address)).toHaveLength(1)
    expect(await state()).toBe('final')
  })

  test('D5: a nonce that another transaction took is noticed, and the batch goes under the next', async () => {
    const { issuer, model, store } = await newWorld()
    await issueMany(issuer, 1, 5)
    await anchorStep(issuer)
    await anchorStep(issuer)
    model.clearPool()
    model.govern((state) => void state.nonces.set(address, 1))
    await anchorAll({ issuer, model })
    expect(model.anchors(address)).toHaveLength(1)
    const lines = await store.audit.scan(0, 100)
    expect(lines.map(({ entry }) => entry.action)).toContain('anchor/nonce-spent')
  })
})

describe('K2: the store fails', () => {
  test.each(['store/io', 'store/corrupt'] as const)(
    'anchoring ends with %s at once, for no waiting mends it',
    async (code) => {
      const { issuer, store } = await newWorld()
      await issueMany(issuer, 1, 3)
      const addBatch = async () => {
        throw new OutsideError(code)
      }
      let pauses = 0
      const pause = async () => {
        pauses += 1
      }
      const broken = { ...issuer, outbox: { ...store.outbox, addBatch } }
      await expect(drain(broken, { pause })).rejects.toMatchObject({ code })
      expect(pauses).toBe(0)
    },
  )

  test('anchoring waits for a database that is away for a moment', async () => {
    const { issuer, store, model } = await newWorld()
    await issueMany(issuer, 1, 3)
    let isAway = true
    const addBatch: typeof store.outbox.addBatch = async (...args) => {
      if (isAway) throw new OutsideError('store/unavailable')
      return store.outbox.addBatch(...args)
    }
    const pause = async () => {
      isAway = false
      model.mine()
    }
    const lame = { ...issuer, outbox: { ...store.outbox, addBatch } }
    expect(await drain(lame, { pause })).toBe(1)
  })
})

describe('accreditation is lost before anchoring', () => {
  test('F5: copies of that type are set aside, the others go on', async () => {
    const world = await newWorld()
    const { issuer, model, store } = world
    await issueMany(issuer, 1, 3)
    await issueOne(issuer, degreeRequest(1))
    model.govern((state, time) => withdraw(state, time, address, typeOnChain(titleType)))
    await anchorAll(world)
    const copies = await store.certificates.scan(address, 0, 10)
    expect(copies.map((copy) => copy.state)).toEqual(['refused', 'refused', 'refused', 'final'])
    const lines = await store.audit.scan(0, 100)
    expect(lines.map(({ entry }) => entry.action)).toContain('anchor/refused')
    expect(await refusedCopies(issuer)).toHaveLength(3)
    expect(await takeBack(issuer)).toBe(0)
    model.govern((state, time) => grant(state, time, address, typeOnChain(titleType)))
    expect(await takeBack(issuer)).toBe(3)
    expect(await refusedCopies(issuer)).toEqual([])
    await anchorAll(world)
    expect(model.anchors(address)).toHaveLength(2)
  })

  test('F5: a batch that the contract no longer takes is built again without them', async () => {
    const world = await newWorld()
    const { issuer, model, store } = world
    await issueMany(issuer, 1, 3)
    expect((await anchorStep(issuer)).did).toBe('built')
    model.govern((state, time) => {
      for (const key of state.accreditations.keys()) withdraw(state, time, address, key.slice(43))
    })
    expect((await anchorStep(issuer)).did).toBe('dropped')
    expect((await anchorStep(issuer)).did).toBe('nothing')
    expect((await store.certificates.scan(address, 0, 10)).map((copy) => copy.state)).toEqual(
      Array(3).fill('refused'),
    )
    expect(model.anchors(address)).toEqual([])
  })
})

describe('store and chain must tell one history', () => {
  test('D2: a batch from elsewhere stops issuing and anchoring', async () => {
    const one = await newWorld()
    await issueMany(one.issuer, 1, 3)
    await anchorAll(one)
    const two = await newWorld({ model: one.model, signer: one.issuer.signer, pool: one.pool })
    await expect(issueOne(two.issuer, titleRequest(1))).rejects.toMatchObject({
      code: 'anchor/behind-chain',
    })
    await expect(anchorStep(two.issuer)).rejects.toBeInstanceOf(TrustError)
    await expect(anchorStep(two.issuer)).rejects.toMatchObject({ code: 'anchor/behind-chain' })
  })

  test('D2: of two workers with different stores one anchors, the other stops', async () => {
    const one = await newWorld()
    const two = await newWorld({ model: one.model, signer: one.issuer.signer, pool: one.pool })
    await issueMany(one.issuer, 1, 3)
    await issueMany(two.issuer, 1, 3)
    await anchorStep(one.issuer)
    await anchorStep(two.issuer)
    await anchorAll(one)
    await expect(anchorAll(two)).rejects.toMatchObject({ code: 'anchor/behind-chain' })
    expect(one.model.anchors(address)).toHaveLength(1)
  })

  test('D2: two workers over one store anchor each credential once', async () => {
    const one = await newWorld()
    await issueMany(one.issuer, 1, 50)
    const pause = async () => one.model.mine()
    await Promise.all([
      drain(one.issuer, { maxBatch: 10, pause }),
      drain({ ...one.issuer }, { maxBatch: 10, pause }),
    ])
    expect(one.model.anchors(address)).toHaveLength(5)
    const copies = await one.store.certificates.scan(address, 0, 100)
    expect(copies.map((copy) => copy.state)).toEqual(Array(50).fill('final'))
  })

  test('D2: a worker that slept while another brought the batch to the chain leaves it alone', async () => {
    const { issuer, model, store } = await newWorld()
    await issueMany(issuer, 1, 3)
    await anchorStep(issuer)
    const asleep = await store.outbox.batches(address, ['built'], 1)
    await anchorStep(issuer)
    model.mine(1)
    const outbox = { ...store.outbox, batches: async () => asleep }
    expect((await anchorStep({ ...issuer, outbox })).did).toBe('waiting')
    await anchorAll({ issuer, model })
    expect(model.anchors(address)).toHaveLength(1)
    expect((await store.outbox.batch(address, 1))?.state).toBe('final')
  })

  test('D9: a node that counts a batch and then denies it is asked again, and nothing stops', async () => {
    const { issuer, model } = await newWorld()
    await issueMany(issuer, 1, 3)
    await anchorStep(issuer)
    await anchorStep(issuer)
    model.mine(1)
    // anvil answers reads at its newest block from the state of the next one while it mines that.
    const view = async () => {
      const final = await model.chain.view()
      return { ...final, lastAnchor: async () => ({ sequence: 1, link: `0x${'55'.repeat(31)}` }) }
    }
    const racing = { ...issuer, chain: { ...model.chain, view } }
    for (const work of [() => anchorStep(racing), () => issueOne(racing, titleRequest(9))]) {
      await expect(work()).rejects.toMatchObject({
        name: 'OutsideError',
        code: 'chain/inconsistent',
      })
    }
    expect(await anchorAll({ issuer, model })).toBe(1)
    expect(model.anchors(address)).toHaveLength(1)
  })

  test('D8: a chain that lost a final batch stops anchoring', async () => {
    const one = await newWorld()
    await issueMany(one.issuer, 1, 3)
    await anchorAll(one)
    await issueMany(one.issuer, 4, 1)
    const other = await newWorld({ store: one.store, signer: one.issuer.signer, pool: one.pool })
    await expect(anchorStep(other.issuer)).rejects.toMatchObject({
      code: 'anchor/chain-lost-final',
    })
    await expect(issueOne(other.issuer, titleRequest(9))).rejects.toMatchObject({
      code: 'anchor/chain-lost-final',
    })
  })
})

describe('D19: what the store gives back is recomputed before it is sent', () => {
  test.each(['leaves', 'root', 'member'])('a changed %s stops the batch', async (what) => {
    const { issuer, model, store } = await newWorld()
    await issueMany(issuer, 1, 5)
    await anchorStep(issuer)
    const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 31 ? byte ^ 1 : byte))
    const { outbox, queue } = store
    const damaged = {
      ...issuer,
      outbox: {
        ...outbox,
        batches: async (...args: Parameters<typeof outbox.batches>) =>
          (await outbox.batches(...args)).map((batch) => ({
            ...batch,
            ...(what === 'leaves' && { leaves: flip(batch.leaves) }),
            ...(what === 'root' && { root: `0x${'33'.repeat(32)}` }),
          })),
      },
      queue: {
        ...queue,
        members: async (...args: Parameters<typeof queue.members>) =>
          (await queue.members(...args)).map((member) => ({
            ...member,
            ...(what === 'member' && { fingerprint: flip(member.fingerprint) }),
          })),
      },
    }
    await expect(anchorStep(damaged)).rejects.toMatchObject({ code: 'anchor/bad-batch' })
    expect(model.pool()).toEqual([])
  })
})
