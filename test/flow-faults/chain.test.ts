import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { anvilBinary } from '../../src/adapters/chain/anvil.ts'
import { Rpc } from '../../src/adapters/chain/rpc.ts'
import { anchorStep } from '../../src/issuer/anchor.ts'
import { drain } from '../../src/issuer/drain.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import type { CopyState } from '../../src/ports/certificates.ts'
import { startSupervised, temporaryDirectory } from '../support/chain.ts'
import {
  anvilChain,
  contractsOn,
  issueTitles,
  type Known,
  lastSequence,
  type Running,
  register,
  start,
  whileMining,
} from './department.ts'

const states = async ({ issuer, store }: Running): Promise<CopyState[]> => {
  const copies = await store.certificates.scan(issuer.department.address, 0, 1_000)
  return copies.map((copy) => copy.state)
}

/** A department on anvil that mines only when told; everything mined is final two blocks later. */
async function onAnvil() {
  const { anvil, mine, url } = await anvilChain()
  onTestFinished(() => anvil.stop())
  const known = await whileMining(
    () => mine(20),
    async () => register(await contractsOn(url)),
  )
  const finality = { kind: 'depth', blocks: 2 } as const
  const running = await start({ ...known, deployment: { ...known.deployment, finality } }, url)
  onTestFinished(() => running.close())
  await mine(3)
  return { anvil, mine, ...running, running }
}

/** A whole supervisor in its own process. */
async function startNode(directory: string) {
  const script = join(import.meta.dirname, '../support/supervisorProcess.ts')
  const child = spawn(process.execPath, [script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  let text = ''
  for await (const chunk of child.stdout) {
    text += chunk
    if (text.includes('\n')) break
  }
  return { url: (JSON.parse(text) as { url: string }).url, kill }
}

describe.skipIf(anvilBinary() === undefined)('a department at work', () => {
  test('D15 D6: while the chain stalls it goes on issuing, and the backlog drains in order', async () => {
    const { mine, issuer, store, running } = await onAnvil()
    const { address } = issuer.department
    await issueTitles(issuer, 1, 20)
    const stalled = drain(issuer, { maxBatch: 7, pollMs: 1, patienceMs: 5 })
    await expect(stalled).rejects.toMatchObject({ name: 'OutsideError', code: 'anchor/stalled' })
    const sent = (await store.outbox.batch(address, 1))!
    expect([sent.state, sent.transaction?.raw]).toEqual(['sent', expect.any(String)])
    await issueTitles(issuer, 21, 10)
    await expect(drain(issuer, { pollMs: 1, patienceMs: 5 })).rejects.toMatchObject({
      code: 'anchor/stalled',
    })
    expect((await store.outbox.batch(address, 1))?.transaction).toEqual(sent.transaction)
    expect(new Set(await states(running))).toEqual(new Set(['sent', 'durable']))
    await drain(issuer, { maxBatch: 7, pause: () => mine(3), patienceMs: 100_000 })
    const copies = await store.certificates.scan(address, 0, 1_000)
    const sequences = copies.map((copy) => copy.sequence!)
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
    expect(await lastSequence(issuer)).toBe(5)
    expect(await firstFinding(issuer)).toBeUndefined()
  })

  test('D4: a transaction that the node threw out of its pool is sent again, the same bytes', async () => {
    const { anvil, mine, issuer, store } = await onAnvil()
    const { address } = issuer.department
    await issueTitles(issuer, 1, 3)
    for (const did of ['built', 'sent']) expect((await anchorStep(issuer)).did).toBe(did)
    const sent = (await store.outbox.batch(address, 1))!.transaction!
    const thrownOut = await anvil.rpc.call('anvil_dropTransaction', [sent.hash])
    expect(thrownOut).toBe(sent.hash)
    await mine(3)
    expect(await lastSequence(issuer)).toBe(0)
    await drain(issuer, { pause: () => mine(3), patienceMs: 100_000 })
    expect(await lastSequence(issuer)).toBe(1)
    expect((await store.outbox.batch(address, 1))?.transaction).toEqual(sent)
    expect(await firstFinding(issuer)).toBeUndefined()
  })

  test('D7: a chain killed before its block was final comes back without it, and it is anchored once', async () => {
    const node = await startSupervised({ blockTime: 3 })
    onTestFinished(async () => {
      await node.stop()
      rmSync(node.directory, { recursive: true, force: true })
    })
    const known = await whileMining(
      () => node.settle(),
      async () => register(await contractsOn(node.url)),
    )
    const running = await start(known, node.url)
    onTestFinished(() => running.close())
    const { issuer } = running
    await issueTitles(issuer, 1, 3)
    expect((await anchorStep(issuer)).did).toBe('built')
    // From here the supervisor itself mines nothing for three seconds.
    await node.settle()
    expect((await anchorStep(issuer)).did).toBe('sent')
    const inner = node.inner()!
    const rpc = new Rpc(inner.url)
    await rpc.call('evm_mine', [])
    rpc.close()
    expect((await anchorStep(issuer)).did).toBe('included')
    process.kill(inner.pid, 'SIGKILL')
    await node.settle()
    expect(await lastSequence(issuer)).toBe(0)
    expect((await anchorStep(issuer)).did).toBe('reorganised')
    await drain(issuer, { pause: async () => void (await node.settle()) })
    expect(await lastSequence(issuer)).toBe(1)
    expect(await states(running)).toEqual(['final', 'final', 'final'])
    expect(await firstFinding(issuer)).toBeUndefined()
  })

  test('D1 D4: the node and the department die together and start again: anchored once', async () => {
    const directory = await temporaryDirectory()
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const before = await startNode(directory)
    const known: Known = await register(await contractsOn(before.url))
    const dying = await start(known, before.url)
    const issued = await issueTitles(dying.issuer, 1, 20)
    for (const did of ['built', 'sent']) {
      expect((await anchorStep(dying.issuer, { maxBatch: 10 })).did).toBe(did)
    }
    await before.kill()
    await expect(anchorStep(dying.issuer)).rejects.toMatchObject({ code: 'chain/unreachable' })
    await dying.close()
    const after = await startNode(directory)
    const running = await start(known, after.url)
    onTestFinished(() => running.close())
    expect((await issueTitles(running.issuer, 1, 20)).map((one) => one.token)).toEqual(
      issued.map((one) => one.token),
    )
    await drain(running.issuer, { pollMs: 20 })
    expect(await lastSequence(running.issuer)).toBe(2)
    expect(await firstFinding(running.issuer)).toBeUndefined()
  })

  test('D8: another chain behind the same address stops issuing and anchoring until the right one is back', async () => {
    const right = await startSupervised()
    const { directory } = right
    const port = Number(new URL(right.url).port)
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const known = await register(await contractsOn(right.url))
    const running = await start(known, right.url)
    const { issuer, store } = running
    onTestFinished(() => running.close())
    await issueTitles(issuer, 1, 3)
    await drain(issuer, { pollMs: 20 })
    await issueTitles(issuer, 4, 3)
    for (const did of ['built', 'sent']) expect((await anchorStep(issuer)).did).toBe(did)
    await right.stop()

    // Same chain id, same accounts, same contracts at the same addresses; only the genesis differs.
    const wrong = await startSupervised({ port })
    const chain = await contractsOn(wrong.url)
    const other = await register(chain)
    expect(other.deployment.identity).toEqual({
      ...known.deployment.identity,
      genesisHash: other.deployment.identity.genesisHash,
    })
    const refused = { name: 'TrustError', code: 'chain/wrong-chain' }
    await expect(issueTitles(issuer, 7, 3)).rejects.toMatchObject(refused)
    await expect(anchorStep(issuer)).rejects.toMatchObject(refused)
    await expect(drain(issuer)).rejects.toMatchObject(refused)
    expect(await store.certificates.scan(issuer.department.address, 0, 100)).toHaveLength(6)
    const anchors = await chain.rpc.call('eth_getLogs', [
      { address: known.deployment.identity.contracts.anchorRegistry, fromBlock: '0x0' },
    ])
    expect(anchors).toEqual([])
    await wrong.stop()
    rmSync(wrong.directory, { recursive: true, force: true })

    const back = await startSupervised({ directory, port })
    onTestFinished(() => back.stop())
    await issueTitles(issuer, 7, 3)
    await drain(issuer, { pollMs: 20 })
    expect(new Set(await states(running))).toEqual(new Set(['final']))
    expect(await firstFinding(issuer)).toBeUndefined()
  })
})
