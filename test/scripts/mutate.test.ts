import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { sampleKey, signed, twin } from '../../scripts/mutate/keys.ts'
import { saysTheSame } from '../../scripts/mutate/meaning.ts'
import { importPublicKey, verifySignature } from '../../src/primitives/node.ts'

const script = new URL('../../scripts/mutate.ts', import.meta.url).pathname

describe('mutated certificates, proofs and evidence', () => {
  test('none of a few hundred is accepted, and no good one is refused', async () => {
    const args = [script, '--count', '400', '--valid', '100', '--seed', '3', '--threads', '1']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const report = JSON.parse(stdout.trim().split('\n').at(-1)!)
    expect(report.mutants).toMatchObject({ count: 400, accepted: 0 })
    expect(report.valid).toMatchObject({ count: 100, refused: 0 })
    expect(Object.keys(report.mutants.kinds).length).toBeGreaterThan(25)
  }, 180_000)

  test('a wrong count is a usage error', async () => {
    const run = promisify(execFile)(process.execPath, [script, '--count', 'many'])
    await expect(run).rejects.toMatchObject({ code: 64 })
  })

  test('a file that is only spelled otherwise is no mutant, one with another digit is', () => {
    const hash = 'AB'.repeat(32)
    const file = (path: string) =>
      JSON.stringify({ proof: { index: 1, path: [path] }, credential: 'a' })
    const spaced = JSON.stringify(
      { credential: 'a', proof: { path: [hash.toLowerCase()], index: 1 } },
      null,
      2,
    )
    const base64url = Buffer.from(hash, 'hex').toString('base64url')
    expect(saysTheSame(file(hash), spaced)).toBe(true)
    expect(saysTheSame(file(hash), file(base64url))).toBe(true)
    expect(saysTheSame(file(hash), file(hash.replace('A', 'C')))).toBe(false)
    expect(saysTheSame(file(hash), `${file(hash)},`)).toBe(false)
  })

  test('another slot in place of slot zero is no mutant, in place of any other it is', () => {
    const [zero, one, two] = [0, 1, 2].map((n) => `0x${String(n).padStart(64, '0')}`)
    const file = (...slots: unknown[]) =>
      JSON.stringify({
        proof: { accounts: [{ storage: slots.map((slot) => ({ slot, proof: [] })) }] },
      })
    expect(saysTheSame(file(zero, one), file(two, one))).toBe(true)
    expect(saysTheSame(file(zero, one), file(zero, two))).toBe(false)
    expect(saysTheSame(file(zero, one), file(zero))).toBe(false)
  })

  test('A8: the other spelling of a signature is another one that holds', () => {
    const key = sampleKey('test', 'key')
    const signature = signed(key, 'text')
    const other = twin(signature)
    expect(other).not.toEqual(signature)
    expect(verifySignature(importPublicKey(key.jwk), 'text', other)).toBe(true)
    expect(verifySignature(importPublicKey(key.jwk), 'texT', other)).toBe(false)
  })
})
