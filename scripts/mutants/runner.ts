import { isDeepStrictEqual } from 'node:util'

// Stands in for vitest where the contract tests run thousands of times in one process: the same
// sentences, in order, until the first one that fails.

type Body = () => unknown

let bodies: { name: string; body: Body }[] = []
let before: Body[] = []

export const describe = (_name: string, body: Body) => body()
export const beforeAll = (body: Body) => void before.push(body)
export const test = Object.assign((name: string, body: Body) => void bodies.push({ name, body }), {
  runIf: () => () => {},
  skipIf: () => () => {},
})

/** Runs what the imported test files declared; answers the name of the first that fails, if one does. */
export async function firstFailure(): Promise<string | undefined> {
  const [setups, tests] = [before, bodies]
  forget()
  try {
    for (const setup of setups) await setup()
  } catch {
    return 'its preparation'
  }
  for (const { name, body } of tests) {
    try {
      await body()
    } catch {
      return name
    }
  }
  return undefined
}

/** Drops what was declared and not run. */
export function forget(): void {
  bodies = []
  before = []
}

function must(holds: boolean): void {
  if (!holds) throw new Error('an expectation does not hold')
}

/** The expectations that the contract tests use; any other one throws, which would count as a failure. */
export function expect(actual: unknown) {
  const matchers = (isWanted: boolean) => {
    const check = (holds: boolean) => must(holds === isWanted)
    const holds = (part: unknown) =>
      typeof actual === 'string'
        ? actual.includes(part as string)
        : (actual as unknown[]).includes(part)
    return {
      toBe: (expected: unknown) => check(Object.is(actual, expected)),
      toEqual: (expected: unknown) => check(isDeepStrictEqual(actual, expected)),
      toContain: (part: unknown) => check(holds(part)),
      toMatch: (pattern: RegExp) => check(pattern.test(actual as string)),
      toHaveLength: (length: number) => check((actual as unknown[]).length === length),
      toBeGreaterThan: (other: number) => check((actual as number) > other),
      toBeLessThan: (other: number) => check((actual as number) < other),
    }
  }
  const rejects = {
    async toThrow(pattern?: RegExp) {
      const failure = await (actual as Promise<unknown>).then(
        () => undefined,
        (error) => String(error),
      )
      must(failure !== undefined && (pattern?.test(failure) ?? true))
    },
  }
  return { ...matchers(true), not: matchers(false), rejects }
}
