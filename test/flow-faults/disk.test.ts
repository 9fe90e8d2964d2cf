import { execFileSync } from 'node:child_process'
import { describe, expect, onTestFinished, test } from 'vitest'
import { anvilBinary } from '../../src/adapters/chain/anvil.ts'
import { drain } from '../../src/issuer/drain.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import { issue } from '../../src/issuer/issue.ts'
import { startSupervised } from '../support/chain.ts'
import { titleRequest } from '../support/issuer.ts'
import { tempFolder } from '../support/tempFolder.ts'
import { contractsOn, issueTitles, register, start } from './department.ts'

/** Why a small disk cannot be had here; undefined: it can. */
function whyNot(): string | undefined {
  if (anvilBinary() === undefined) return 'no anvil for this platform'
  if (process.getuid?.() !== 0) return 'only root may mount a small disk'
  try {
    const mount = ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']
    execFileSync('unshare', mount, { stdio: 'ignore' })
    return undefined
  } catch {
    return 'mounting is not permitted here'
  }
}

const reason = whyNot()
if (reason !== undefined) console.warn(`the department on a full disk is skipped: ${reason}`)

describe.skipIf(reason !== undefined)('a department whose disk is full', () => {
  test('K2: acknowledges and anchors nothing more, and with room again it has all it acknowledged', async () => {
    const node = await startSupervised()
    onTestFinished(() => node.stop())
    const disk = tempFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
    onTestFinished(() => void execFileSync('umount', ['--lazy', disk]))
    const known = await register(await contractsOn(node.url), disk)
    const full = await start(known, node.url)
    const acknowledged = new Map<string, string>()
    const fill = async () => {
      const rows = Array.from({ length: 5_000 }, (_, at) => titleRequest(at + 1))
      for await (const answer of issue(full.issuer, rows, { chunk: 20 })) {
        if ('error' in answer) throw answer.error
        acknowledged.set(answer.idempotencyKey, answer.credentials[0]!.token)
      }
    }
    const failed = { name: 'OutsideError', code: 'store/io' }
    await expect(fill()).rejects.toMatchObject(failed)
    expect(acknowledged.size).toBeGreaterThan(100)
    execFileSync('mount', ['-o', 'remount,size=64m', disk])
    await expect(issueTitles(full.issuer, 6_000, 1)).rejects.toMatchObject(failed)
    await expect(drain(full.issuer)).rejects.toMatchObject(failed)
    await full.close()

    const again = await start(known, node.url)
    onTestFinished(() => again.close())
    const issued = await issueTitles(again.issuer, 1, acknowledged.size)
    expect(issued.map((one) => [one.idempotencyKey, one.token])).toEqual([...acknowledged])
    await drain(again.issuer, { pollMs: 20 })
    expect(await again.store.check()).toEqual([])
    expect(await firstFinding(again.issuer)).toBeUndefined()
  })
})
