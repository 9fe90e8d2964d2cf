import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anchorWriter } from '../../../src/adapters/chain/anchorWriter.ts'
import { Mirror } from '../../../src/adapters/chain/mirror.ts'
import { RpcChain } from '../../../src/adapters/chain/rpcChain.ts'
import { anchorSlot, departmentSlots, keySlots } from '../../../src/anchor/slots.ts'
import { readHeader, readStateProof } from '../../../src/anchor/stateProof.ts'
import {
  chainKinds,
  registerRoot,
  sampleAccount,
  sampleHash,
  startChain,
  type TestChain,
} from '../../support/chain.ts'

const type = sampleHash('urn:weir:certificate:real-estate-title:1')

describe.each(chainKinds)('the chain as %s shows it', (kind) => {
  let chain: TestChain
  let department: string
  let thumbprint: string

  beforeAll(async () => {
    chain = await startChain(kind)
    const root = await registerRoot(chain, 'sample registration centre', type)
    department = root.account.address
    thumbprint = root.thumbprint
    const writer = anchorWriter(chain.rpc, chain.deployment, root.account)
    for (let sequence = 1; sequence <= 18; sequence++) {
      const { link } = await writer.latest(department)
      const changes = sequence === 3 ? [{ list: 0, word: 2, value: 0b10n }] : []
      const root = sampleHash(`root ${sequence}`)
      const call = { issuer: department, sequence, previous: link, root, size: 16, changes }
      await writer.send(await writer.prepare(call))
      await chain.settle()
    }
  })

  afterAll(() => chain.close())

  test.each(['from a node', 'from a mirror'])(
    'reads a department, its key, accreditation, anchors and statuses %s',
    async (how) => {
      const source =
        how === 'from a node'
          ? new RpcChain(chain.rpc, chain.deployment)
          : new Mirror(chain.rpc, chain.deployment)
      const view = await source.view()
      const [record, key, accreditations, last, anchor, late, none, word, empty, nobody] =
        await Promise.all([
          view.department(department),
          view.key(thumbprint),
          view.accreditations(department, type),
          view.lastAnchor(department),
          view.anchor(department, 3),
          view.anchor(department, 17),
          view.anchor(department, 19),
          view.statusWord(department, 0, 2),
          view.statusWord(department, 0, 3),
          view.department(sampleAccount('nobody').address),
        ])
      expect(record).toMatchObject({ department, account: department, accreditor: undefined })
      expect(key).toMatchObject({
        department,
        thumbprint,
        purpose: 'assertion',
        retiredAt: undefined,
      })
      expect(accreditations).toHaveLength(1)
      expect(accreditations[0]).toMatchObject([
        { index: 0, depth: 0, rights: ['issue', 'accredit'] },
      ])
      expect(last.sequence).toBe(18)
      expect(anchor).toMatchObject({ sequence: 3, root: sampleHash('root 3'), size: 16 })
      expect(late).toMatchObject({ sequence: 17, root: sampleHash('root 17') })
      expect(none).toBeUndefined()
      expect(word).toBe(0b10n)
      expect(empty).toBe(0n)
      expect(nobody).toBeUndefined()
    },
  )

  test('a node and a mirror say the same about every fact', async () => {
    const cold = await new RpcChain(chain.rpc, chain.deployment).view()
    const mirror = new Mirror(chain.rpc, chain.deployment)
    const warm = await mirror.view()
    expect(warm.block).toMatchObject({ number: cold.block.number, hash: cold.block.hash })
    expect(await warm.department(department)).toEqual(await cold.department(department))
    expect(await warm.key(thumbprint)).toEqual(await cold.key(thumbprint))
    expect(await warm.accreditations(department, type)).toEqual(
      await cold.accreditations(department, type),
    )
    expect(await warm.lastAnchor(department)).toEqual(await cold.lastAnchor(department))
    for (const sequence of [1, 16, 17, 18]) {
      expect(await warm.anchor(department, sequence)).toEqual(
        await cold.anchor(department, sequence),
      )
    }
    expect(await mirror.compare()).toEqual([])
  })

  test('a date in the past shows the chain as it was then', async () => {
    const source = new RpcChain(chain.rpc, chain.deployment)
    const anchored = (await (await source.view()).anchor(department, 2))!
    const view = await source.view(anchored.time)
    expect(view.block.number).toBe(anchored.block)
    expect((await view.lastAnchor(department)).sequence).toBe(2)
    expect(await view.statusWord(department, 0, 2)).toBe(0n)
    expect(await view.anchor(department, 3)).toBeUndefined()
    await expect(source.view(new Date(0))).rejects.toMatchObject({ code: 'chain/before-genesis' })
  })

  test('proofs of slots stand under a header that hashes to the block', async () => {
    const source = new RpcChain(chain.rpc, chain.deployment)
    const { block } = await source.view()
    const { departmentRegistry, anchorRegistry } = chain.deployment.identity.contracts
    const slots = [
      { address: departmentRegistry, slot: departmentSlots(department)[0]! },
      { address: departmentRegistry, slot: keySlots(thumbprint)[1]! },
      { address: anchorRegistry, slot: anchorSlot(department, 1) },
    ]
    const proof = await source.prove(slots)
    expect(readHeader(proof.header)).toMatchObject({ number: block.number, hash: block.hash })
    const state = readStateProof(proof)
    const word = state.word(anchorRegistry, slots[2]!.slot)
    expect(Number(word & 0xffn)).toBe(2)
    expect(state.word(departmentRegistry, slots[1]!.slot)).toBe(
      BigInt(sampleHash('sample registration centre certificate')),
    )
    expect(state.codeHash(anchorRegistry)).toBe(chain.deployment.identity.codeHashes.anchorRegistry)
  })
})
