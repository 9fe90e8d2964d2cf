import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import hre from 'hardhat'

/** One contract as solc 0.8.37 made it; everything that the TypeScript side needs to deploy, call and prove. */
export type BuiltContract = {
  readonly abi: readonly unknown[]
  readonly bytecode: string
  readonly deployedBytecode: string
  /** Where constructor values stand in the deployed bytecode, in bytes. */
  readonly immutableReferences: readonly { readonly start: number; readonly length: number }[]
  /** solc's `storageLayout` without its AST numbers, which would differ from build to build. */
  readonly storageLayout: StorageLayout | null
}

/** solc's description of where state variables stand. */
export type StorageLayout = {
  readonly storage: readonly {
    label: string
    offset: number
    slot: string
    type: string
  }[]
  readonly types: Readonly<Record<string, unknown>>
}

/** The contracts of ours, in the order in which they build on each other. */
export const ownContracts = ['DepartmentRegistry', 'StatusRegistry', 'AnchorRegistry'] as const

const root = join(import.meta.dirname, '..')

/** The committed build, so that nothing needs compiling to run Weir. */
export const artifactPath = join(root, 'src/adapters/chain/contracts.json')

/** Removes solc's AST numbers from a storage layout; they depend on what else is compiled beside. */
export function withoutAstNumbers(layout: StorageLayout): StorageLayout {
  const text = JSON.stringify(layout, (name, value) =>
    name === 'astId' || name === 'contract' ? undefined : value,
  )
  return JSON.parse(
    text.replaceAll(/\)\d+_storage/g, ')_storage').replaceAll(/(t_contract\(\w+\))\d+/g, '$1'),
  )
}

/** Shapes one contract of solc's standard JSON output. */
export function shaped(output: SolcContract): BuiltContract {
  const { bytecode, deployedBytecode } = output.evm
  return {
    abi: output.abi,
    bytecode: `0x${bytecode.object}`,
    deployedBytecode: `0x${deployedBytecode.object}`,
    immutableReferences: Object.values(deployedBytecode.immutableReferences ?? {})
      .flat()
      .sort((a, b) => a.start - b.start),
    storageLayout: withoutAstNumbers(output.storageLayout),
  }
}

type SolcContract = {
  abi: unknown[]
  storageLayout: StorageLayout
  evm: {
    bytecode: { object: string }
    deployedBytecode: {
      object: string
      immutableReferences?: Record<string, { start: number; length: number }[]>
    }
  }
}

/** EthereumDIDRegistry as its package ships it. */
export async function shippedErc1056(): Promise<BuiltContract> {
  const entrance = createRequire(import.meta.url).resolve('ethr-did-registry')
  const path = '../../artifacts/contracts/EthereumDIDRegistry.sol/EthereumDIDRegistry.json'
  const { abi, bytecode, deployedBytecode } = JSON.parse(
    await readFile(join(entrance, path), 'utf8'),
  )
  return { abi, bytecode, deployedBytecode, immutableReferences: [], storageLayout: null }
}

/**
 * Builds our contracts with Hardhat and takes EthereumDIDRegistry as its package ships it.
 *
 * @returns the text of `src/adapters/chain/contracts.json`, the same for the same sources.
 */
export async function buildContracts(): Promise<string> {
  await hre.tasks.getTask('build').run({ force: true, quiet: true, noTests: true })
  const built: Record<string, BuiltContract> = {}
  for (const name of ownContracts) {
    const source = `contracts/${name}.sol`
    const id = await hre.artifacts.getBuildInfoId(`${source}:${name}`)
    const path = await hre.artifacts.getBuildInfoOutputPath(id!)
    const { output } = JSON.parse(await readFile(path!, 'utf8'))
    built[name] = shaped(output.contracts[`project/${source}`][name])
  }
  built.EthereumDIDRegistry = await shippedErc1056()
  return `${JSON.stringify(built, null, 1)}\n`
}

if (import.meta.main) {
  const text = await buildContracts()
  await writeFile(artifactPath, text)
  for (const [name, { deployedBytecode }] of Object.entries<BuiltContract>(JSON.parse(text))) {
    console.log(`${name}: ${(deployedBytecode.length - 2) / 2} bytes`)
  }
}
