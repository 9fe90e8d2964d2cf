/** A department at work that will be killed: takes its {@link Work} as one line, says what it did. */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { isWeirError } from '../../src/errors.ts'
import { drain } from '../../src/issuer/drain.ts'
import { resume } from '../../src/issuer/resume.ts'
import type { StepName } from '../../src/issuer/steps.ts'
import { openChain } from '../../src/wire/chain.ts'
import { openDepartment } from '../../src/wire/department.ts'
import { openHome } from '../../src/wire/home.ts'
import { type Doer, issueAll, patiently, succeed, turn } from './deeds.ts'
import { departmentName, type Said, type Work } from './work.ts'

/** Written at once: what stands in the pipe outlives this process. */
const say = (said: Said): void => void writeSync(1, `${JSON.stringify(said)}\n`)

/** Kills this process at its step. */
function hook({ death }: Work): (step: StepName) => void {
  let passed = 0
  return (step) => {
    if (step !== death?.step) return
    passed += 1
    if (passed !== death.passing) return
    say({ said: 'dying', step })
    process.kill(process.pid, 'SIGKILL')
  }
}

/** Issuing, changing, superseding and anchoring beside each other, as in a service. */
async function work(doer: Doer, asked: Work): Promise<void> {
  const { issuer } = doer
  await patiently(() => resume(issuer))
  let isWriting = true
  const anchoring = async () => {
    const options = { maxBatch: asked.maxBatch, pollMs: 20, patienceMs: 60_000 }
    while (isWriting) {
      await drain(issuer, options)
      await pause(10)
    }
    await drain(issuer, options)
  }
  const writing = async () => {
    const changes = asked.wishes.map(async ({ number, to }) => {
      for (const each of to) await turn(doer, number, each)
    })
    const successions = asked.successions.map((number) => succeed(doer, number))
    try {
      await Promise.all([issueAll(doer, asked.issue, asked.chunk), ...changes, ...successions])
    } finally {
      isWriting = false
    }
  }
  await Promise.all([writing(), anchoring()])
}

async function main(asked: Work): Promise<void> {
  const home = await openHome(asked.home)
  const chain = await openChain(home)
  const department = await patiently(() =>
    openDepartment(home, chain, departmentName, { at: hook(asked), threads: 1 }),
  )
  const { issuer } = department
  say({ said: 'open' })
  const doer = { issuer, holderKeys: asked.holderKeys, say }
  try {
    await work(doer, asked)
  } catch (error) {
    say({ said: 'failed', code: codeOf(error) })
    if (asked.afterwards !== undefined) await issueAll(doer, [asked.afterwards], 1)
    throw error
  }
  await department.close()
  chain.close()
}

function codeOf(error: unknown): string {
  return isWeirError(error) ? error.code : String(error)
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await main(JSON.parse(line))
    say({ said: 'done' })
    process.exit(0)
  } catch (error) {
    say({ said: 'failed', code: codeOf(error) })
    process.exit(1)
  }
}
