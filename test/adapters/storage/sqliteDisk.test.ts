import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../../src/adapters/storage/openStore.ts'
import { issuer, plannedCopy } from '../../suites/samples.ts'
import { tempFolder } from '../../support/tempFolder.ts'

/** Why a small disk cannot be had here; undefined: it can. */
function whyNoMount(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may mount a small disk'
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    })
    return undefined
  } catch {
    return 'mounting is not permitted here'
  }
}

const reason = whyNoMount()
if (reason !== undefined) console.warn(`tests on a full disk skipped: ${reason}`)

/** A disk of 4 MB. */
function smallDisk(): string {
  const folder = tempFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]))
  return folder
}

const remount = (folder: string, options: string): void =>
  void execFileSync('mount', ['-o', `remount,${options}`, folder])

describe.skipIf(reason !== undefined)('on a disk of 4 MB', () => {
  test('K2: a full disk stops all acknowledging until the store is opened anew', async () => {
    const disk = smallDisk()
    const path = join(disk, 'store.db')
    const store = await openStore({ kind: 'sqlite', path })
    const known: number[] = []
    const large = 'x'.repeat(20_000)
    const fill = async (): Promise<void> => {
      for (;;) {
        const plan = plannedCopy(`${known.length}`, { signingInput: large })
        known.push(...(await store.certificates.plan([plan])))
      }
    }
    await expect(fill()).rejects.toMatchObject({ name: 'OutsideError', code: 'store/io' })
    remount(disk, 'size=64m')
    const small = store.lists.allocate(issuer, 1)
    await expect(small).rejects.toMatchObject({ code: 'store/io' })
    await store.close()
    const again = await openStore({ kind: 'sqlite', path })
    const ids = (await again.certificates.scan(issuer, 0, 10_000)).map(({ id }) => id)
    expect(ids).toEqual(known)
    expect(known.length).toBeGreaterThan(10)
    expect(await again.check()).toEqual([])
    await again.certificates.plan([plannedCopy('after')])
    await again.close()
  })

  test('K2: a disk that fills up before the last checkpoint is reported, and nothing is lost', async () => {
    const disk = smallDisk()
    const path = join(disk, 'store.db')
    const store = await openStore({ kind: 'sqlite', path })
    const known: number[] = []
    for (let i = 0; i < 10; i += 1) {
      const plan = plannedCopy(`${i}`, { signingInput: 'x'.repeat(20_000) })
      known.push(...(await store.certificates.plan([plan])))
    }
    const rest = join(disk, 'rest')
    expect(() => {
      for (let i = 0; ; i += 1) writeFileSync(`${rest}${i}`, new Uint8Array(65_536))
    }).toThrow('ENOSPC')
    await expect(store.close()).rejects.toMatchObject({ name: 'OutsideError', code: 'store/io' })
    remount(disk, 'size=64m')
    const again = await openStore({ kind: 'sqlite', path })
    const ids = (await again.certificates.scan(issuer, 0, 10_000)).map(({ id }) => id)
    expect(ids).toEqual(known)
    expect(await again.check()).toEqual([])
    await again.close()
  })

  test('K3: a disk that became read-only stops all acknowledging, and nothing is lost', async () => {
    const disk = smallDisk()
    const path = join(disk, 'store.db')
    const store = await openStore({ kind: 'sqlite', path })
    await store.certificates.plan([plannedCopy('a')])
    await store.close()
    remount(disk, 'ro')
    await expect(openStore({ kind: 'sqlite', path })).rejects.toMatchObject({ code: 'store/io' })
    remount(disk, 'rw')
    const again = await openStore({ kind: 'sqlite', path })
    expect(await again.certificates.byKeys(issuer, ['a'])).toHaveLength(1)
    await again.close()
  })
})
