import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { anchorWriter } from '../../../src/adapters/chain/anchorWriter.ts'
import { Rpc } from '../../../src/adapters/chain/rpc.ts'
import { RpcChain } from '../../../src/adapters/chain/rpcChain.ts'
import { departmentSlots } from '../../../src/anchor/slots.ts'
import { readStateProof } from '../../../src/anchor/stateProof.ts'
import {
  registerRoot,
  sampleAccount,
  sampleHash,
  startChain,
  type TestChain,
} from '../../support/chain.ts'
import { type Chaos, type ChaosNode, startChaos } from '../../support/chaosRpc.ts'

const type = sampleHash('urn:weir:certificate:marriage:1')
const blockMethod = 'eth_getBlockByNumber'

describe('a node that lies', () => {
  let chain: TestChain
  let chaos: ChaosNode
  let rpc: Rpc
  let issuer: string

  beforeAll(async () => {
    chain = await startChain('hardhat')
    const { account } = await registerRoot(chain, 'sample civil affairs office', type)
    issuer = account.address
    const writer = anchorWriter(chain.rpc, chain.deployment, account)
    for (let sequence = 1; sequence <= 4; sequence++) {
      const { link } = await writer.latest(issuer)
      const root = sampleHash(`root ${sequence}`)
      await writer.send(
        await writer.prepare({ issuer, sequence, previous: link, root, size: 16, changes: [] }),
      )
    }
    chaos = await startChaos(chain.url)
    rpc = new Rpc(chaos.url)
  })

  afterEach(() => chaos.set({}))

  afterAll(async () => {
    rpc.close()
    await chaos.close()
    await chain.close()
  })

  const facts = async () => {
    const source = new RpcChain(rpc, chain.deployment)
    const view = await source.view()
    return Promise.all([view.department(issuer), view.anchor(issuer, 2), view.lastAnchor(issuer)])
  }

  type Log = Record<string, unknown>
  const logs = (change: (logs: Log[]) => unknown): Chaos => ({
    lie: (method, result) => (method === 'eth_getLogs' ? change(result as Log[]) : result),
  })
  const first = (change: Log) => logs(([log, ...rest]) => [{ ...log, ...change }, ...rest])
  const on = (
    wanted: string,
    change: (result: never, params: readonly unknown[]) => unknown,
  ): Chaos => ({
    lie: (method, result, params) => (method === wanted ? change(result as never, params) : result),
  })
  const genesis = on(blockMethod, (block: Log, [tag]) =>
    tag === '0x0' ? { ...block, hash: sampleHash('genesis') } : block,
  )

  const lies: readonly (readonly [string, Chaos, string])[] = [
    ['another chain id', on('eth_chainId', () => '0x1'), 'chain/wrong-chain'],
    ['a chain id as number', on('eth_chainId', () => 20_260), 'chain/bad-answer'],
    ['another genesis', genesis, 'chain/wrong-chain'],
    ['other code', on('eth_getCode', () => '0x6000'), 'chain/wrong-code'],
    ['no code', on('eth_getCode', () => '0x'), 'chain/wrong-code'],
    ['no block', on(blockMethod, () => null), 'chain/bad-answer'],
    [
      'a short block hash',
      on(blockMethod, (block: Log) => ({ ...block, hash: '0x12' })),
      'chain/bad-answer',
    ],
    [
      'a block time beyond all dates',
      on(blockMethod, (block: Log) => ({ ...block, timestamp: `0x${'f'.repeat(16)}` })),
      'chain/bad-answer',
    ],
    [
      'a head that does not exist',
      on(blockMethod, (block: Log, [tag]) =>
        tag === 'finalized' ? { ...block, hash: sampleHash('future') } : block,
      ),
      'chain/refused',
    ],
    ['a word of wrong length', on('eth_call', () => '0x01'), 'chain/bad-answer'],
    ['an empty answer of a contract', on('eth_call', () => '0x'), 'chain/bad-answer'],
    ['an answer that is no hex', on('eth_call', () => 'zz'), 'chain/bad-answer'],
    ['no logs', logs(() => []), 'chain/inconsistent'],
    ['one log too few', logs((all) => all.slice(1)), 'chain/inconsistent'],
    ['the last log missing', logs((all) => all.slice(0, -1)), 'chain/inconsistent'],
    ['one log twice', logs((all) => [...all, all[0]]), 'chain/inconsistent'],
    [
      'a root of its own',
      logs(([log, ...rest]) => [
        {
          ...log,
          data: String(log!.data).replace(
            sampleHash('root 2').slice(2),
            sampleHash('forged').slice(2),
          ),
        },
        ...rest,
      ]),
      'chain/inconsistent',
    ],
    [
      'another block of the anchor',
      logs(([log, ...rest]) => [{ ...log, blockNumber: '0x1' }, ...rest]),
      'chain/inconsistent',
    ],
    ['another time of the anchor', first({ blockTimestamp: '0x1' }), 'chain/inconsistent'],
    ['a block after the view', first({ blockNumber: '0xffff' }), 'chain/bad-answer'],
    ['a log of another contract', first({ address: `0x${'11'.repeat(20)}` }), 'chain/bad-answer'],
    ['a log marked removed', first({ removed: true }), 'chain/bad-answer'],
    ['a log without topics', first({ topics: [] }), 'chain/bad-answer'],
    ['a log with torn data', first({ data: '0x1234' }), 'chain/bad-answer'],
    ['logs that are no array', logs(() => ({})), 'chain/bad-answer'],
  ]

  test.each(lies)('D9: %s is refused', async (_, chaosNow, code) => {
    expect((await facts())[1]).toMatchObject({ root: sampleHash('root 2') })
    chaos.set(chaosNow)
    await expect(facts()).rejects.toMatchObject({ code })
  })

  test('D9: a head that goes back is behind; another block of the same height is a lie', async () => {
    const source = new RpcChain(rpc, chain.deployment)
    const { block } = await source.view()
    const early = await chain.rpc.call(blockMethod, ['0x1', false])
    chaos.set(on(blockMethod, (real: Log, [tag]) => (tag === 'finalized' ? early : real)))
    await expect(source.view()).rejects.toMatchObject({ code: 'chain/behind' })
    chaos.set(
      on(blockMethod, (real: Log, [tag]) =>
        tag === 'finalized' ? { ...real, hash: sampleHash('fork') } : real,
      ),
    )
    await expect(source.view()).rejects.toMatchObject({
      name: 'TrustError',
      code: 'chain/final-changed',
    })
    chaos.set({})
    expect((await source.view()).block).toMatchObject({ number: block.number })
  })

  test('D9: a false receipt convinces nobody, for nobody reads receipts', async () => {
    chaos.set({
      swallow: (method) =>
        method === 'eth_sendRawTransaction' ? { result: sampleHash('t') } : undefined,
      lie: (method, result) =>
        method === 'eth_getTransactionReceipt' ? { status: '0x1' } : result,
    })
    const writer = anchorWriter(rpc, chain.deployment, sampleAccount('sample civil affairs office'))
    const { link } = await writer.latest(issuer)
    const call = {
      issuer,
      sequence: 5,
      previous: link,
      root: sampleHash('root 5'),
      size: 16,
      changes: [],
    }
    await writer.send(await writer.prepare(call))
    expect((await writer.latest(issuer)).sequence).toBe(4)
  })

  test.each([
    [
      'another header',
      on('eth_getBlockByHash', (block: Log) => ({ ...block, stateRoot: sampleHash('s') })),
      'chain/unprovable',
    ],
    [
      'a header without a field',
      on('eth_getBlockByHash', ({ requestsHash: _, ...block }: Log) => block),
      'chain/unprovable',
    ],
    [
      'proofs for other slots',
      on('eth_getProof', (proof: Log) => ({ ...proof, storageProof: [] })),
      'chain/bad-answer',
    ],
  ])('D9: %s is refused when proofs are asked for', async (_, chaosNow, code) => {
    const { departmentRegistry: address } = chain.deployment.identity.contracts
    const slots = [{ address, slot: departmentSlots(issuer)[0]! }]
    const source = new RpcChain(rpc, chain.deployment)
    readStateProof(await source.prove(slots))
    chaos.set(chaosNow)
    await expect(source.prove(slots)).rejects.toMatchObject({ code })
  })

  test('D9: a forged proof does not stand under the header', async () => {
    const { departmentRegistry: address } = chain.deployment.identity.contracts
    const slots = [{ address, slot: departmentSlots(issuer)[0]! }]
    chaos.set(
      on('eth_getProof', (proof: { storageProof: { proof: string[] }[] }) => ({
        ...proof,
        storageProof: proof.storageProof.map((each) => ({
          ...each,
          proof: each.proof.with(-1, each.proof.at(-1)!.replace(/..$/, '00')),
        })),
      })),
    )
    const proof = await new RpcChain(rpc, chain.deployment).prove(slots)
    expect(() => readStateProof(proof)).toThrow(
      expect.objectContaining({ code: 'evidence/bad-proof' }),
    )
  })
})
