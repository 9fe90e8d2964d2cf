import type { Random } from '../samples/random.ts'
import type { Copy, Key, Tools } from './model.ts'

/** True `percent` times of a hundred. */
export function chance(r: Random, percent: number): boolean {
  return r.below(100) < percent
}

/** A whole number from `low` to `high`, both included. */
export function between(r: Random, low: number, high: number): number {
  return low + r.below(high - low + 1)
}

/** Some of the items, in their order. */
export function some<T>(r: Random, items: readonly T[]): T[] {
  return items.filter(() => r.below(2) === 0)
}

/** The items in another order. */
export function shuffled<T>(r: Random, items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(r.below(left.length), 1)[0] as T)
}

/** An item other than this one; undefined if there is none. */
export function other<T>(r: Random, items: readonly T[], than: T): T | undefined {
  const rest = items.filter((item) => item !== than)
  return rest.length === 0 ? undefined : r.pick(rest)
}

/** A good certificate that fits. */
export function good(
  { world, r }: Tools,
  fits: (copy: Copy) => boolean = () => true,
): Copy | undefined {
  const found = world.copies.filter((copy) => copy.fault === undefined && fits(copy))
  return found.length === 0 ? undefined : r.pick(found)
}

/** A certificate that fits, a good one mostly: whatever is made of a bad one must be refused too. */
export function mostlyGood(tools: Tools, fits?: (copy: Copy) => boolean): Copy | undefined {
  const { world, r } = tools
  const bad = world.copies.filter((copy) => copy.fault !== undefined && (fits?.(copy) ?? true))
  return bad.length > 0 && chance(r, 12) ? r.pick(bad) : good(tools, fits)
}

/** The key that signed. */
export function keyOf({ world }: Tools, copy: Copy): Key {
  return world.departments[copy.department]!.keys[copy.key]
}

/**
 * A key whose signature over this certificate's very bytes must not count: another department's, a key for
 * statuses, one retired or compromised before the batch, a holder's, a stranger's. Not another key of the
 * department that counted then: the chain names the signing input and not the signature, so that
 * would be the same certificate.
 */
export function wrongKey({ world, r }: Tools, copy: Copy): { key: Key; name: string } {
  const own = world.departments[copy.department]!
  const others = world.departments.filter((one) => one !== own)
  const stolen = copy.isLate && copy.format !== 'dc+sd-jwt' ? (['old', 'leaked'] as const) : []
  const choices: { key: Key; name: string }[] = [
    { key: r.pick(others).keys.main, name: 'other-department' },
    { key: r.pick(others).keys.certified, name: 'other-department-certified' },
    { key: own.keys.status, name: 'status-purpose' },
    { key: r.pick(world.holders), name: 'holder' },
    { key: world.stranger, name: 'stranger' },
    ...stolen.map((name) => ({ key: own.keys[name], name })),
  ]
  return r.pick(choices)
}
