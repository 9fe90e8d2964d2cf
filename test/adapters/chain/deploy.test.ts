import { spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { anchorWriter } from '../../../src/adapters/chain/anchorWriter.ts'
import { anvilBinary } from '../../../src/adapters/chain/anvil.ts'
import { checkIdentity } from '../../../src/adapters/chain/check.ts'
import { deploy } from '../../../src/adapters/chain/deploy.ts'
import {
  type Deployment,
  parseDeployment,
  readDeployment,
  writeDeployment,
} from '../../../src/adapters/chain/deployment.ts'
import { Mirror } from '../../../src/adapters/chain/mirror.ts'
import { Rpc } from '../../../src/adapters/chain/rpc.ts'
import { RpcChain } from '../../../src/adapters/chain/rpcChain.ts'
import { nonceOf } from '../../../src/adapters/chain/send.ts'
import {
  chainKinds,
  sampleAccount,
  sampleHash,
  startChain,
  startSupervised,
  type TestChain,
  temporaryDirectory,
} from '../../support/chain.ts'
import { type ChaosNode, startChaos } from '../../support/chaosRpc.ts'

const deployer = sampleAccount('deployer')
const options = {
  administrators: [sampleAccount('administrator').address],
  threshold: 1,
  administrationDelay: 0,
  finality: { kind: 'tag', tag: 'finalized' },
  patience: { everyMs: 5 },
} as const

describe.each(chainKinds)('deploying on %s', (kind) => {
  let chain: TestChain
  let chaos: ChaosNode | undefined

  beforeAll(async () => {
    chain = await startChain(kind)
  })

  afterEach(async () => {
    await chaos?.close()
    chaos = undefined
  })

  afterAll(() => chain.close())

  test('a second run and two runs at once change nothing and say the same', async () => {
    const runs = [1, 2, 3].map(() => deploy(chain.rpc, deployer, options))
    for (const again of await Promise.all(runs)) expect(again).toEqual(chain.deployment)
    expect(await nonceOf(chain.rpc, deployer.address)).toBe(3)
  })

  test('other settings on the same deployer are refused', async () => {
    const two = [...options.administrators, sampleAccount('second administrator').address]
    for (const change of [
      { administrators: two },
      { administrators: two, threshold: 2 },
      { administrationDelay: 86_400 },
    ]) {
      await expect(deploy(chain.rpc, deployer, { ...options, ...change })).rejects.toMatchObject({
        name: 'InputError',
        code: 'deployment/differs',
      })
    }
  })

  test('a run that broke off after any transaction is continued', async () => {
    const fresh = sampleAccount(`deployer that breaks off on ${kind}`)
    chaos = await startChaos(chain.url)
    for (const allowed of [1, 2, 3]) {
      const rpc = new Rpc(chaos.url)
      // The node takes it, the deployer never hears so and is gone.
      chaos.set({ dropReply: (method) => method === 'eth_sendRawTransaction' })
      const patience = { everyMs: 5, timeoutMs: 1 }
      await deploy(rpc, fresh, { ...options, patience }).catch(() => {})
      rpc.close()
      await chain.settle()
      expect(await nonceOf(chain.rpc, fresh.address)).toBe(allowed)
    }
    const done = await deploy(chain.rpc, fresh, options)
    expect(await nonceOf(chain.rpc, fresh.address)).toBe(3)
    await checkIdentity(chain.rpc, done.identity)
  })

  test("a deployer's account that did something else is refused", async () => {
    const used = sampleAccount(`used deployer on ${kind}`)
    const { chainId } = chain.deployment.identity
    for (let nonce = 0; nonce < 3; nonce++) {
      const request = { chainId, nonce, to: used.address, data: '0x', gasLimit: 30_000n }
      await chain.rpc.call('eth_sendRawTransaction', [used.sign(request).raw])
    }
    await chain.settle()
    await expect(deploy(chain.rpc, used, options)).rejects.toMatchObject({
      code: 'deployment/deployer-used',
    })
  })

  test('the deployment file is read back as it was written', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'deployment.json')
    const written = { ...chain.deployment, rpc: chain.url }
    await writeDeployment(path, written)
    expect(await readDeployment(path)).toEqual(written)
    await expect(readDeployment(join(directory, 'none.json'))).rejects.toMatchObject({
      code: 'deployment/unreadable',
    })
    await rm(directory, { recursive: true })
  })

  test('the command deploys, writes the file, and is safe to run twice', async () => {
    const directory = await temporaryDirectory()
    const [keyFile, out] = [join(directory, 'key'), join(directory, 'deployment.json')]
    await writeFile(keyFile, `${sampleHash(`command on ${kind}`).slice(2)}\n`)
    const flags = ['--rpc', chain.url, '--key-file', keyFile, '--out', out, '--delay', '0']
    const who = ['--administrators', options.administrators[0]!]
    expect(await command([...flags, ...who])).toBe(0)
    const first = await readFile(out, 'utf8')
    expect(await command([...flags, ...who])).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(first)
    expect(await command(flags)).toBe(64)
    await checkIdentity(chain.rpc, (await readDeployment(out)).identity)
    await rm(directory, { recursive: true })
  })

  const others: readonly (readonly [string, (d: Deployment) => Deployment['identity'], string])[] =
    [
      ['another chain id', ({ identity }) => ({ ...identity, chainId: 7 }), 'chain/wrong-chain'],
      [
        'another genesis',
        ({ identity }) => ({ ...identity, genesisHash: sampleHash('other') }),
        'chain/wrong-chain',
      ],
      [
        'other code',
        ({ identity }) => ({
          ...identity,
          codeHashes: { ...identity.codeHashes, anchorRegistry: sampleHash('other') },
        }),
        'chain/wrong-code',
      ],
      [
        'no code',
        ({ identity }) => ({
          ...identity,
          contracts: { ...identity.contracts, statusRegistry: sampleAccount('nobody').address },
        }),
        'chain/wrong-code',
      ],
    ]

  test.each(others)(
    'D8, E3: %s than the deployment file pins stops reading and writing',
    async (_, change, code) => {
      const deployment = { ...chain.deployment, identity: change(chain.deployment) }
      const refused = { name: 'TrustError', code }
      await expect(new RpcChain(chain.rpc, deployment).view()).rejects.toMatchObject(refused)
      await expect(new Mirror(chain.rpc, deployment).view()).rejects.toMatchObject(refused)
      const issuer = sampleAccount('anybody')
      const writer = anchorWriter(chain.rpc, deployment, issuer)
      const call = {
        issuer: issuer.address,
        sequence: 1,
        root: sampleHash('r'),
        size: 16,
        changes: [],
      }
      const previous = `0x${'0'.repeat(62)}`
      await expect(writer.prepare({ ...call, previous })).rejects.toMatchObject(refused)
    },
  )
})

describe('a deployment file', () => {
  const address = `0x${'11'.repeat(20)}`
  const all = <T>(value: T) => ({
    didRegistry: value,
    departmentRegistry: value,
    anchorRegistry: value,
    statusRegistry: value,
  })
  const good = {
    format: 'weir/deployment/1',
    chainId: 20_260,
    genesisHash: sampleHash('genesis'),
    contracts: all(address),
    codeHashes: all(sampleHash('code')),
    startBlock: 1,
    administrationDelay: 86_400,
    finality: { kind: 'depth', blocks: 0 },
  }

  test('is read when every member is there', () => {
    expect(parseDeployment(JSON.stringify(good))).toMatchObject({ rpc: undefined, startBlock: 1 })
  })

  test.each([
    ['another format', { format: 'weir/deployment/2' }],
    ['no chain id', { chainId: undefined }],
    ['chain id zero', { chainId: 0 }],
    ['a chain id as text', { chainId: '20260' }],
    ['a short genesis hash', { genesisHash: '0x12' }],
    ['an address in mixed case', { contracts: all(`0x${'aA'.repeat(20)}`) }],
    ['a missing contract', { contracts: { ...all(address), statusRegistry: undefined } }],
    ['an unknown contract', { contracts: { ...all(address), other: address } }],
    ['code hashes that are addresses', { codeHashes: all(address) }],
    ['an unknown finality', { finality: { kind: 'hope' } }],
    ['a tag that is not final', { finality: { kind: 'tag', tag: 'latest' } }],
    ['a negative depth', { finality: { kind: 'depth', blocks: -1 } }],
    ['an address of a node that is no URL', { rpc: 'nonsense' }],
    ['an unknown member', { extra: 1 }],
    ['a prototype as member', { contracts: JSON.parse('{"__proto__":{}}') }],
  ])('with %s is refused', (_, change) => {
    const text = JSON.stringify({ ...good, ...change })
    expect(() => parseDeployment(text)).toThrow(
      expect.objectContaining({ name: 'InputError', code: 'deployment/malformed' }),
    )
  })

  test.each(['', '{', '[]', '{"format":"weir/deployment/1","format":"weir/deployment/1"}', 'null'])(
    'that reads %j is refused',
    (text) => {
      expect(() => parseDeployment(text)).toThrow(
        expect.objectContaining({ code: 'deployment/malformed' }),
      )
    },
  )
})

describe.skipIf(anvilBinary() === undefined)('a chain that was reset', () => {
  test('D8: same chain id, same addresses, another genesis: refused, for reading and for writing', async () => {
    const first = await startSupervised()
    const rpc = new Rpc(first.url)
    const deployment = await deploy(rpc, deployer, options)
    const writer = anchorWriter(rpc, deployment, deployer)
    await first.stop()
    const port = Number(new URL(first.url).port)
    const second = await startSupervised({ port })
    const other = await deploy(rpc, deployer, options)
    expect(other.identity.contracts).toEqual(deployment.identity.contracts)
    const refused = { code: 'chain/wrong-chain' }
    await expect(new RpcChain(rpc, deployment).view()).rejects.toMatchObject(refused)
    await expect(writer.nonce()).rejects.toMatchObject(refused)
    await expect(writer.latest(deployer.address)).rejects.toMatchObject(refused)
    const transaction = { raw: '0x02', hash: sampleHash('t'), nonce: 0 }
    await expect(writer.send(transaction)).rejects.toMatchObject(refused)
    rpc.close()
    await second.stop()
    for (const { directory } of [first, second]) await rm(directory, { recursive: true })
  })
})

function command(args: readonly string[]): Promise<number | null> {
  const file = join(import.meta.dirname, '../../../scripts/deploy.ts')
  const child = spawn(process.execPath, [file, ...args], { stdio: 'ignore' })
  return new Promise((resolve) => child.once('exit', resolve))
}
