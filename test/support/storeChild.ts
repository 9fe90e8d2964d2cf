import { openSync, writeSync } from 'node:fs'
import { openStore } from '../../src/adapters/storage/openStore.ts'
import { isWeirError } from '../../src/errors.ts'
import { plannedCopy, signature } from '../suites/samples.ts'

/**
 * A department's process for tests: `write <path>` plans and signs for ever and prints each
 * acknowledged id; it goes on after a failure, to show that the store does not. `open <path>` opens
 * and prints, `hold <path>` stays open; `descriptors <path>` uses up all file descriptors before.
 */
const [task = '', path = ''] = process.argv.slice(2)

const print = (line: string): void => void writeSync(1, `${line}\n`)
const code = (error: unknown): string => (isWeirError(error) ? error.code : String(error))

async function main(): Promise<void> {
  if (task === 'descriptors') exhaust()
  const store = await openStore({ kind: 'sqlite', path })
  print('open')
  if (task === 'hold') setInterval(() => undefined, 60_000)
  if (task !== 'write') return
  let failures = 0
  for (let i = 0; failures < 3; i += 1) {
    try {
      const plan = plannedCopy(`${process.pid} ${i}`, { signingInput: 'x'.repeat(20_000) })
      const [id = 0] = await store.certificates.plan([plan])
      await store.certificates.sign([{ id, signature: signature(id % 256) }])
      print(String(id))
    } catch (error) {
      failures += 1
      print(code(error))
    }
  }
}

function exhaust(): void {
  try {
    for (;;) openSync('/dev/null', 'r')
  } catch {
    print('no more descriptors')
  }
}

await main().catch((error) => print(code(error)))
