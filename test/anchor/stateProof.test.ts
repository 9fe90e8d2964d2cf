import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StateProof } from '../../src/anchor/model.ts'
import { readHeader, readStateProof } from '../../src/anchor/stateProof.ts'
import { codeOf } from './leaves.ts'
import { codeHashIn, proveWorld } from './world.ts'

const recorded = JSON.parse(readFileSync('test/vectors/state-proof.json', 'utf8')) as {
  block: { hash: string; number: number; seconds: number }
  codeHash: string
  proof: StateProof
}
const { proof } = recorded
const [first, second] = proof.accounts as [StateProof['accounts'][0], StateProof['accounts'][0]]
const slot = (n: number) => `0x${n.toString(16).padStart(64, '0')}`

describe('storage proven under a block header', () => {
  test('what a node answered is read as the node holds it, present and absent', () => {
    const state = readStateProof(proof)
    expect(state.block.hash).toBe(recorded.block.hash)
    expect(state.block.number).toBe(recorded.block.number)
    expect(state.block.time).toEqual(new Date(recorded.block.seconds * 1000))
    expect(state.codeHash(first.address)).toBe(recorded.codeHash)
    for (const n of [0, 1, 2, 15, 16, 299]) {
      expect(state.word(first.address, slot(n))).toBe(BigInt(n) * 0x123456789abcdef01n + 1n)
    }
    expect(state.word(first.address, slot(300))).toBe(0n)
    expect(state.word(first.address, slot(5000))).toBe(0n)
    expect(state.word(second.address, slot(0))).toBe(0n)
  })

  test('a slot or an account that the file says nothing about is not zero but missing', () => {
    const state = readStateProof(proof)
    expect(codeOf(() => state.word(first.address, slot(3)))).toBe('evidence/missing-proof')
    expect(codeOf(() => state.word(slot(1).slice(0, 42), slot(0)))).toBe('evidence/missing-proof')
    expect(codeOf(() => state.codeHash(slot(1).slice(0, 42)))).toBe('evidence/missing-proof')
  })

  test('an absence proof does not pass for another slot, nor a presence proof for another', () => {
    for (const [from, to] of [
      [6, 0],
      [0, 6],
      [1, 2],
      [6, 7],
    ] as const) {
      const storage = first.storage.with(to, {
        slot: first.storage[to]!.slot,
        proof: first.storage[from]!.proof,
      })
      const changed = { ...proof, accounts: [{ ...first, storage }, second] }
      const code = codeOf(() => {
        const word = readStateProof(changed).word(first.address, storage[to]!.slot)
        // A path that ends in the same branch may prove both absent: that is true.
        expect(word).toBe(readStateProof(proof).word(first.address, storage[to]!.slot))
      })
      expect(['evidence/bad-proof', 'none']).toContain(code)
    }
    const emptied = { ...proof, accounts: [{ ...first, storage: [{ slot: slot(1), proof: [] }] }] }
    expect(codeOf(() => readStateProof(emptied))).toBe('evidence/bad-proof')
    const blank = {
      ...proof,
      accounts: [{ ...first, storage: [{ slot: slot(1), proof: ['0x80'] }] }],
    }
    expect(codeOf(() => readStateProof(blank))).toBe('evidence/bad-proof')
  })

  test('nodes left over, missing, or of another order are refused', () => {
    const nodes = first.storage[1]!.proof
    const with_ = (changed: readonly string[]) => ({
      ...proof,
      accounts: [{ ...first, storage: [{ slot: slot(1), proof: changed }] }],
    })
    const codeFor = (changed: readonly string[]) => codeOf(() => readStateProof(with_(changed)))
    expect(codeFor(nodes)).toBe('none')
    expect(codeFor([...nodes, nodes.at(-1)!])).toBe('evidence/bad-proof')
    expect(codeFor(nodes.slice(0, -1))).toBe('evidence/bad-proof')
    expect(codeFor(nodes.slice(1))).toBe('evidence/bad-proof')
    expect(codeFor(nodes.toReversed())).toBe('evidence/bad-proof')
    expect(codeFor(nodes.map((node) => node.slice(2)))).toBe('evidence/bad-proof')
  })

  test('D13: no changed byte of a proof is accepted under the same header', () => {
    const text = JSON.stringify(proof.accounts)
    const digits = [...text.matchAll(/0x[0-9a-f]*/g)].flatMap(({ index, 0: hex }) =>
      Array.from({ length: hex.length - 2 }, (_, n) => index + 2 + n),
    )
    const before = readStateProof(proof)
    fc.assert(
      fc.property(fc.nat(digits.length - 1), fc.integer({ min: 1, max: 15 }), (spot, by) => {
        const at = digits[spot]!
        const digit = (Number.parseInt(text[at]!, 16) ^ by).toString(16)
        const accounts = JSON.parse(`${text.slice(0, at)}${digit}${text.slice(at + 1)}`)
        let after: ReturnType<typeof readStateProof>
        try {
          after = readStateProof({ header: proof.header, accounts })
        } catch (error) {
          expect((error as { code: string }).code).toBe('evidence/bad-proof')
          return
        }
        // A changed slot or address may be proven absent by the same nodes; never another value.
        for (const account of accounts as StateProof['accounts']) {
          for (const { slot } of account.storage) {
            const word = after.word(account.address, slot)
            expect(word === 0n || word === before.word(account.address, slot)).toBe(true)
          }
        }
      }),
      { numRuns: 2_000, seed: 7 },
    )
  })

  test('a changed header has another hash; a malformed one is refused', () => {
    const changed = `${proof.header.slice(0, -2)}00`
    expect(readHeader(changed).hash).not.toBe(recorded.block.hash)
    for (const header of [
      '',
      '0x',
      '0xc0',
      '0x80',
      `${proof.header}00`,
      proof.header.slice(0, -2),
    ]) {
      expect(
        codeOf(() => readHeader(header)),
        header.slice(0, 9),
      ).toBe('evidence/bad-proof')
    }
  })

  test('worlds of many shapes are proven slot by slot', () => {
    const words = fc.dictionary(
      fc.nat(400).map((n) => slot(n)),
      fc.bigInt(1n, 2n ** 256n - 1n),
      { minKeys: 0, maxKeys: 60 },
    )
    const contract = `0x${'c0'.repeat(20)}`
    fc.assert(
      fc.property(words, words, (own, other) => {
        const world = new Map([
          [contract, new Map(Object.entries(own))],
          [`0x${'c1'.repeat(20)}`, new Map(Object.entries(other))],
        ])
        const asked = Array.from({ length: 30 }, (_, n) => ({
          address: contract,
          slot: slot(n * 13),
        }))
        const proven = readStateProof(proveWorld(world, asked, { number: 9, seconds: 100 }))
        for (const { slot } of asked) expect(proven.word(contract, slot)).toBe(own[slot] ?? 0n)
        expect(proven.codeHash(contract)).toBe(codeHashIn(contract))
      }),
      { numRuns: 100, seed: 3 },
    )
  })
})
