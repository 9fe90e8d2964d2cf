import { type ParseArgsConfig, parseArgs } from 'node:util'

/**
 * The options of a script's command line. A wrong one ends the process with 64 and a line that says which
 * options there are.
 */
export function optionsOf<T extends NonNullable<ParseArgsConfig['options']>>(options: T) {
  try {
    return parseArgs({ options }).values
  } catch {
    const known = Object.keys(options).map((name) => `--${name}`)
    process.stderr.write(`Options: ${known.join(', ')}\n`)
    process.exit(64)
  }
}
