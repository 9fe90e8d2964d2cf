import fc from 'fast-check'
import { expect, test } from 'vitest'
import { verify } from '../../src/verdict/verify.ts'
import { gatherAt } from '../../src/verifier/gather.ts'
import { certificatePolicy, department, findings, make, titleType, verifierOf } from './sample.ts'
import { fingerprintOfToken, newKey, newWorld, type SampleKey } from './world.ts'

/** HISTORIES=5000 runs the long form. */
const runs = Number(process.env.HISTORIES ?? 500)

/** Made once: what matters is when a key counts, not which it is. */
const keys = [newKey(), newKey(), newKey()]

type Step =
  | { do: 'add' | 'retire'; key: number }
  | { do: 'compromise'; key: number; ago: number }
  | { do: 'recover' | 'anchor' | 'withdraw' | 'accredit'; key?: undefined }
  | { do: 'issue'; key: number; backdate: number }
  | { do: 'pass'; seconds: number }

const key = fc.nat(keys.length - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retire' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('compromise' as const), key, ago: fc.nat(300) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('recover', 'withdraw', 'accredit') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('anchor' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('issue' as const), key, backdate: fc.nat(120) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.nat(100) }) },
) as fc.Arbitrary<Step>

/** What the reference remembers: only moments, in seconds. */
type Window = { from: number; to?: number; stolen?: number; recovered?: number }

/**
 * The rule in its own words: a credential counts if, when it was anchored, its key had been added
 * before, and no end of key or accreditation lay at or before that moment.
 */
function counts(
  anchored: number | undefined,
  window: Window | undefined,
  grants: readonly Window[],
): boolean {
  if (anchored === undefined || window === undefined || !(window.from < anchored)) return false
  const ended = (at?: number) => at !== undefined && at <= anchored
  if (ended(window.to) || ended(window.stolen) || ended(window.recovered)) return false
  return grants.some((grant) => grant.from <= anchored && !ended(grant.to))
}

test(`C1, C2, C3, C7, F5: ${runs} random histories of keys and accreditations, judged as the rule says`, async () => {
  let good = 0
  let judged = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const world = newWorld()
      const did = world.register(department)
      const windows = new Map<SampleKey, Window>()
      const grants: Window[] = []
      const waiting: { token: string; key: SampleKey }[] = []
      const issued: { token: string; key: SampleKey; anchored?: number }[] = []
      const now = () => world.now().getTime() / 1000
      let index = 0
      const accredit = () => {
        grants.push({ from: now() })
        world.accredit(department, titleType)
      }
      accredit()
      world.addKey(department, keys[0]!)
      windows.set(keys[0]!, { from: now() })
      for (const one of steps) {
        if (one.do === 'pass') world.pass(one.seconds)
        else if (one.do === 'accredit') accredit()
        else if (one.do === 'withdraw') {
          const at = grants.findIndex(({ to }) => to === undefined)
          if (at < 0) continue
          grants[at]!.to = now()
          world.withdraw(department, titleType, at)
        } else if (one.do === 'recover') {
          for (const window of windows.values()) window.recovered ??= now()
          world.recover(department)
        } else if (one.do === 'anchor') {
          if (waiting.length === 0) continue
          world.anchor(
            department,
            waiting.map(({ token }) => fingerprintOfToken(token)),
          )
          for (const { token, key } of waiting.splice(0))
            issued.push({ token, key, anchored: now() })
        } else {
          const chosen = keys[one.key ?? 0]!
          const window = windows.get(chosen)
          if (one.do === 'issue') {
            const issuedAt = new Date((now() - one.backdate) * 1000)
            index += 1
            waiting.push({ token: make({ did, key: chosen, issuedAt, index }), key: chosen })
          } else if (one.do === 'add' && window === undefined) {
            windows.set(chosen, { from: now() })
            world.addKey(department, chosen)
          } else if (one.do === 'retire' && window !== undefined && window.to === undefined) {
            window.to = now()
            world.retire(chosen)
          } else if (one.do === 'compromise' && window !== undefined) {
            const since = now() - one.ago
            if (window.stolen !== undefined && since >= window.stolen) continue
            window.stolen = since
            world.compromise(chosen, new Date(since * 1000))
          }
        }
      }
      world.pass(3_000)
      // Every key is shown, registered or not: whoever signs with a stranger's key shows it too.
      const verifier = verifierOf(world, { keysOf: async () => keys.map(({ jwk }) => jwk) })
      const view = world.view()
      for (const { token, key, anchored } of [
        ...issued,
        ...waiting.map((w) => ({ ...w, anchored: undefined })),
      ]) {
        const verdict = verify(await gatherAt(verifier, view, token), certificatePolicy(world))
        const expected = counts(anchored, windows.get(key), grants)
        expect(verdict.outcome === 'valid', findings(verdict).join()).toBe(expected)
        if (windows.has(key)) expect(verdict.outcome).not.toBe('unknown')
        judged += 1
        if (expected) good += 1
      }
    }),
    { numRuns: runs, seed: 20261122 },
  )
  expect(good).toBeGreaterThan(runs / 10)
  expect(judged - good).toBeGreaterThan(runs / 10)
}, 600_000)
