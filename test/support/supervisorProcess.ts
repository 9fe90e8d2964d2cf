import { startSupervised } from './chain.ts'

/** A supervisor in a process of its own, to be killed: `node supervisorProcess.ts <directory>`. */
const node = await startSupervised({ directory: process.argv[2]!, blockTime: 0.01 })
process.stdout.write(`${JSON.stringify({ url: node.url, pid: node.inner()!.pid })}\n`)
process.on('SIGTERM', async () => {
  await node.stop()
  process.exit(0)
})
