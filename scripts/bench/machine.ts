import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  generateKeyPair,
  importPrivateKey,
  importPublicKey,
  sha256,
  sign,
  verifySignature,
} from '#primitives'
import { arrange, leafHash, treeOf } from '../../src/anchor/tree.ts'
import { type Figure, timed } from './measure.ts'

/** What one core and the disk can do at all, so that the other figures can be judged. */
export async function measureMachine(): Promise<Figure[]> {
  const text = 'x'.repeat(1300)
  const { privateJwk, publicJwk } = generateKeyPair()
  const privateKey = importPrivateKey(privateJwk)
  const publicKey = importPublicKey(publicJwk)
  const signature = sign(privateKey, text)
  const repeat = (count: number, work: () => unknown) => () => {
    for (let at = 0; at < count; at += 1) work()
  }
  const file = join(tmpdir(), `weir-fsync-${process.pid}`)
  const handle = openSync(file, 'w')
  const page = Buffer.alloc(4096)
  const figures = [
    await timed(
      'SHA-256 of 1.3 kB',
      200_000,
      repeat(200_000, () => sha256(text)),
    ),
    await timed(
      'P-256 signature',
      20_000,
      repeat(20_000, () => sign(privateKey, text)),
    ),
    await timed(
      'P-256 verification',
      10_000,
      repeat(10_000, () => verifySignature(publicKey, text, signature)),
    ),
    await timed(
      '4 kB write and fsync',
      300,
      repeat(300, () => {
        writeSync(handle, page)
        fsyncSync(handle)
      }),
    ),
  ]
  closeSync(handle)
  rmSync(file)
  return figures
}

/** Leaves hashed, sorted and built into trees. */
export async function measureTrees(sizes: readonly number[]): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const size of sizes) {
    const fingerprints = Array.from({ length: size }, (_, at) => sha256(String(at)))
    figures.push(
      await timed('tree', size, () =>
        treeOf(
          arrange(
            fingerprints.map((one) => leafHash(one)),
            padding,
          ),
        ),
      ),
    )
  }
  return figures
}

const padding = Array.from({ length: 16 }, (_, at) => sha256(`padding ${at}`))
