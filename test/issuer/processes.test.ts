import { expect, test } from 'vitest'
import { signAnew } from '../../src/issuer/anew.ts'
import { drain } from '../../src/issuer/drain.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import { issue, issueOne } from '../../src/issuer/issue.ts'
import { resume } from '../../src/issuer/resume.ts'
import type { Chain } from '../../src/ports/chain.ts'
import { address, anchorAll, newWorld, titleRequest, withNextKey } from '../support/issuer.ts'

/** A chain whose first `count` views are as old as `view`. */
function oldAtFirst(chain: Chain, view: Awaited<ReturnType<Chain['view']>>, count: number): Chain {
  let asked = 0
  return { ...chain, view: async (at) => (++asked <= count ? view : chain.view(at)) }
}

test('K9: a view from before another process made a batch final is no lost batch, a newer one decides', async () => {
  const world = await newWorld()
  const { issuer } = world
  const before = await issuer.chain.view()
  await issueOne(issuer, titleRequest(1))
  await anchorAll(world)
  const late = { ...issuer, chain: oldAtFirst(issuer.chain, before, 1) }
  expect(await issueOne(late, titleRequest(2))).toHaveLength(1)
  const stuck = { ...issuer, chain: oldAtFirst(issuer.chain, before, 1_000) }
  await expect(issueOne(stuck, titleRequest(3))).rejects.toMatchObject({
    code: 'anchor/chain-lost-final',
  })
})

test('K9: of two processes that anchor one store, each batch is said to be final by one', async () => {
  const world = await newWorld()
  const { issuer, model, store } = world
  const rows = Array.from({ length: 60 }, (_, at) => titleRequest(at + 1))
  await Array.fromAsync(issue(issuer, rows))
  const options = { pause: async () => model.mine(), patienceMs: 100_000, maxBatch: 10 }
  const finals = await Promise.all([drain(issuer, options), drain(issuer, options)])
  expect(finals[0] + finals[1]).toBe(model.anchors(address).length)
  const lines = (await store.audit.scan(0, 1_000)).filter(
    ({ entry }) => entry.action === 'anchor/final',
  )
  expect(lines).toHaveLength(model.anchors(address).length)
  expect(await firstFinding(issuer)).toBeUndefined()
})

test('K9: what two processes sign anew or resume at once is signed once, over the plan that is stored', async () => {
  const world = await newWorld()
  const { issuer, store } = world
  const rows = Array.from({ length: 30 }, (_, at) => titleRequest(at + 1))
  await Array.fromAsync(issue(issuer, rows))
  const next = withNextKey(world)
  world.model.govern((state, time) => {
    const { thumbprint } = issuer.signer.key
    state.keys.set(thumbprint, { ...state.keys.get(thumbprint)!, retiredAt: time })
  })
  world.model.mine(3)
  const settled = await Promise.allSettled([signAnew(next), signAnew(next), resume(next)])
  const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
  expect(refused.filter((code) => code !== 'store/duplicate')).toEqual([])
  await resume(next)
  await drain(next, { pause: async () => world.model.mine(), patienceMs: 100_000 })
  const copies = await store.certificates.scan(address, 0, 100)
  expect(copies.map(({ state, keyThumbprint }) => `${state} ${keyThumbprint}`)).toEqual(
    Array(30).fill(`final ${next.signer.key.thumbprint}`),
  )
  expect(await firstFinding(next)).toBeUndefined()
})

test('K9: what another process is issuing now is left to it, what is older is signed', async () => {
  const { issuer, model, store } = await newWorld()
  const stop = {
    ...issuer,
    at: async (step: string) => {
      if (step === 'issue/planned') throw new Error('killed')
    },
  }
  await expect(issueOne(stop, titleRequest(1))).rejects.toThrow('killed')
  const plannedAt = model.head().time
  expect(await resume(issuer, plannedAt)).toBe(0)
  expect(await resume(issuer, new Date(plannedAt.getTime() + 1))).toBe(1)
  expect(await store.certificates.scan(address, 0, 10, 'durable')).toHaveLength(1)
})
