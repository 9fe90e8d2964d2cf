import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..', 'contracts')

/** What solc is told, by Hardhat and here alike. */
export const solcSettings = {
  // Besu and anvil 1.7.1 both run it.
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 10_000 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
}

/** The outputs that `contracts.ts` shapes a build of. */
export const solcOutputs = [
  'abi',
  'storageLayout',
  'evm.bytecode.object',
  'evm.deployedBytecode.object',
  'evm.deployedBytecode.immutableReferences',
]

/** Our contracts' sources by `contracts/<path>`, tests left out. */
export function contractSources(): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    names
      .filter((name) => name.endsWith('.sol') && !name.endsWith('.t.sol'))
      .toSorted()
      .map((name) => [`contracts/${name}`, readFileSync(join(folder, name), 'utf8')]),
  )
}

type SolcOutput = {
  // biome-ignore lint/suspicious/noExplicitAny: solc's own JSON, read by shape
  contracts: Record<string, Record<string, any>>
  sources: Record<string, { ast: unknown }>
  errors?: { severity: string; formattedMessage: string }[]
}

let compiler: { compile(input: string): string } | undefined

/**
 * Compiles with solc from npm inside this process.
 *
 * @param sources by path.
 * @param outputs names of solc's outputs, such as `abi`.
 * @param only path of the one source to compile, with what it imports; `*` for all, with their syntax trees.
 * @returns solc's output; with errors in it, no contracts.
 */
export function compile(
  sources: Record<string, string>,
  outputs: readonly string[],
  only = '*',
): SolcOutput {
  // Loading takes a second, so not before it is needed.
  compiler ??= createRequire(import.meta.url)('solc') as NonNullable<typeof compiler>
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      Object.entries(sources).map(([path, content]) => [path, { content }]),
    ),
    settings: {
      ...solcSettings,
      outputSelection: { [only]: { '*': outputs, ...(only === '*' && { '': ['ast'] }) } },
    },
  }
  return JSON.parse(compiler.compile(JSON.stringify(input)))
}
