import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ChainAccount } from '../../../src/adapters/chain/account.ts'
import { anchorWriter } from '../../../src/adapters/chain/anchorWriter.ts'
import { anvilBinary } from '../../../src/adapters/chain/anvil.ts'
import { Rpc } from '../../../src/adapters/chain/rpc.ts'
import { RpcChain } from '../../../src/adapters/chain/rpcChain.ts'
import { nonceOf } from '../../../src/adapters/chain/send.ts'
import { zeroLink } from '../../../src/anchor/link.ts'
import type { AnchorWriter } from '../../../src/ports/chainWriters.ts'
import {
  chainKinds,
  registerRoot,
  sampleAccount,
  sampleHash,
  startChain,
  type TestChain,
} from '../../support/chain.ts'
import { type ChaosNode, startChaos } from '../../support/chaosRpc.ts'

const type = sampleHash('urn:weir:certificate:degree:1')

describe.each(chainKinds)('writing anchors on %s', (kind) => {
  let chain: TestChain
  let account: ChainAccount
  let issuer: string
  let chaos: ChaosNode
  let rpc: Rpc
  let writer: AnchorWriter

  beforeAll(async () => {
    chain = await startChain(kind)
    account = (await registerRoot(chain, 'sample university', type)).account
    issuer = account.address
    chaos = await startChaos(chain.url)
    rpc = new Rpc(chaos.url)
    writer = anchorWriter(rpc, chain.deployment, account)
  })

  afterEach(() => chaos.set({}))

  afterAll(async () => {
    rpc.close()
    await chaos.close()
    await chain.close()
  })

  async function next() {
    const last = await anchorWriter(chain.rpc, chain.deployment, account).latest(issuer)
    const sequence = last.sequence + 1
    const root = sampleHash(`root ${sequence}`)
    return { issuer, sequence, previous: last.link, root, size: 16, changes: [] }
  }

  async function anchored(): Promise<number> {
    await chain.settle()
    const view = await new RpcChain(chain.rpc, chain.deployment).view()
    return (await view.lastAnchor(issuer)).sequence
  }

  test('an account needs no money', async () => {
    expect(Number(await chain.rpc.call('eth_getBalance', [issuer, 'latest']))).toBe(0)
    const call = await next()
    await writer.send(await writer.prepare(call))
    expect(await anchored()).toBe(call.sequence)
  })

  test('preparing the same batch again gives the same bytes', async () => {
    const call = await next()
    expect(await writer.prepare(call)).toEqual(await writer.prepare(call))
  })

  test('D3: accepted though the reply was lost, then sent again: anchored once', async () => {
    for (let round = 0; round < 5; round++) {
      const call = await next()
      const transaction = await writer.prepare(call)
      chaos.set({ dropReply: (method) => method === 'eth_sendRawTransaction' })
      await expect(writer.send(transaction)).rejects.toMatchObject({ code: 'chain/unreachable' })
      chaos.set({})
      await writer.send(transaction)
      expect(await anchored()).toBe(call.sequence)
      // Mined already: the node says that the nonce is spent, and that is no news.
      await writer.send(transaction)
      expect(await anchored()).toBe(call.sequence)
    }
  })

  test('D4: swallowed by the node, then the same bytes again: anchored', async () => {
    const call = await next()
    const transaction = await writer.prepare(call)
    chaos.set({
      swallow: (method) =>
        method === 'eth_sendRawTransaction' ? { result: transaction.hash } : undefined,
    })
    await writer.send(transaction)
    expect(await anchored()).toBe(call.sequence - 1)
    chaos.set({})
    await writer.send(transaction)
    expect(await anchored()).toBe(call.sequence)
  })

  test('D5: the nonce counts what is final, and a foreign transaction of the same key shows in it', async () => {
    await chain.settle()
    const before = await writer.nonce()
    expect(before).toBe(await nonceOf(chain.rpc, issuer))
    const transaction = await writer.prepare(await next())
    expect(transaction.nonce).toBe(before)
    const { chainId } = chain.deployment.identity
    const foreign = { chainId, nonce: before, to: issuer, data: '0x', gasLimit: 30_000n }
    await chain.rpc.call('eth_sendRawTransaction', [account.sign(foreign).raw])
    await chain.settle()
    expect(await writer.nonce()).toBe(before + 1)
    await writer.send(transaction)
    expect(await anchored()).toBe((await next()).sequence - 1)
  })

  const refusals: readonly (readonly [
    string,
    (call: Awaited<ReturnType<typeof next>>) => object,
  ])[] = [
    ['a sequence that is taken', (call) => ({ ...call, sequence: call.sequence - 1 })],
    ['a sequence with a gap', (call) => ({ ...call, sequence: call.sequence + 1 })],
    ['a link that is not the last', (call) => ({ ...call, previous: zeroLink })],
    ['a root without leaves', (call) => ({ ...call, size: 0 })],
    ['nothing at all', (call) => ({ ...call, root: `0x${'0'.repeat(64)}`, size: 0 })],
    ['another department', (call) => ({ ...call, issuer: sampleAccount('nobody').address })],
  ]

  test.each(refusals)('D2: %s would be refused and is never signed', async (_, change) => {
    const call = change(await next()) as Awaited<ReturnType<typeof next>>
    await expect(writer.prepare(call)).rejects.toMatchObject({
      name: 'OutsideError',
      code: 'chain/would-revert',
    })
  })

  test('D2: two workers with one plan anchor it once', async () => {
    const call = await next()
    const both = [writer, anchorWriter(chain.rpc, chain.deployment, account)]
    const transactions = await Promise.all(both.map((each) => each.prepare(call)))
    await Promise.all(both.map((each, at) => each.send(transactions[at]!)))
    expect(await anchored()).toBe(call.sequence)
    await expect(writer.prepare(call)).rejects.toMatchObject({ code: 'chain/would-revert' })
  })

  test('a node that does not answer is unreachable, never a refusal', async () => {
    chaos.set({ dropReply: () => true })
    await expect(writer.prepare(await next())).rejects.toMatchObject({ code: 'chain/unreachable' })
    await expect(writer.nonce()).rejects.toMatchObject({ code: 'chain/unreachable' })
  })

  test.skipIf(kind === 'hardhat' || anvilBinary() === undefined)(
    'D4: dropped from the pool, then the same bytes again: anchored',
    async () => {
      // The door holds the transaction back in the pool until the next block.
      const inner = new Rpc(chain.supervised!.inner()!.url)
      const direct = anchorWriter(
        inner,
        { ...chain.deployment, finality: { kind: 'depth', blocks: 0 } },
        account,
      )
      const call = await next()
      const transaction = await direct.prepare(call)
      await direct.send(transaction)
      expect(await inner.call('anvil_dropTransaction', [transaction.hash])).toBe(transaction.hash)
      expect(await anchored()).toBe(call.sequence - 1)
      await writer.send(transaction)
      expect(await anchored()).toBe(call.sequence)
      inner.close()
    },
  )
})
