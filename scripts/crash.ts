/**
 * Kills a department at every named step and at random moments, breaks its chain and its disk, and counts
 * what was lost, issued twice or anchored twice. Ends with one line of JSON; exit code 0 if all is zero.
 *
 *   node scripts/crash.ts [--kills N] [--faults M] [--seed S]
 *
 * `--kills` (default 100, or 0 where `--faults` is given): victims that die by SIGKILL.
 * `--faults`: victims whose disk fails at one system call, by strace.
 */
import { anvilBinary } from '../src/adapters/chain/anvil.ts'
import { kill, openCampaign } from './crash/campaign.ts'
import { openCrashDistrict } from './crash/district.ts'
import { fault, whyNoFaults } from './crash/faults.ts'
import { optionsOf } from './options.ts'

const values = optionsOf({
  kills: { type: 'string' },
  faults: { type: 'string', default: '0' },
  seed: { type: 'string', default: '1' },
})
const kills = Number(values.kills ?? (values.faults === '0' ? 100 : 0))
const faults = Number(values.faults)
if (![kills, faults].every((count) => Number.isSafeInteger(count) && count >= 0)) {
  process.stderr.write('--kills and --faults take whole numbers from 0\n')
  process.exit(64)
}
if (anvilBinary() === undefined) {
  process.stderr.write('No anvil for this platform: nothing here keeps a chain across a kill.\n')
  process.exit(2)
}

const say = (text: string) => process.stderr.write(`${text}\n`)
const started = performance.now()
const seconds = () => Number(((performance.now() - started) / 1000).toFixed(1))

say('Setting up a district ...')
const district = await openCrashDistrict()
const campaign = openCampaign(district)
let result = { kills: 0, perStep: {} as Record<string, number> }
let injected = { faults: 0, perCall: {} as Record<string, number> }
try {
  say(`  ready after ${seconds()} s, in ${district.home.path}`)
  result = await kill(campaign, { kills, seed: values.seed }, (done, at) => {
    if (done % 10 === 0 || done === kills) say(`  ${done} of ${kills} kills, ${seconds()} s; ${at}`)
  })
  const reason = faults > 0 ? whyNoFaults() : undefined
  if (reason !== undefined) say(`  no disk faults: ${reason}`)
  else if (faults > 0) {
    injected = await fault(campaign, { faults, seed: values.seed }, (done) => {
      if (done % 10 === 0 || done === faults) say(`  ${done} of ${faults} faults, ${seconds()} s`)
    })
  }
} catch (error) {
  campaign.findings.add(error instanceof Error ? (error.stack ?? error.message) : String(error))
}
const { ledger, lost, duplicated, doubleAnchored, findings } = campaign
const isWhole = [lost, duplicated, doubleAnchored, findings].every(({ size }) => size === 0)
for (const [what, names] of Object.entries({ lost, duplicated, doubleAnchored, findings })) {
  for (const name of [...names].slice(0, 20)) say(`  ${what}: ${name}`)
}
await district.close(!isWhole)
if (!isWhole) say(`Kept for a closer look: ${district.home.path}`)
const report = {
  ...result,
  ...(faults > 0 && injected),
  acknowledged: ledger.acknowledged.size,
  lost: lost.size,
  duplicated: duplicated.size,
  doubleAnchored: doubleAnchored.size,
  findings: findings.size,
  seconds: seconds(),
}
process.stdout.write(`${JSON.stringify(report)}\n`)
process.exitCode = isWhole ? 0 : 1
