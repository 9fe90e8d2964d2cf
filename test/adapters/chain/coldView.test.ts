import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { coldView } from '../../../src/adapters/chain/coldView.ts'
import type { Deployment } from '../../../src/adapters/chain/deployment.ts'
import { Rpc } from '../../../src/adapters/chain/rpc.ts'
import { sampleAccount, sampleHash } from '../../support/chain.ts'

test('D3: reads whose replies are lost fail where they are awaited, and nowhere else', async () => {
  const unheard: unknown[] = []
  const note = (reason: unknown) => void unheard.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  const rpc = new Rpc('http://127.0.0.1:9')
  const { address } = sampleAccount('contract')
  const deployment = { identity: { contracts: { departmentRegistry: address } }, startBlock: 0 }
  const block = { number: 1, hash: sampleHash('block'), time: new Date(0) }
  const view = coldView(rpc, deployment as Deployment, block)
  for (const read of [
    () => view.accreditations(address, sampleHash('type')),
    () => view.department(address),
    () => view.key(sampleHash('key')),
  ]) {
    await expect(read()).rejects.toMatchObject({ code: 'chain/unreachable' })
  }
  await turn()
  expect(unheard).toEqual([])
  rpc.close()
})
