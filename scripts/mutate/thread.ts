import { parentPort, workerData } from 'node:worker_threads'
import { judged, type Task } from './campaign.ts'
import type { World } from './model.ts'

const { world, seed, only } = workerData as { world: World; seed: string; only: string }

parentPort!.on('message', async (task: Task | 'stop') => {
  if (task === 'stop') parentPort!.close()
  else parentPort!.postMessage(await judged(world, seed, only, task))
})
