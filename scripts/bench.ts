/**
 * `npm run bench`: measures issuing, anchoring, verifying and trees beside two peers, prints JSON and writes
 * `docs/performance.md`.
 *
 *   node scripts/bench.ts [--sizes 1000,10000,100000,1000000] [--no-page]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import type { Format } from '../src/credential/model.ts'
import type { IssuedCredential } from '../src/issuer/model.ts'
import { leafReader } from '../src/issuer/proof.ts'
import { writeCertificateFile } from '../src/presentation/certificateFile.ts'
import { bytesFromHex } from '../src/primitives/bytes.ts'
import { type Department, openDepartment } from '../src/wire/department.ts'
import { inHome } from '../src/wire/home.ts'
import { openGround } from './bench/ground.ts'
import { type Issuing, measureIssuing } from './bench/issuing.ts'
import { measureMachine, measureTrees } from './bench/machine.ts'
import { type Figure, say } from './bench/measure.ts'
import { page, type Results } from './bench/page.ts'
import { measureSdJwt, measureVeramo } from './bench/peers.ts'
import { measureCold, measureWarm } from './bench/verifying.ts'
import { loadSection, withLoad } from './load/page.ts'
import { optionsOf } from './options.ts'

const values = optionsOf({
  sizes: { type: 'string', default: '1000,10000,100000,1000000' },
  'no-page': { type: 'boolean', default: false },
})
const sizes = values.sizes.split(',').map(Number)
const checkedSize = Math.min(100_000, Math.max(...sizes))
const formats: readonly Format[] = ['vc+jwt', 'dc+sd-jwt']

say('What the machine can do ...')
const limits = await measureMachine()
say('A district to measure on ...')
const ground = await openGround()
const department = await openDepartment(ground.home, ground.chain, 'registration-centre')
const issuing: Issuing[] = []
const verifying: Figure[] = []
try {
  const gasOf = async (hash: string) => {
    const receipt = await ground.chain.rpc.call('eth_getTransactionReceipt', [hash])
    return Number((receipt as { gasUsed: string }).gasUsed)
  }
  const samples = new Map<Format, IssuedCredential[]>()
  const warmUp = { count: 1000, format: 'vc+jwt', verifyEvery: false } as const
  await measureIssuing(department, gasOf, warmUp)
  for (const count of sizes) {
    for (const format of formats) {
      say(`Issue and anchor ${count} ${format} ...`)
      const options = { count, format, verifyEvery: false }
      const { measured, some } = await measureIssuing(department, gasOf, options)
      issuing.push(measured)
      samples.set(format, some)
    }
  }
  for (const format of formats) {
    say(`Issue and anchor ${checkedSize} ${format}, every signature checked ...`)
    const options = { count: checkedSize, format, verifyEvery: true }
    issuing.push((await measureIssuing(department, gasOf, options)).measured)
  }
  const where = {
    deployment: inHome(ground.home, ground.home.configuration.chain.deployment),
    url: ground.url,
  }
  for (const format of formats) {
    say(`Verify ${format} ...`)
    const files = await filesOf(department, samples.get(format)!)
    verifying.push(...(await measureWarm(format, where, files, availableParallelism())))
    if (format === 'vc+jwt') verifying.push(await measureCold(where, files.slice(0, 200)))
  }
} finally {
  await department.close()
  await ground.close()
}
say('Trees ...')
const trees = await measureTrees(sizes)
say('Peers ...')
const peers = [...(await measureVeramo(1000)), ...(await measureSdJwt(1000))]

const results: Results = {
  date: new Date().toISOString().slice(0, 10),
  machine: {
    cores: availableParallelism(),
    model: cpus()[0]?.model.trim() || modelName(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  },
  limits,
  issuing,
  verifying,
  trees,
  peers,
}
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
if (!values['no-page']) {
  // What `npm run load` wrote stays.
  const section = loadSection(readFileSync('docs/performance.md', 'utf8'))
  const written = page(results)
  writeFileSync('docs/performance.md', section === '' ? written : withLoad(written, section))
}

async function filesOf({ issuer }: Department, credentials: readonly IssuedCredential[]) {
  const reader = leafReader(issuer)
  const files: string[] = []
  for (const { token, fingerprint } of credentials) {
    const proof = await reader.proof(issuer.department.address, bytesFromHex(fingerprint, 32))
    files.push(writeCertificateFile({ credential: token, proof }))
  }
  return files
}

function modelName(): string {
  return /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
}
