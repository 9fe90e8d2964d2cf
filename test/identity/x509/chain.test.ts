import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type CertificateChain, checkChain } from '../../../src/identity/x509/chain.ts'
import { build, goodPlan, type KeyRing, keyRing } from './chains.ts'
import { faults, variations } from './faults.ts'
import { hasOpenssl, opensslRefusal } from './openssl.ts'

let ring: KeyRing
beforeAll(async () => {
  ring = await keyRing()
})

async function refusalOf(chain: CertificateChain): Promise<unknown> {
  try {
    await checkChain(chain)
    return undefined
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  }
}

const plan = (intermediates: number) => goodPlan(ring, intermediates, ring.p256[2]!)

describe('a chain without a fault', () => {
  test.each([0, 1, 2])('is accepted, with %i intermediates', async (intermediates) => {
    const chain = await build(plan(intermediates), ring)
    expect(await refusalOf(chain)).toBeUndefined()
    expect(
      await refusalOf({ ...chain, intermediates: [...chain.intermediates].reverse() }),
    ).toBeUndefined()
    if (hasOpenssl) expect(opensslRefusal(chain)).toBeUndefined()
  })

  test.each(Object.keys(variations))('is accepted: %s', async (name) => {
    const varied = plan(1)
    variations[name]!(varied, ring)
    const chain = await build(varied, ring)
    if (hasOpenssl) expect(opensslRefusal(chain)).toBeUndefined()
    expect(await refusalOf(chain)).toBeUndefined()
  })

  test('F10: two authorities overlap: either root alone is enough', async () => {
    const first = await build(plan(1), ring)
    const second = await build(goodPlan(ring, 1, ring.stranger), ring)
    const both = {
      ...first,
      intermediates: [...first.intermediates, ...second.intermediates],
      roots: second.roots,
      crls: [...first.crls, ...second.crls],
    }
    // The intermediates share name and key, so the leaf has a path through each.
    expect(await refusalOf(both)).toBeUndefined()
    expect(await refusalOf({ ...both, roots: [] })).toBe('certificate/not-trusted')
  })
})

describe('F1, F2, F3: a chain with one fault is refused, and the code says which', () => {
  test.each(Object.entries(faults))('%s', async (_name, { code, spoil }) => {
    const spoilt = plan(1)
    spoil(spoilt, ring)
    expect(await refusalOf(await build(spoilt, ring))).toBe(code)
  })

  test('nothing at all is trusted without roots, lists or a time', async () => {
    const chain = await build(plan(1), ring)
    expect(await refusalOf({ ...chain, roots: [] })).toBe('certificate/not-trusted')
    expect(await refusalOf({ ...chain, crls: [] })).toBe('certificate/crl-missing')
    expect(await refusalOf({ ...chain, intermediates: [] })).toBe('certificate/not-trusted')
    expect(await refusalOf({ ...chain, at: new Date(Number.NaN) })).toBe('certificate/malformed')
    // A leaf does not become an authority by being trusted.
    expect(await refusalOf({ ...chain, roots: [chain.leaf] })).toBe('certificate/not-trusted')
    // An intermediate is no root.
    expect(await refusalOf({ ...chain, roots: chain.intermediates })).toBe(
      'certificate/not-trusted',
    )
  })

  test('F3: a list that does not parse counts as none', async () => {
    const chain = await build(plan(1), ring)
    const broken = chain.crls.map((der) => der.slice(0, -1))
    expect(await refusalOf({ ...chain, crls: broken })).toBe('certificate/crl-missing')
  })
})

describe.skipIf(!hasOpenssl)('F2: beside openssl (skipped where there is no openssl)', () => {
  test('of random chains, none is accepted here that openssl verify refuses', {
    timeout: 600_000,
  }, async () => {
    const count = Number(process.env.WEIR_CHAINS ?? 150)
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 }),
        fc.subarray(Object.keys(faults), { maxLength: 2 }),
        fc.subarray(Object.keys(variations), { maxLength: 3 }),
        async (intermediates, spoils, varied) => {
          const random = plan(intermediates)
          // Two constraints of one kind, or a change of what the other took away, make no chain at all.
          try {
            for (const one of varied) variations[one]!(random, ring)
            for (const one of spoils) faults[one]!.spoil(random, ring)
          } catch {
            return
          }
          const chain = await build(random, ring).catch(() => undefined)
          if (chain === undefined) return
          const refusal = await refusalOf(chain)
          if (refusal !== undefined) {
            expect(refusal).toMatch(/^certificate\//)
            return
          }
          accepted++
          expect(opensslRefusal(chain), `${varied} ${spoils}`).toBeUndefined()
        },
      ),
      { numRuns: count, seed: 20_261_122 },
    )
    expect(accepted).toBeGreaterThan(count / 20)
  })
})
