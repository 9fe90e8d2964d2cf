import { join } from 'node:path'
import { afterAll } from 'vitest'
import { typeOnChain } from '../../src/accreditation/typeName.ts'
import { anchorWriter } from '../../src/adapters/chain/anchorWriter.ts'
import { anvilBinary, startAnvil } from '../../src/adapters/chain/anvil.ts'
import type { Deployment } from '../../src/adapters/chain/deployment.ts'
import { Rpc } from '../../src/adapters/chain/rpc.ts'
import { RpcChain } from '../../src/adapters/chain/rpcChain.ts'
import { createPool } from '../../src/adapters/keys/pool.ts'
import { createWorkers } from '../../src/adapters/keys/workers.ts'
import { openStore, type Store } from '../../src/adapters/storage/openStore.ts'
import { builtInTypes } from '../../src/certificate/types.ts'
import { formatEthrDid } from '../../src/identity/did.ts'
import { issue } from '../../src/issuer/issue.ts'
import type { Issuer } from '../../src/issuer/model.ts'
import type { Signer } from '../../src/ports/signing.ts'
import {
  registerRoot,
  sampleAccount,
  type TestChain,
  testChainId,
  withContracts,
} from '../support/chain.ts'
import { newSigner, titleRequest, titleType } from '../support/issuer.ts'
import { tempFolder } from '../support/tempFolder.ts'

const name = 'sample registration centre'
const pool = createPool(1)
afterAll(() => pool.close())

/** What a department knows when its process starts. */
export type Known = {
  readonly deployment: Deployment
  readonly signer: Signer
  readonly folder: string
}

/** A department's process: real store, real signer, real chain. */
export type Running = { readonly issuer: Issuer; readonly store: Store; close(): Promise<void> }

/** Registers a department with one confirmed key on a chain. */
export async function register(chain: TestChain, folder = tempFolder()): Promise<Known> {
  const { account } = await registerRoot(chain, name, typeOnChain(titleType))
  const department = account.address
  const { deployment } = chain
  const signer = newSigner(formatEthrDid(deployment.identity.chainId, department), pool)
  const { thumbprint } = signer.key
  const certificateHash = `0x${'11'.repeat(32)}`
  const key = { department, thumbprint, purpose: 'assertion', certificateHash } as const
  await chain.writer(account).write({ call: 'proposeKey', ...key })
  const administrator = chain.writer(sampleAccount('administrator'))
  const { id } = await administrator.propose({ call: 'confirmKey', ...key })
  await administrator.execute(id)
  return { deployment, signer, folder }
}

/** Starts the department over its folder, or starts it again. */
export async function start({ deployment, signer, folder }: Known, url: string): Promise<Running> {
  const store = await openStore({ kind: 'sqlite', path: join(folder, 'store.db') })
  const { certificates, queue, outbox, lists, audit } = store
  const rpc = new Rpc(url)
  const account = sampleAccount(name)
  const issuer: Issuer = {
    department: { did: signer.key.did, address: account.address },
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
  return {
    issuer,
    store,
    async close() {
      rpc.close()
      await store.close()
    },
  }
}

/** anvil with our contracts that from now on mines only when told; the last block is final. */
export async function anvilChain() {
  const folder = tempFolder()
  const genesis = { chainId: testChainId, timestamp: 1_767_225_600, gasLimit: 30_000_000 }
  const anvil = await startAnvil(anvilBinary()!, folder, genesis, undefined)
  const mine = async (count = 1) => {
    await anvil.rpc.call('anvil_mine', [`0x${count.toString(16)}`])
  }
  return { anvil, mine, url: anvil.rpc.url.href }
}

/** Mines on and on while `work` runs. */
export async function whileMining<T>(
  mine: () => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  let isWorking = true
  const miner = (async () => {
    while (isWorking) await mine()
  })()
  try {
    return await work()
  } finally {
    isWorking = false
    await miner
  }
}

/** Deploys the contracts on a running chain. */
export function contractsOn(url: string): Promise<TestChain> {
  return withContracts(url, undefined, async () => {})
}

/** Issues titles with these numbers; all of them, or it throws. */
export async function issueTitles(issuer: Issuer, from: number, count: number) {
  const rows = Array.from({ length: count }, (_, at) => titleRequest(from + at))
  const answers = await Array.fromAsync(issue(issuer, rows, { chunk: 10 }))
  return answers.flatMap((answer) => {
    if ('error' in answer) throw answer.error
    return answer.credentials
  })
}

/** The newest batch of the department at the last final block. */
export async function lastSequence({ chain, department }: Issuer): Promise<number> {
  return (await (await chain.view()).lastAnchor(department.address)).sequence
}
