import { readFileSync, writeFileSync } from 'node:fs'
import hre from 'hardhat'
import { artifactPath, type BuiltContract, ownContracts, shaped } from '../contracts.ts'
import { compile, contractSources, solcOutputs, solcSettings } from '../solc.ts'
import { everyTest, runTests } from './load.ts'
import type { Mutant } from './make.ts'

// A process of `npm run mutants`: judges the mutants that its parent sends, one at a time.

/** What became of a mutant: `refused by solc`, `survived`, or `killed by <test file>`. */
export type Verdict = { readonly mutant: Mutant; readonly outcome: string }

type Build = Record<string, BuiltContract>
type Own = (typeof ownContracts)[number]

/** Which contracts a source is part of, and which tests tend to notice first. */
const about: Record<string, { partOf: readonly Own[]; likely: readonly string[] }> = {
  'contracts/Administration.sol': { partOf: ['DepartmentRegistry'], likely: ['administration'] },
  'contracts/DepartmentRegistry.sol': {
    partOf: ['DepartmentRegistry'],
    likely: ['accreditations', 'departments', 'keys'],
  },
  'contracts/StatusRegistry.sol': {
    partOf: ['StatusRegistry', 'AnchorRegistry'],
    likely: ['statuses'],
  },
  'contracts/AnchorRegistry.sol': { partOf: ['AnchorRegistry'], likely: ['anchors', 'statuses'] },
}

// Where the tests look for the build; the parent says it, since Hardhat's configuration asks too.
const buildPath = process.env.WEIR_CONTRACTS!
// Six times quicker to compile, and every `if` is still there.
solcSettings.optimizer.enabled = false
const sources = contractSources()

/** `base` with these contracts built of these sources, or undefined if solc refuses them. */
function build(base: Build, names: readonly Own[], changed: Record<string, string>) {
  const all = { ...base }
  for (const name of names) {
    const path = `contracts/${name}.sol`
    const output = compile(changed, solcOutputs, path)
    if (output.errors?.some((one) => one.severity === 'error')) return undefined
    all[name] = shaped(output.contracts[path]![name])
  }
  return all
}

// Networks that a mutant's tests leave open.
const open: { close(): Promise<void> }[] = []
const create = hre.network.create.bind(hre.network)
hre.network.create = (async (...args: Parameters<typeof create>) => {
  const connection = await create(...args)
  open.push(connection)
  return connection
}) as typeof create

/** The first test that fails for this build. */
async function killer(contracts: Build, first: readonly string[]) {
  writeFileSync(buildPath, JSON.stringify(contracts))
  const failed = await runTests([...first, ...everyTest.filter((name) => !first.includes(name))])
  for (const connection of open.splice(0)) await connection.close().catch(() => {})
  return failed
}

if (import.meta.main) {
  const base = build(JSON.parse(readFileSync(artifactPath, 'utf8')), ownContracts, sources)!
  const failed = await killer(base, [])
  if (failed) throw new Error(`without a mutant fails ${failed.name}: ${failed.failure}`)
  process.on('message', async (mutant: Mutant) => {
    const text = sources[mutant.path]!
    const mutated = text.slice(0, mutant.start) + mutant.after + text.slice(mutant.end)
    const { partOf, likely } = about[mutant.path]!
    const contracts = build(base, partOf, { ...sources, [mutant.path]: mutated })
    const by = contracts && (await killer(contracts, likely))
    const outcome = !contracts ? 'refused by solc' : by ? `killed by ${by.name}` : 'survived'
    process.send!({ mutant, outcome } satisfies Verdict)
  })
  process.on('disconnect', () => process.exit(0))
  process.send!('ready')
}
