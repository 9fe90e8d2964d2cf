import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { verify } from '../../src/verdict/verify.ts'
import { gather, gatherAt } from '../../src/verifier/gather.ts'
import { type OpenChain, openForeignChain } from '../../src/wire/chain.ts'
import { openVerifier, policyOf } from '../../src/wire/verifier.ts'
import { type Figure, figure, timed } from './measure.ts'

/** Judges certificate files one after another at one view of the mirror; none may be other than valid. */
export async function judgeAll(chain: OpenChain, files: readonly string[]): Promise<void> {
  const verifier = openVerifier(chain, { isWarm: true })
  const view = await verifier.chain.view()
  const policy = policyOf(chain, new Date())
  for (const file of files) {
    const { outcome, credentials } = verify(await gatherAt(verifier, view, file), policy)
    if (outcome !== 'valid') throw new Error(JSON.stringify(credentials[0]?.checks))
  }
}

/** Warm figures: one thread, all threads together, and the time of one verification from text to verdict. */
export async function measureWarm(
  name: string,
  { deployment, url }: { deployment: string; url: string },
  files: readonly string[],
  threads: number,
): Promise<Figure[]> {
  const chain = await openForeignChain(deployment, url)
  await judgeAll(chain, files.slice(0, 500))
  const one = await timed(`${name}, one thread`, files.length, () => judgeAll(chain, files))
  const verifier = openVerifier(chain, { isWarm: true })
  const single = await timed(`${name}, singly`, 1000, async () => {
    for (const file of files.slice(0, 1000)) {
      verify(await gather(verifier, file), policyOf(chain, new Date()))
    }
  })
  chain.close()
  const share = Math.ceil(files.length / threads)
  const workers = Array.from({ length: threads }, (_, at) => {
    const workerData = { deployment, url, files: files.slice(at * share, (at + 1) * share) }
    return new Worker(new URL('./verifyThread.ts', import.meta.url), { workerData })
  })
  const exits = workers.map((worker) => once(worker, 'exit'))
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const started = performance.now()
  for (const worker of workers) worker.postMessage('go')
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const all = figure(`${name}, ${threads} threads`, files.length, performance.now() - started)
  await Promise.all(exits)
  return [one, single, all]
}

/** Cold: every question asks the node over RPC, nothing is remembered from the one before. */
export async function measureCold(
  { deployment, url }: { deployment: string; url: string },
  files: readonly string[],
): Promise<Figure> {
  return timed('vc+jwt, cold over RPC', files.length, async () => {
    for (const file of files) {
      const chain = await openForeignChain(deployment, url)
      const { outcome } = verify(
        await gather(openVerifier(chain), file),
        policyOf(chain, new Date()),
      )
      chain.close()
      if (outcome !== 'valid') throw new Error(outcome)
    }
  })
}
