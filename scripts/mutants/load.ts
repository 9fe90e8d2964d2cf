import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { firstFailure, forget } from './runner.ts'

// Lets one process run the contract tests again and again: each round gets its own copies of the
// test files, which speak to our runner in place of vitest.

/** The tests of the contracts, quickest first. */
export const everyTest: readonly string[] = [
  'administration',
  'statuses',
  'anchors',
  'accreditations',
  'departments',
  'keys',
  'roles',
  'erc1056',
  'invariants',
]

const folder = join(import.meta.dirname, '../../test/contracts')
let round = 0

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'vitest') {
      return next('./runner.ts', { ...context, parentURL: import.meta.url })
    }
    const found = next(specifier, context)
    if (!found.url.includes('/test/contracts/')) return found
    return { ...found, url: `${found.url.split('?')[0]}?${round}` }
  },
})

/**
 * Runs test files in this order, anew.
 *
 * @param names of files in `test/contracts`, without `.test.ts`.
 * @returns the first file and test that fail, if any do.
 */
export async function runTests(
  names: readonly string[],
): Promise<{ name: string; failure: string } | undefined> {
  round++
  for (const name of names) {
    forget()
    const failure = await import(join(folder, `${name}.test.ts`)).then(
      () => firstFailure(),
      (error) => `its preparation: ${error}`,
    )
    if (failure) return { name, failure }
  }
  return undefined
}
