import { readFile } from 'node:fs/promises'
import hre from 'hardhat'
import { expect, test } from 'vitest'
import { artifactPath, ownContracts, shaped, shippedErc1056 } from '../../scripts/contracts.ts'
import { compile, contractSources, solcOutputs } from '../../scripts/solc.ts'
import { built, isInstrumented } from './chain.ts'

const isCommitted = process.env.WEIR_CONTRACTS === undefined

test.runIf(isCommitted)(
  'E12: the committed build is what the pinned compiler makes of the sources',
  async () => {
    const output = compile(contractSources(), solcOutputs)
    const made = Object.fromEntries(
      ownContracts.map((name) => [name, shaped(output.contracts[`contracts/${name}.sol`]![name])]),
    )
    const { EthereumDIDRegistry, ...committed } = JSON.parse(await readFile(artifactPath, 'utf8'))
    expect(made).toEqual(committed)
    expect(EthereumDIDRegistry).toEqual(await shippedErc1056())
  },
  240_000,
)

test.runIf(isCommitted)(
  'D2, E7, E8, E9: the Solidity tests fuzz every word and drive every anchor',
  async () => {
    const result = await hre.tasks.getTask(['test', 'solidity']).run({})
    expect(result).toMatchObject({ success: true })
  },
  240_000,
)

test.skipIf(isInstrumented)('every contract fits into 24,576 bytes, the limit of EIP-170', () => {
  for (const { deployedBytecode } of Object.values(built)) {
    expect(deployedBytecode.length / 2 - 1).toBeLessThanOrEqual(24_576)
  }
})

test('what proofs rest on stands where the layout says', () => {
  const slots = (name: string) =>
    Object.fromEntries(built[name]!.storageLayout!.storage.map((one) => [one.label, one.slot]))
  expect(slots('StatusRegistry')).toEqual({ _words: '0' })
  expect(slots('AnchorRegistry')).toEqual({ _words: '0' })
  expect(slots('DepartmentRegistry')).toMatchObject({
    _departments: '7',
    _keys: '8',
    _recoveredAt: '10',
    _accreditations: '12',
  })
  expect(JSON.stringify(built)).not.toMatch(/astId|\)\d+_storage/)
})

type Node = { nodeType?: string; [member: string]: unknown }

/** Every node of a syntax tree. */
function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodes(one)
  else if (value !== null && typeof value === 'object') {
    const node = value as Node
    if (node.nodeType) yield node
    for (const one of Object.values(node)) yield* nodes(one)
  }
}

/** What the linter counts in sources: low-level and foreign calls and what must never be there. */
function findings(sources: Record<string, string>): string[] {
  const found: string[] = []
  for (const [path, { ast }] of Object.entries(compile(sources, []).sources)) {
    for (const node of nodes(ast)) {
      const type = (node.typeDescriptions as { typeIdentifier?: string } | undefined)
        ?.typeIdentifier
      const name = (node.memberName ?? node.name) as string
      if (node.nodeType === 'InlineAssembly') found.push(`${path}: assembly`)
      if (node.nodeType === 'FunctionCallOptions') found.push(`${path}: call options`)
      if (node.nodeType === 'UncheckedBlock') found.push(`${path}: unchecked`)
      if (node.nodeType === 'Identifier' && /^(selfdestruct|suicide)$/.test(name)) {
        found.push(`${path}: ${name}`)
      }
      if (node.nodeType !== 'MemberAccess') continue
      const of = (node.expression as Node).typeDescriptions as { typeIdentifier: string }
      if (name === 'origin' && of.typeIdentifier === 't_magic_transaction') {
        found.push(`${path}: tx.origin`)
      }
      if (/^t_function_(bare|transfer|send)/.test(type ?? '')) found.push(`${path}: .${name}`)
      if (/^t_function_external/.test(type ?? '')) found.push(`${path}: ${name}()`)
    }
  }
  return found.toSorted()
}

test('E11: no assembly, no delegatecall, no tx.origin, and no calls but the three that we mean', () => {
  expect(findings(contractSources())).toEqual([
    'contracts/Administration.sol: .call',
    'contracts/AnchorRegistry.sol: change()',
    'contracts/AnchorRegistry.sol: writerOf()',
  ])
  expect(contractSources()['contracts/Administration.sol']).toContain(
    'address(this).call(operation.call)',
  )
})

test('E11: the linter sees what it looks for', () => {
  const bad = `// SPDX-License-Identifier: Apache-2.0
    pragma solidity 0.8.37;
    contract Bad {
      function all(address payable to) external {
        to.delegatecall(""); to.staticcall(""); to.send(0); to.transfer(0);
        to.call{value: 0}(""); Bad(to).all(payable(tx.origin));
        unchecked { assembly { } }
        selfdestruct(to);
      }
    }`
  expect(findings({ bad })).toEqual([
    'bad: .call',
    'bad: .delegatecall',
    'bad: .send',
    'bad: .staticcall',
    'bad: .transfer',
    'bad: all()',
    'bad: assembly',
    'bad: call options',
    'bad: selfdestruct',
    'bad: tx.origin',
    'bad: unchecked',
  ])
})

test('E3, E13: no contract of ours can be upgraded or paused', () => {
  for (const name of ownContracts) {
    const names = (built[name]!.abi as { name?: string }[]).map((one) => one.name ?? '')
    expect(names.filter((one) => /pause|upgrade|proxy|initiali[sz]e/i.test(one))).toEqual([])
  }
})
