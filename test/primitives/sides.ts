import * as browser from '../../src/primitives/browser.ts'
import * as node from '../../src/primitives/node.ts'

/** Both sides of `#primitives`, for tests that hold for each. */
export const sides = [
  ['node', node],
  ['browser', browser],
] as const
