import { writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { isWeirError } from '../../src/errors.ts'
import { drain } from '../../src/issuer/drain.ts'
import { issue } from '../../src/issuer/issue.ts'
import { resume } from '../../src/issuer/resume.ts'
import { openChain } from '../../src/wire/chain.ts'
import { openDepartment } from '../../src/wire/department.ts'
import { openHome } from '../../src/wire/home.ts'
import { degreeRequest } from './issuer.ts'

/**
 * One of several processes of a department for tests: `<home> <department> <worker>`. It signs what others
 * left, then issues and anchors until it is asked to stop (SIGTERM), and prints each acknowledged
 * certificate: its idempotency key and fingerprint. Every round asks for a few of its own and for some that
 * all workers ask for.
 */
const [path = '', name = '', worker = '0'] = process.argv.slice(2)
const own = 8
const shared = 4

const print = (line: string): void => void writeSync(1, `${line}\n`)
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())

const home = await openHome(path)
const chain = await openChain(home)
const department = await openDepartment(home, chain, name, { threads: 1 })
const { issuer } = department
await resume(issuer)
print('open')

const anchoring = (async () => {
  while (!stop.signal.aborted) {
    await drain(issuer, { pollMs: 50, signal: stop.signal })
    await pause(20)
  }
})()
try {
  for (let round = 0; !stop.signal.aborted; round += 1) {
    // Numbers of degrees: the shared ones lie below those of any worker.
    const mine = 1_000_000 * (Number(worker) + 1) + round * own
    const requests = [
      ...Array.from({ length: own }, (_, at) => degreeRequest(mine + at)),
      ...Array.from({ length: shared }, (_, at) => degreeRequest(1 + round * shared + at)),
    ]
    for await (const answer of issue(issuer, requests)) {
      if ('error' in answer) throw answer.error
      for (const { fingerprint } of answer.credentials) {
        print(`${answer.idempotencyKey} ${fingerprint}`)
      }
    }
  }
  await anchoring
  await department.close()
  print('end')
} catch (error) {
  print(`failed ${isWeirError(error) ? error.code : String(error)}`)
}
chain.close()
process.exit(0)
