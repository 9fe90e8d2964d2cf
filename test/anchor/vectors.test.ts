import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { pathOf } from '../../src/anchor/proof.ts'
import { arrange, leafHash, treeOf } from '../../src/anchor/tree.ts'
import { fingerprint } from '../../src/credential/fingerprint.ts'
import { fingerprintOf, leafAt } from './leaves.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const hasPython = spawnSync('python3', ['--version']).status === 0

test.skipIf(!hasPython)('B12: a second implementation in Python agrees on trees and proofs', () => {
  const lines = [1, 2, 15, 16, 17, 31, 100, 1000].flatMap((size) => {
    const fingerprints = Array.from({ length: size }, (_, n) => fingerprintOf(n, `b12/${size}`))
    const padding = Array.from({ length: 16 }, (_, n) => fingerprintOf(n, 'padding'))
    const leaves = arrange(fingerprints.map(leafHash), padding)
    const tree = treeOf(leaves)
    const root = hex(tree.levels.at(-1)!)
    const proofs = Array.from({ length: tree.size }, (_, index) => ({
      proof: {
        leaf: hex(leafAt(leaves, index)),
        index,
        size: tree.size,
        path: pathOf(tree, index).map(hex),
        root,
      },
    }))
    const all = { fingerprints: fingerprints.map(hex), padding: padding.map(hex) }
    return [{ tree: { ...all, leaves: hex(leaves), root } }, ...proofs]
  })
  const input = lines.map((line) => JSON.stringify(line)).join('\n')
  const answer = spawnSync('python3', ['test/vectors/check.py'], { input, encoding: 'utf8' })
  expect(answer.stderr).toBe('')
  expect(Number(answer.stdout)).toBe(lines.length)
  const wrong = input.replace(
    /"root":"./,
    (start) => `${start.slice(0, -1)}${start.endsWith('0') ? 1 : 0}`,
  )
  expect(spawnSync('python3', ['test/vectors/check.py'], { input: wrong }).status).toBe(1)
})

test.skipIf(!hasPython)('B12: it agrees on 100,000 fingerprints', () => {
  const input = Array.from({ length: 100_000 }, () => {
    const bytes = randomBytes(40)
    const [header, payload] = [bytes.subarray(0, 8 + (bytes[0]! % 8)), bytes.subarray(16)]
    const signingInput = `${header.toString('base64url')}.${payload.toString('base64url')}`
    const expected = hex(fingerprint(signingInput))
    return JSON.stringify({ fingerprint: { signingInput, expected } })
  }).join('\n')
  const answer = spawnSync('python3', ['test/vectors/check.py'], { input, encoding: 'utf8' })
  expect(answer.stderr).toBe('')
  expect(answer.stdout.trim()).toBe('100000')
})
