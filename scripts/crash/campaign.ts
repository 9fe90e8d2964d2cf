import { setTimeout as pause } from 'node:timers/promises'
import { drain } from '../../src/issuer/drain.ts'
import type { Issuer } from '../../src/issuer/model.ts'
import { resume } from '../../src/issuer/resume.ts'
import { type Random, random } from '../samples/random.ts'
import { type Checker, openChecker } from './check.ts'
import { issueAll, patiently } from './deeds.ts'
import type { CrashDistrict } from './district.ts'
import { finish } from './finish.ts'
import { ask, type Ledger, type Listener, listen, openLedger } from './ledger.ts'
import { marksOf } from './mark.ts'
import { type Target, targetOf, workFor } from './plan.ts'
import { lies, torment } from './torment.ts'
import { type End, spawnVictim, type Victim } from './victimProcess.ts'
import type { Work } from './work.ts'

/** Victims in a row that may end before their step; then it counts as never reached. */
const attempts = 8

/** Kills between two whole looks through store and chain. */
const wholeLookEvery = 100

/** A department under attack, and names of what is wrong; all four empty: nothing. */
export type Campaign = {
  readonly district: CrashDistrict
  readonly ledger: Ledger
  readonly checker: Checker
  readonly lost: Set<string>
  readonly duplicated: Set<string>
  readonly doubleAnchored: Set<string>
  /** Anything else. */
  readonly findings: Set<string>
}

export function openCampaign(district: CrashDistrict): Campaign {
  const ledger = openLedger()
  const checker = openChecker(ledger)
  const { findings } = checker
  const duplicated = ledger.contradicted
  return {
    district,
    ledger,
    checker,
    lost: new Set(),
    duplicated,
    doubleAnchored: new Set(),
    findings,
  }
}

/**
 * Kills a department again and again, looks after every kill, and brings everything to its end.
 *
 * @param progress told after each kill.
 */
export async function kill(
  campaign: Campaign,
  { kills, seed }: { kills: number; seed: string },
  progress: (done: number, at: string) => void,
): Promise<{ readonly kills: number; readonly perStep: Record<string, number> }> {
  const perStep: Record<string, number> = {}
  let spanMs = 1000
  let next = spawnVictim()
  let done = 0
  let slot = 0
  let target: Target | undefined
  let missed = 0
  try {
    for (let round = 0; done < kills; round += 1) {
      const own = random(`${seed} round ${round}`)
      target ??= targetOf(slot, own, spanMs)
      const victim = next
      if ('step' in target && target.step.startsWith('anew/')) await loseKey(campaign)
      const started = performance.now()
      const { end, listener } = await attack(campaign, victim, target, own)
      const isKilled = end.signal === 'SIGKILL'
      next = spawnVictim()
      if (isKilled) {
        const at = listener.dyingAt() ?? 'any moment'
        perStep[at] = (perStep[at] ?? 0) + 1
        done += 1
        progress(done, at)
      } else if (end.code === 0) {
        spanMs = (spanMs + performance.now() - started) / 2
        missed += 1
      } else {
        campaign.findings.add(`a victim ended with ${end.code}: ${listener.failures().join(' ')}`)
        missed += 1
      }
      if (missed === attempts) {
        campaign.findings.add(`${'step' in target ? target.step : 'any moment'} was never reached`)
      }
      if (isKilled || missed === attempts) {
        slot += 1
        missed = 0
        target = undefined
      }
      if (done % wholeLookEvery === 0) campaign.checker.forget()
      await lookAfter(campaign, isKilled && own.below(10) < 3 ? 'as it is' : 'recovered')
    }
  } finally {
    next.kill()
  }
  await finish(campaign)
  return { kills: done, perStep }
}

/** One victim at work, on a chain that loses replies and blocks, until it dies or has done all. */
async function attack(
  { district, ledger }: Campaign,
  victim: Victim,
  target: Target,
  own: Random,
): Promise<{ end: End; listener: Listener }> {
  const { home, holderKeys, chaos, node } = district
  const work: Work = { home: home.path, holderKeys, ...workFor(target, own, ledger) }
  ask(ledger, work)
  chaos.set(lies(own))
  const listener = listen(ledger)
  const ended = victim.begin(work, listener.hear)
  const breaking = torment(node, own)
  if ('afterMs' in target) {
    const isOver = await Promise.race([ended, pause(target.afterMs)])
    if (isOver === undefined) victim.kill()
  }
  const end = await ended
  await breaking
  chaos.set({})
  return { end, listener }
}

/** Something waits for the chain when its key turns out to be stolen. */
async function loseKey({ district, ledger }: Campaign): Promise<void> {
  const department = await patiently(() => district.open())
  const { issuer } = department
  const { key } = issuer.signer
  const numbers = Array.from({ length: 5 }, (_, at) => ledger.issued() + 1 + at)
  ask(ledger, { issue: numbers, wishes: [], successions: [] })
  const { hear } = listen(ledger)
  await issueAll({ issuer, holderKeys: district.holderKeys, say: hear }, numbers, 5)
  await department.close()
  await district.loseKey(key.thumbprint)
  for (const mark of marksOf(key)) ledger.ended.add(mark)
}

/** Opens the department, brings it to rest unless told, and compares. */
export async function lookAfter(
  { district, checker, lost, duplicated, doubleAnchored }: Campaign,
  how: 'as it is' | 'recovered',
): Promise<void> {
  const department = await patiently(() => district.open())
  try {
    const { issuer } = department
    const look = async (isSettled: boolean) => {
      const found = await patiently(() => checker.look(issuer, isSettled))
      for (const name of found.lost) lost.add(name)
      for (const name of found.duplicated) duplicated.add(name)
      for (const name of found.doubleAnchored) doubleAnchored.add(name)
    }
    await look(false)
    if (how === 'as it is') return
    await settle(issuer)
    await look(true)
  } finally {
    await department.close()
  }
}

/** What a department does after a restart. */
export async function settle(issuer: Issuer): Promise<void> {
  await patiently(() => resume(issuer))
  await drain(issuer, { pollMs: 20, patienceMs: 60_000 })
}
