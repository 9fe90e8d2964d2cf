import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { anvilBinary } from '../../../src/adapters/chain/anvil.ts'
import { startNode } from '../../../src/adapters/chain/node.ts'
import { Rpc } from '../../../src/adapters/chain/rpc.ts'
import { nonceOf } from '../../../src/adapters/chain/send.ts'
import type { Notice, Supervised } from '../../../src/adapters/chain/supervisor.ts'
import {
  sampleAccount,
  startSupervised,
  temporaryDirectory,
  testChainId,
} from '../../support/chain.ts'

const account = sampleAccount('sender')
type Block = { number: string; hash: string; timestamp: string; transactions: string[] }

async function block(rpc: Rpc, tag: string): Promise<Block> {
  return (await rpc.call('eth_getBlockByNumber', [tag, false])) as Block
}

/** Sends one transaction that costs nothing and logs nothing. */
async function send(rpc: Rpc, nonce: number): Promise<void> {
  const to = account.address
  const { raw } = account.sign({ chainId: testChainId, nonce, to, data: '0x', gasLimit: 30_000n })
  await rpc.call('eth_sendRawTransaction', [raw])
}

describe.skipIf(anvilBinary() === undefined)('the local chain', () => {
  let directory: string
  let node: Supervised | undefined

  beforeEach(async () => {
    directory = await temporaryDirectory()
  })

  afterEach(async () => {
    await node?.stop()
    node = undefined
    await rm(directory, { recursive: true, force: true })
  })

  test('a block has one state, also while the next one is being made', async () => {
    node = await startSupervised({ directory })
    const rpc = new Rpc(node.url)
    const counts = new Map<string, Set<number>>()
    let sent = 0
    const read = async () => {
      while (sent < 60) {
        const { number } = await block(rpc, 'latest')
        const count = await nonceOf(rpc, account.address, Number(number))
        counts.set(number, (counts.get(number) ?? new Set()).add(count))
      }
    }
    const readers = [read(), read(), read()]
    for (; sent < 60; sent += 1) {
      await send(rpc, sent)
      while ((await nonceOf(rpc, account.address)) <= sent);
    }
    await Promise.all(readers)
    rpc.close()
    expect(counts.size).toBeGreaterThan(10)
    expect([...counts].filter(([, answers]) => answers.size > 1)).toEqual([])
  })

  test('goes on after a restart with the same genesis, blocks, clock and accounts', async () => {
    node = await startSupervised({ directory })
    const rpc = new Rpc(node.url)
    await send(rpc, 0)
    const settled = await node.settle()
    const genesis = await block(rpc, '0x0')
    rpc.close()
    await node.stop()
    node = await startSupervised({ directory })
    const again = new Rpc(node.url)
    expect(node.final().number).toBeGreaterThanOrEqual(settled.number)
    expect((await block(again, '0x0')).hash).toBe(genesis.hash)
    expect((await block(again, '0x1')).transactions).toHaveLength(1)
    expect(await nonceOf(again, account.address)).toBe(1)
    await send(again, 1)
    const next = await node.settle()
    expect(next.number).toBeGreaterThan(settled.number)
    expect(Math.abs(next.time.getTime() - Date.now())).toBeLessThan(30_000)
    again.close()
  })

  test('two chains of one chain id have their own genesis', async () => {
    node = await startSupervised({ directory })
    const rpc = new Rpc(node.url)
    const other = await startSupervised({ blockTime: 0.01 })
    const otherRpc = new Rpc(other.url)
    const [a, b] = [await block(rpc, '0x0'), await block(otherRpc, '0x0')]
    expect(a.hash).not.toBe(b.hash)
    rpc.close()
    otherRpc.close()
    await other.stop()
    await rm(other.directory, { recursive: true, force: true })
  })

  test('what is mined is final only once it is dumped, and "finalized" says so to everybody', async () => {
    node = await startSupervised({ directory })
    const rpc = new Rpc(node.url)
    const inner = new Rpc(node.inner()!.url)
    await inner.call('evm_mine', [])
    expect((await block(rpc, 'latest')).number).toBe('0x1')
    expect((await block(rpc, 'finalized')).number).toBe('0x0')
    const settled = await node.settle()
    expect(Number((await block(rpc, 'finalized')).number)).toBe(settled.number)
    expect((await block(rpc, 'safe')).hash).toBe(settled.hash)
    rpc.close()
    inner.close()
  })

  test('blocks have ascending times though they come faster than seconds', async () => {
    node = await startSupervised({ directory })
    const rpc = new Rpc(node.url)
    for (let nonce = 0; nonce < 5; nonce++) {
      await send(rpc, nonce)
      await node.settle()
    }
    const { number } = node.final()
    let last = -1
    for (let at = 0; at <= number; at++) {
      const seconds = Number((await block(rpc, `0x${at.toString(16)}`)).timestamp)
      expect(seconds).toBeGreaterThan(last)
      last = seconds
    }
    rpc.close()
  })

  test('an idle chain mines a block at every heartbeat, so its head is never old', async () => {
    node = await startSupervised({ directory, heartbeat: 0.05 })
    const { number } = node.final()
    await expect.poll(() => node!.final().number).toBeGreaterThan(number + 3)
  })

  test('a killed anvil is started again from the last dump, and nothing final is lost', async () => {
    const notices: Notice[] = []
    node = await startSupervised({ directory, onNotice: (notice) => notices.push(notice) })
    const rpc = new Rpc(node.url)
    let nonce = 0
    for (let round = 0; round < 5; round++) {
      await send(rpc, nonce)
      const before = await node.settle()
      nonce += 1
      expect(await nonceOf(rpc, account.address, before.number)).toBe(nonce)
      // The next one is in the pool or in a block that no dump has.
      await send(rpc, nonce)
      process.kill(node.inner()!.pid, 'SIGKILL')
      const after = await node.settle()
      expect(after.number).toBeGreaterThan(before.number)
      expect((await block(rpc, `0x${before.number.toString(16)}`)).hash).toBe(before.hash)
      nonce = await nonceOf(rpc, account.address)
    }
    expect(notices.filter(({ kind }) => kind === 'restarted')).toHaveLength(5)
    rpc.close()
  })

  test('an idle chain whose anvil is killed answers again though nobody sends anything', async () => {
    node = await startSupervised({ directory })
    const rpc = new Rpc(node.url)
    const { pid } = node.inner()!
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => node!.inner()?.pid ?? pid, { timeout: 30_000 }).not.toBe(pid)
    expect((await block(rpc, '0x0')).number).toBe('0x0')
    rpc.close()
  })

  test('kill -9 of the supervisor at any moment loses nothing that was final', async () => {
    let genesis: string | undefined
    let nonce = 0
    for (let round = 0; round < 5; round++) {
      const child = await startProcess(directory)
      const rpc = new Rpc(child.url)
      genesis ??= (await block(rpc, '0x0')).hash
      expect((await block(rpc, '0x0')).hash).toBe(genesis)
      expect(await nonceOf(rpc, account.address)).toBeGreaterThanOrEqual(nonce)
      nonce = await nonceOf(rpc, account.address)
      await send(rpc, nonce)
      const moments = 8 * round
      for (let look = 0; look < moments; look++) await block(rpc, 'latest')
      const final = await block(rpc, 'finalized')
      nonce = await nonceOf(rpc, account.address, Number(final.number))
      await child.kill()
      rpc.close()
      node = await startSupervised({ directory })
      const again = new Rpc(node.url)
      expect(node.final().number).toBeGreaterThanOrEqual(Number(final.number))
      expect((await block(again, final.number)).hash).toBe(final.hash)
      again.close()
      await node.stop()
      node = undefined
    }
  })

  test('kill -9 of the supervisor leaves no anvil behind', async () => {
    const child = await startProcess(directory)
    await child.kill()
    await expect.poll(() => existsSync(`/proc/${child.pid}/exe`)).toBe(false)
  })

  test('a damaged dump is set aside and the one before it is used', async () => {
    node = await startSupervised({ directory })
    const before = await node.settle()
    await node.settle()
    await node.stop()
    node = undefined
    const [newest] = await dumps(directory)
    const bytes = await readFile(join(directory, newest!))
    await writeFile(join(directory, newest!), bytes.with(bytes.length - 9, bytes.at(-9)! ^ 1))
    const notices: Notice[] = []
    node = await startSupervised({ directory, onNotice: (notice) => notices.push(notice) })
    expect(node.final()).toMatchObject({ number: before.number, hash: before.hash })
    expect(notices).toEqual([{ kind: 'state-damaged', files: [newest] }])
    expect(existsSync(join(directory, `${newest}.damaged`))).toBe(true)
  })

  test('with no whole dump left it refuses to start instead of beginning another chain', async () => {
    node = await startSupervised({ directory })
    await node.settle()
    await node.stop()
    node = undefined
    for (const file of await dumps(directory)) await writeFile(join(directory, file), 'cut')
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(startSupervised({ directory })).rejects.toMatchObject({
        code: 'chain/state-damaged',
      })
    }
  })

  test('a half-written dump beside the whole ones is no obstacle', async () => {
    node = await startSupervised({ directory })
    await node.stop()
    await writeFile(join(directory, 'chain-000000000009.state.4711.tmp'), '{"format":')
    node = await startSupervised({ directory })
    expect(node.final().number).toBe(0)
  })

  test('a directory is one chain, of one id, run by one process', async () => {
    node = await startSupervised({ directory })
    await expect(startSupervised({ directory })).rejects.toMatchObject({ code: 'chain/locked' })
    await node.stop()
    node = undefined
    await expect(startSupervised({ directory, chainId: 20_261 })).rejects.toMatchObject({
      code: 'chain/wrong-chain',
    })
    node = await startSupervised({ directory })
  })

  test.each([1337, 31_337, 0, -1, 1.5, Number.NaN])('chain id %s is refused', async (chainId) => {
    await expect(startNode({ directory, chainId })).rejects.toMatchObject({
      name: 'InputError',
      code: 'chain/forbidden-chain-id',
    })
  })

  test('a taken port is named, and the directory stays free', async () => {
    node = await startSupervised({ directory })
    const port = Number(new URL(node.url).port)
    const other = await temporaryDirectory()
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(startSupervised({ directory: other, port })).rejects.toMatchObject({
        code: 'chain/port-taken',
      })
    }
    await rm(other, { recursive: true, force: true })
  })

  test.each([
    'anvil_setCode',
    'anvil_setStorageAt',
    'anvil_reorg',
    'evm_mine',
    'evm_revert',
    'hardhat_setBalance',
    'eth_sendTransaction',
    'eth_sign',
    'personal_sign',
    'debug_traceTransaction',
    'txpool_content',
    'constructor',
  ])('its door does not offer %s', async (method) => {
    node = await startSupervised({ directory })
    const rpc = new Rpc(node.url)
    await expect(rpc.call(method, [])).rejects.toMatchObject({
      code: 'chain/refused',
      rpcCode: -32_601,
    })
    rpc.close()
  })

  test('a page in a browser does not get through the door', async () => {
    node = await startSupervised({ directory })
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] })
    const asked = (headers: Record<string, string>) => request(node!.url, headers, body)
    expect(await asked({})).toBe(200)
    expect(await asked({ host: 'rebound.example' })).toBe(403)
    expect(await asked({ origin: 'http://page.example' })).toBe(403)
  })
})

async function dumps(directory: string): Promise<string[]> {
  return (await readdir(directory))
    .filter((file) => file.endsWith('.state'))
    .sort()
    .reverse()
}

async function request(url: string, headers: Record<string, string>, body: string) {
  const { request } = await import('node:http')
  return new Promise<number>((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function startProcess(directory: string) {
  const file = join(import.meta.dirname, '../../support/supervisorProcess.ts')
  const child = spawn(process.execPath, [file, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let text = ''
  for await (const chunk of child.stdout) {
    text += chunk
    if (text.includes('\n')) break
  }
  const { url, pid } = JSON.parse(text) as { url: string; pid: number }
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  return { url, pid, kill }
}
