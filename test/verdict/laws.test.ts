import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codes } from '../../src/errors.ts'
import { type Check, checkNames } from '../../src/verdict/model.ts'
import { readEvidence } from '../../src/verdict/readEvidence.ts'
import { outcomeOf, verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import { certificatePolicy, sample, stranger, titleType, verifierOf } from './sample.ts'

const outcome = fc.constantFrom('pass' as const, 'fail' as const, 'unknown' as const)
const check: fc.Arbitrary<Check> = fc.record({
  name: fc.constantFrom(...checkNames),
  outcome,
  code: fc.constantFrom(...codes),
})

/** The good value half of the time, else one of the odd ones. */
function mostly<T>(good: T, ...odd: T[]): fc.Arbitrary<T> {
  return fc.oneof(fc.constant(good), fc.constantFrom(...odd))
}

describe('laws of a verdict', () => {
  test('any fail is invalid, else any unknown is unknown, else valid', () => {
    fc.assert(
      fc.property(fc.array(check), (checks) => {
        const has = (one: string) => checks.some(({ outcome }) => outcome === one)
        const expected = has('fail') ? 'invalid' : has('unknown') ? 'unknown' : 'valid'
        expect(outcomeOf(checks)).toBe(expected)
      }),
    )
  })

  test('H13: whatever is missing or odd among the facts, every check is there, in order, and none passes by chance', async () => {
    const { world, anchored } = sample()
    const good = await gather(verifierOf(world), anchored())
    const [credential] = good.credentials as [(typeof good.credentials)[0]]
    const facts = credential.facts!
    const time = fc.constantFrom(undefined, new Date(0), world.now(), new Date(Number.NaN))
    const odd = fc.record({
      jwk: mostly(credential.jwk, undefined, stranger.jwk),
      department: mostly(credential.department, undefined, {
        ...credential.department!,
        removedAt: new Date(0),
      }),
      key: fc.oneof(
        { weight: 3, arbitrary: mostly(facts.key, undefined) },
        fc
          .record({ retiredAt: time, compromisedSince: time })
          .map((end) => ({ ...facts.key!, ...end })),
        fc
          .constantFrom('status' as const, 'request' as const)
          .map((purpose) => ({ ...facts.key!, purpose })),
      ),
      accreditations: mostly(facts.accreditations, [], [[]]),
      anchor: mostly(facts.anchor, undefined, {
        ...facts.anchor!,
        record: { ...facts.anchor!.record, time: new Date(Number.NaN) },
      }),
      absence: fc.constantFrom('searched' as const, 'behind' as const, 'no-proof' as const),
      status: mostly(facts.status, undefined, 'revoked', 'suspended', 'superseded'),
      hasFacts: mostly(true, false),
    })
    let valid = 0
    fc.assert(
      fc.property(odd, ({ jwk, department, hasFacts, ...change }) => {
        const own = hasFacts ? { ...facts, ...change } : undefined
        const credentials = [{ jwk, department, facts: own as typeof facts }]
        const verdict = verify(readEvidence({ ...good, credentials }), certificatePolicy(world))
        const [only] = verdict.credentials
        expect(only!.checks.map(({ name }) => name)).toEqual(checkNames)
        expect(only!.outcome).toBe(outcomeOf(only!.checks))
        const isGood =
          hasFacts &&
          jwk === credential.jwk &&
          department === credential.department &&
          change.key?.purpose === 'assertion' &&
          change.key.department === facts.key!.department &&
          isLaterOrNever(change.key.retiredAt) &&
          isLaterOrNever(change.key.compromisedSince) &&
          change.accreditations === facts.accreditations &&
          change.anchor === facts.anchor &&
          change.status === 'valid'
        expect(verdict.outcome === 'valid').toBe(isGood)
        valid += Number(isGood)
      }),
      { numRuns: 3_000, seed: 11 },
    )
    expect(valid).toBeGreaterThan(10)

    function isLaterOrNever(end: Date | undefined): boolean {
      return end === undefined || end > facts.anchor!.record.time
    }
  })

  test('verify changes nothing that it is given', async () => {
    const { world, anchored } = sample()
    const evidence = await gather(verifierOf(world), anchored())
    const policy = certificatePolicy(world)
    const before = structuredClone({ evidence, policy })
    verify(evidence, policy)
    expect({ evidence, policy }).toEqual(before)
  })

  test('every code of a verdict says one thing: pass, fail or unknown codes do not mix', async () => {
    const { world, anchored, issue } = sample()
    const outcomes = new Map<string, Set<string>>()
    const inputs = [
      anchored(),
      issue(),
      issue({ key: stranger }),
      anchored({ type: `${titleType}0` }),
    ]
    for (const input of inputs) {
      const verdict = verify(await gather(verifierOf(world), input), certificatePolicy(world))
      for (const { code, outcome } of verdict.credentials[0]!.checks) {
        outcomes.set(code, (outcomes.get(code) ?? new Set()).add(outcome))
      }
    }
    for (const [code, seen] of outcomes) expect(`${code} ${seen.size}`).toBe(`${code} 1`)
  })
})
