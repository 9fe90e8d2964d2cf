import { readFileSync, writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import hre from 'hardhat'
import { artifactPath, type BuiltContract, ownContracts, shaped } from '../contracts.ts'
import { compile, contractSources, solcSettings } from '../solc.ts'
import type { Mutant } from './make.ts'
import { firstFailure, forget } from './runner.ts'

// A process of `npm run mutants`: judges the mutants that its parent sends, one at a time.

/** What became of a mutant: `refused by solc`, `survived`, or `killed by <test file>`. */
export type Verdict = { readonly mutant: Mutant; readonly outcome: string }

/** The tests of the contracts, quickest first. */
export const everyTest = [
  'administration',
  'statuses',
  'anchors',
  'accreditations',
  'departments',
  'keys',
  'roles',
  'erc1056',
  'invariants',
] as const

/** Which tests tend to notice first; the others follow. */
const likely: Record<string, readonly string[]> = {
  'contracts/AnchorRegistry.sol': ['anchors', 'statuses'],
  'contracts/DepartmentRegistry.sol': ['accreditations', 'departments', 'keys'],
}

const root = join(import.meta.dirname, '../..')
// Where the tests look for the build; the parent says it, since Hardhat's configuration asks too.
const buildPath = process.env.WEIR_CONTRACTS!

// Six times quicker to compile, and every `if` is still there.
solcSettings.optimizer.enabled = false
const sources = contractSources()
const outputs = [
  'abi',
  'storageLayout',
  'evm.bytecode.object',
  'evm.deployedBytecode.object',
  'evm.deployedBytecode.immutableReferences',
]

/** Which contracts a source is part of. */
const partOf: Record<string, readonly (typeof ownContracts)[number][]> = {
  'contracts/Administration.sol': ['DepartmentRegistry'],
  'contracts/DepartmentRegistry.sol': ['DepartmentRegistry'],
  'contracts/StatusRegistry.sol': ['StatusRegistry', 'AnchorRegistry'],
  'contracts/AnchorRegistry.sol': ['AnchorRegistry'],
}

/** `base` with these contracts built of these sources, or undefined if solc refuses them. */
function build(
  base: Record<string, BuiltContract>,
  names: readonly (typeof ownContracts)[number][],
  changed: Record<string, string>,
): Record<string, BuiltContract> | undefined {
  const all = { ...base }
  for (const name of names) {
    const path = `contracts/${name}.sol`
    const output = compile(changed, outputs, path)
    if (output.errors?.some((one) => one.severity === 'error')) return undefined
    all[name] = shaped(output.contracts[path]![name])
  }
  return all
}

// Every mutant gets its own copies of the test files, which speak to our runner in place of vitest.
let round = 0
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'vitest')
      return next('./runner.ts', { ...context, parentURL: import.meta.url })
    const found = next(specifier, context)
    const isTest = found.url.includes('/test/contracts/')
    return isTest ? { ...found, url: `${found.url.split('?')[0]}?${round}` } : found
  },
})

// Networks that a mutant's tests leave open.
const open: { close(): Promise<void> }[] = []
const create = hre.network.create.bind(hre.network)
hre.network.create = (async (...args: Parameters<typeof create>) => {
  const connection = await create(...args)
  open.push(connection)
  return connection
}) as typeof create

/** The first test file that fails for this build. */
async function killer(contracts: Record<string, BuiltContract>, path: string) {
  writeFileSync(buildPath, JSON.stringify(contracts))
  round++
  const first = likely[path] ?? []
  const order = [...first, ...everyTest.filter((name) => !first.includes(name))]
  for (const name of order) {
    forget()
    const failure = await import(join(root, `test/contracts/${name}.test.ts`)).then(
      () => firstFailure(),
      (error) => `its preparation: ${error}`,
    )
    if (failure) return { name, failure }
  }
  return undefined
}

if (import.meta.main) {
  const base = build(JSON.parse(readFileSync(artifactPath, 'utf8')), ownContracts, sources)!
  const unchanged = await killer(base, '')
  if (unchanged) throw new Error(`without a mutant fails ${unchanged.name}: ${unchanged.failure}`)
  let judged = 0
  process.on('message', async (mutant: Mutant) => {
    const text = sources[mutant.path]!
    const mutated = text.slice(0, mutant.start) + mutant.after + text.slice(mutant.end)
    const contracts = build(base, partOf[mutant.path]!, { ...sources, [mutant.path]: mutated })
    const by = contracts && (await killer(contracts, mutant.path))
    const outcome = !contracts ? 'refused by solc' : by ? `killed by ${by.name}` : 'survived'
    for (const connection of open.splice(0)) await connection.close().catch(() => {})
    process.send!({ mutant, outcome })
    // Copies of modules are never given back; a fresh process is.
    if (++judged === 100) process.disconnect()
  })
  process.on('disconnect', () => process.exit(0))
  process.send!('ready')
}
