import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { openForeignChain } from '../../src/wire/chain.ts'
import { judgeAll } from './verifying.ts'

const { deployment, url, files } = workerData as {
  deployment: string
  url: string
  files: readonly string[]
}
const chain = await openForeignChain(deployment, url)
await judgeAll(chain, files.slice(0, 500))
parentPort!.postMessage('ready')
await once(parentPort!, 'message')
await judgeAll(chain, files)
parentPort!.postMessage('done')
chain.close()
