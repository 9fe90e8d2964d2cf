import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { interfaceOf } from '../test/contracts/chain.ts'
import { address, day, openWorld, titles, zero31, zero32 } from '../test/contracts/world.ts'

// Measures every state-changing function on Hardhat's in-process network and writes docs/gas.md.

const w = await openWorld()
const { departments, anchors, root, bureau, office, rootAccount, bureauAccount, officeAccount } = w
const { admin1, admin2, spare, stranger, until } = w
const fresh = address('e1')
const hash = (n: number) => `0x${n.toString(16).padStart(64, 'c3')}`
const rows: [string, number][] = []
const thousands = (n: number) => n.toLocaleString('en')

/** Sends, and keeps the gas under a name. */
async function measured(
  name: string,
  from: string,
  target: typeof anchors,
  method: string,
  ...args: unknown[]
) {
  const done = await w.send(from, target, method, ...args)
  rows.push([name, done.gas])
  return done
}
const registry = (name: string, from: string, method: string, ...args: unknown[]) =>
  measured(name, from, departments, method, ...args)

const call = interfaceOf('DepartmentRegistry').encodeFunctionData('registerRoot', [fresh, spare])
await registry('propose (registerRoot)', admin1, 'propose', call)
const operation = Number(await w.read(departments, 'operationCount')) - 1
await registry('approve', admin2, 'approve', operation)
w.wait(day)
await registry('execute (registerRoot)', admin1, 'execute', operation)
await registry('register', rootAccount, 'register', root, titles, 0, address('e2'), spare)
await registry('acceptAccount', spare, 'acceptAccount', address('e2'))
await registry('proposeAccount', officeAccount, 'proposeAccount', office, spare)
for (const [links, account, by] of [
  [1, rootAccount, root],
  [2, bureauAccount, bureau],
] as const) {
  const args = [by, 0, address('e2'), titles, 1, 0, until - 3 + links]
  await registry(`accredit, ${links} link${links > 1 ? 's' : ''}`, account, 'accredit', ...args)
}
await registry('withdraw', rootAccount, 'withdraw', address('e2'), titles, 0, zero32, 0)
await registry('refreshAccreditation', stranger, 'refreshAccreditation', address('e2'), titles, 1)
const key = [office, hash(1), 1, hash(2)]
await registry('proposeKey', officeAccount, 'proposeKey', ...key)
await registry('confirmKey', bureauAccount, 'confirmKey', ...key)
await registry('retireKey', officeAccount, 'retireKey', hash(1))
await registry('declareCompromised', officeAccount, 'declareCompromised', hash(1), 0)
await registry('requestRecovery', bureauAccount, 'requestRecovery', office, spare)
await registry('remove', rootAccount, 'remove', address('e2'))

// 64 batches of 10,000 leaves in a row; the first word of an issuer is like every later one.
const positions: number[] = []
for (let sequence = 1; sequence <= 64; sequence++) {
  const [, previous] = (await w.read(anchors, 'last', office)).slice(1, -1).split(',')
  const args = [office, sequence, sequence === 1 ? zero31 : previous, hash(sequence), 10_000, []]
  positions.push((await w.send(officeAccount, anchors, 'anchor', ...args)).gas)
}
const word = positions.slice(32, 48)
const average = word.reduce((sum, one) => sum + one, 0) / 16
rows.push(['anchor, first batch of an issuer', positions[0]!])
rows.push(['anchor, batch 1 of a storage word', word[0]!])
rows.push(['anchor, batches 2 to 16 of a storage word', Math.max(...word.slice(1))])
rows.push(['anchor, average over a storage word', Math.round(average)])

let status = 0n
for (const [name, words] of [
  ['anchor, changes only, 1 fresh status word', [0]],
  ['anchor, changes only, the same status word again', [0]],
  ['anchor, changes only, 16 fresh status words', Array.from({ length: 16 }, (_, i) => i + 1)],
] as const) {
  status = (status << 2n) | 1n
  const [last, previous] = (await w.read(anchors, 'last', office)).slice(1, -1).split(',')
  const changes = words.map((at) => ({ list: 0, word: at, value: status }))
  const args = [office, Number(last) + 1, previous, zero32, 0, changes]
  await measured(name, officeAccount, anchors, 'anchor', ...args)
}

const perCertificate = [16, 1000, 10_000].map(
  (size) => `| ${thousands(size)} | ${(average / size).toFixed(2)} |`,
)
const text = `# Gas

Made by \`npm run gas\` (solc 0.8.37, optimizer on, Hardhat's in-process network, cancun). On a consortium
chain gas has no price; it bounds how much fits into a block.

A batch's cost does not depend on its size, and no call's cost depends on how much came before it
(\`test/contracts/gas.test.ts\`).

| function | gas |
|---|---:|
${rows.map(([name, gas]) => `| ${name} | ${thousands(gas)} |`).join('\n')}

Per certificate, an average anchor without status changes divided by the batch:

| batch | gas a certificate |
|---:|---:|
${perCertificate.join('\n')}
`
await writeFile(join(import.meta.dirname, '../docs/gas.md'), text)
console.log(text)
await w.close()
