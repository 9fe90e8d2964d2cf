import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { typeOnChain } from '../../src/accreditation/typeName.ts'
import { anchorWriter } from '../../src/adapters/chain/anchorWriter.ts'
import { anvilBinary, startAnvil } from '../../src/adapters/chain/anvil.ts'
import { Rpc } from '../../src/adapters/chain/rpc.ts'
import { RpcChain } from '../../src/adapters/chain/rpcChain.ts'
import { createPool } from '../../src/adapters/keys/pool.ts'
import { createWorkers } from '../../src/adapters/keys/workers.ts'
import { openStore, type Store } from '../../src/adapters/storage/openStore.ts'
import { rootFromProof } from '../../src/anchor/proof.ts'
import { leafHash } from '../../src/anchor/tree.ts'
import { builtInTypes } from '../../src/certificate/types.ts'
import { formatEthrDid } from '../../src/identity/did.ts'
import { anchorStep } from '../../src/issuer/anchor.ts'
import { drain } from '../../src/issuer/drain.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import { issue, issueOne } from '../../src/issuer/issue.ts'
import type { Issuer } from '../../src/issuer/model.ts'
import { proofFor } from '../../src/issuer/proof.ts'
import { changeStatus } from '../../src/issuer/status.ts'
import { supersede } from '../../src/issuer/supersede.ts'
import { bytesFromHex, hex } from '../../src/primitives/bytes.ts'
import { statusIn, wordOf } from '../../src/status/word.ts'
import {
  chainKinds,
  registerRoot,
  sampleAccount,
  startChain,
  type TestChain,
  temporaryDirectory,
  testChainId,
  withContracts,
} from '../support/chain.ts'
import { type ChaosNode, startChaos } from '../support/chaosRpc.ts'
import { newSigner, titleRequest, titleType } from '../support/issuer.ts'
import { tempFolder } from '../support/tempFolder.ts'

const grounds = { reason: 'transfer', legalBasis: 'article 14', operator: 'a', approver: 'b' }
const pool = createPool(1)
afterAll(() => pool.close())

/** A department registered on a chain, over a store in a folder; its issuer talks to `url`. */
async function departmentOn(
  chain: TestChain,
  url: string,
  folder: string,
  finality = chain.deployment.finality,
): Promise<{ issuer: Issuer; store: Store }> {
  const { account } = await registerRoot(
    chain,
    'sample registration centre',
    typeOnChain(titleType),
  )
  const department = account.address
  const did = formatEthrDid(chain.deployment.identity.chainId, department)
  const signer = newSigner(did, pool)
  const { thumbprint } = signer.key
  const certificateHash = `0x${'11'.repeat(32)}`
  const key = { department, thumbprint, purpose: 'assertion', certificateHash } as const
  await chain.writer(account).write({ call: 'proposeKey', ...key })
  const administrator = chain.writer(sampleAccount('administrator'))
  const { id } = await administrator.propose({ call: 'confirmKey', ...key })
  await administrator.execute(id)
  const store = await openStore({ kind: 'sqlite', path: join(folder, 'store.db') })
  const { certificates, queue, outbox, lists, audit } = store
  const rpc = new Rpc(url)
  const deployment = { ...chain.deployment, finality }
  const issuer: Issuer = {
    department: { did, address: department },
    types: builtInTypes,
    signer,
    workers: createWorkers(pool),
    certificates,
    queue,
    outbox,
    lists,
    audit,
    chain: new RpcChain(rpc, deployment),
    writer: anchorWriter(rpc, deployment, account),
    clock: () => new Date(),
  }
  return { issuer, store }
}

const lastOf = async (issuer: Issuer) =>
  (await (await issuer.chain.view()).lastAnchor(issuer.department.address)).sequence

describe.each(chainKinds)('a department on %s', (kind) => {
  let chain: TestChain
  let chaos: ChaosNode
  let issuer: Issuer
  let store: Store
  let folder: string

  beforeAll(async () => {
    chain = await startChain(kind)
    chaos = await startChaos(chain.url)
    folder = await temporaryDirectory()
    ;({ issuer, store } = await departmentOn(chain, chaos.url, folder))
  })

  afterAll(async () => {
    await store.close()
    await chaos.close()
    await chain.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const anchorAll = () =>
    drain(issuer, { pause: () => chain.settle(), pollMs: 1000, patienceMs: 100_000 })
  const shown = async ({
    status: { list, index },
  }: {
    status: { list: number; index: number }
  }) => {
    const { word, entry } = wordOf(index)
    const view = await issuer.chain.view()
    return statusIn(await view.statusWord(issuer.department.address, list, word), entry)
  }
  const last = () => lastOf(issuer)

  test('issues, anchors, proves, suspends, revokes and supersedes', async () => {
    const rows = Array.from({ length: 30 }, (_, at) => titleRequest(at + 1))
    const answers = await Array.fromAsync(issue(issuer, rows))
    const copies = answers.flatMap((one) => ('credentials' in one ? one.credentials : []))
    expect(await anchorAll()).toBe(1)
    const record = await (await issuer.chain.view()).anchor(issuer.department.address, 1)
    for (const { fingerprint } of copies) {
      const { proof } = await proofFor(issuer, fingerprint)
      const root = rootFromProof(
        leafHash(bytesFromHex(fingerprint)),
        proof.index,
        proof.size,
        proof.path,
      )
      expect(`0x${hex(root)}`).toBe(record!.root)
    }
    const [first, second] = copies
    const of = { fingerprint: first!.fingerprint }
    const expectedEnd = new Date(Date.now() + 86_400_000)
    await changeStatus(issuer, { of, to: 'suspended', grounds, expectedEnd })
    await anchorAll()
    expect(await shown(first!)).toBe('suspended')
    await changeStatus(issuer, { of, to: 'revoked', grounds })
    await supersede(issuer, { fingerprint: second!.fingerprint }, titleRequest(100), grounds)
    await anchorAll()
    expect([await shown(first!), await shown(second!)]).toEqual(['revoked', 'superseded'])
    expect(await last()).toBe(3)
    expect(await firstFinding(issuer)).toBeUndefined()
  })

  test('D3 D4: lost replies and swallowed transactions anchor once', async () => {
    await issueOne(issuer, titleRequest(201))
    let turn = 0
    chaos.set({
      dropReply: (method) => method === 'eth_sendRawTransaction' && turn++ % 2 === 0,
      swallow: (method) => {
        if (method !== 'eth_sendRawTransaction' || turn > 1) return undefined
        turn += 1
        return { result: `0x${'00'.repeat(32)}` }
      },
    })
    const before = await last()
    expect(await anchorAll()).toBe(1)
    chaos.set({})
    expect(await last()).toBe(before + 1)
    expect(await firstFinding(issuer)).toBeUndefined()
  })
})

test.runIf(anvilBinary() !== undefined)(
  'D7: on anvil, reorganisations of depth 1 to 6 anchor each batch once',
  async () => {
    const folder = tempFolder()
    const genesis = { chainId: testChainId, timestamp: 1_767_225_600, gasLimit: 30_000_000 }
    const anvil = await startAnvil(anvilBinary()!, folder, genesis as never, undefined)
    const url = anvil.rpc.url.href
    const mine = (count: number) => anvil.rpc.call('anvil_mine', [`0x${count.toString(16)}`])
    let isMining = true
    const miner = (async () => {
      while (isMining) await mine(70)
    })()
    const chain = await withContracts(url, undefined, () => anvil.stop())
    const finality = { kind: 'depth', blocks: 8 } as const
    const { issuer, store } = await departmentOn(chain, url, folder, finality)
    isMining = false
    await miner
    await mine(9)
    for (let depth = 1; depth <= 6; depth += 1) {
      await issueOne(issuer, titleRequest(depth))
      await anchorStep(issuer)
      await anchorStep(issuer)
      await mine(depth)
      expect((await anchorStep(issuer)).did).toBe('included')
      await anvil.rpc.call('anvil_reorg', [depth, []])
      expect((await anchorStep(issuer)).did).toBe('reorganised')
      await drain(issuer, { pause: async () => void (await mine(3)), patienceMs: 100_000 })
      expect(await lastOf(issuer)).toBe(depth)
    }
    expect(await firstFinding(issuer)).toBeUndefined()
    await store.close()
    await chain.close()
  },
)
