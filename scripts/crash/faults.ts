import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inHome } from '../../src/wire/home.ts'
import { type Random, random } from '../samples/random.ts'
import { type Campaign, lookAfter } from './campaign.ts'
import { finish } from './finish.ts'
import { ask, isAcknowledged, listen } from './ledger.ts'
import { workFor } from './plan.ts'
import { spawnVictim } from './victimProcess.ts'
import { departmentName } from './work.ts'

/** System calls by which a store reaches its disk, and what the kernel may answer. */
const calls = ['pwrite64', 'fsync', 'fdatasync'] as const
type Call = (typeof calls)[number]
const failures = ['EIO', 'ENOSPC'] as const

/** Why no faults can be injected here; undefined: they can. */
export function whyNoFaults(): string | undefined {
  const { error, status } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'])
  if (error !== undefined) return 'strace is not installed'
  return status === 0 ? undefined : 'strace may not trace here'
}

/**
 * Lets one call of a victim on its store's files fail, and all after it succeed. The victim must
 * acknowledge nothing after that and end with an error; everything acknowledged before must be there.
 *
 * @returns how many faults struck, in all and by call and error.
 */
export async function fault(
  campaign: Campaign,
  { faults, seed }: { faults: number; seed: string },
  progress: (done: number) => void,
): Promise<{ readonly faults: number; readonly perCall: Record<string, number> }> {
  const perCall: Record<string, number> = {}
  // How often a victim makes each call; learnt from those whose fault never struck.
  const seen: Record<Call, number> = { pwrite64: 40, fsync: 2, fdatasync: 30 }
  let done = 0
  for (let round = 0; done < faults; round += 1) {
    if (round > 4 * faults + 20) {
      campaign.findings.add('disk faults were not reached')
      break
    }
    const own = random(`${seed} fault ${round}`)
    const { call, error, when } = choose(own, seen)
    const counted = await strike(campaign, own, `inject=${call}:error=${error}:when=${when}`)
    if (counted === undefined) {
      done += 1
      const name = `${call} ${error}`
      perCall[name] = (perCall[name] ?? 0) + 1
      progress(done)
    } else for (const each of calls) seen[each] = Math.max(1, counted[each])
    await lookAfter(campaign, own.below(4) === 0 ? 'as it is' : 'recovered')
  }
  await finish(campaign)
  return { faults: done, perCall }
}

function choose(own: Random, seen: Record<Call, number>) {
  const call = own.pick([...calls, 'pwrite64', 'fdatasync'] as const)
  return { call, error: own.pick(failures), when: 1 + own.below(seen[call]) }
}

/** @returns undefined where the fault struck, else how often each call was made. */
async function strike(
  { district, ledger, findings }: Campaign,
  own: Random,
  injection: string,
): Promise<Record<Call, number> | undefined> {
  const { home, holderKeys } = district
  const work = workFor({ afterMs: 0 }, own, ledger)
  const afterwards = Math.max(...work.issue) + 1
  ask(ledger, { ...work, issue: [...work.issue, afterwards] })
  const folder = mkdtempSync(join(tmpdir(), 'weir-strace-'))
  const log = join(folder, 'calls')
  const store = inHome(home, `departments/${departmentName}/store.sqlite`)
  const files = [store, `${store}-wal`].flatMap((file) => ['-P', file])
  const filter = ['-e', `trace=${calls.join()}`, '-e', injection]
  const victim = spawnVictim(['strace', '-f', '--seccomp-bpf', '-o', log, ...filter, ...files])
  const listener = listen(ledger)
  const end = await victim.begin(
    { ...work, home: home.path, holderKeys, afterwards },
    listener.hear,
  )
  const lines = readFileSync(log, 'utf8').split('\n')
  rmSync(folder, { recursive: true })
  const counted = (call: string) => lines.filter((line) => line.includes(` ${call}(`)).length
  if (!lines.some((line) => line.includes('(INJECTED)'))) {
    if (end.code !== 0) findings.add(`without a fault a victim ended with ${end.code}`)
    return Object.fromEntries(calls.map((call) => [call, counted(call)])) as Record<Call, number>
  }
  if (end.code === 0) findings.add(`${injection}: the victim ended as if nothing had happened`)
  if (isAcknowledged(ledger, afterwards)) findings.add(`${injection}: acknowledged after it`)
  return undefined
}
