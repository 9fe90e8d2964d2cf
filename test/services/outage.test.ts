import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { departmentLoops } from '../../src/services/department/loops.ts'
import { startLoops } from '../../src/services/loops.ts'
import { saveHome } from '../../src/wire/home.ts'
import { type ChaosNode, startChaos } from '../support/chaosRpc.ts'
import { sampleTitle } from '../support/issuer.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../support/service.ts'

const name = 'registration-centre'
const isAway = { dropReply: () => true }

describe('a service whose chain goes away', () => {
  let district: TestDistrict
  let node: ChaosNode
  let running: TestService
  beforeAll(async () => {
    district = await startTestDistrict([name])
    node = await startChaos(district.rpc)
    const { configuration } = district.home
    const chain = { ...configuration.chain, rpc: node.url }
    running = await startTestService(
      await saveHome(district.home, { ...configuration, chain }),
      name,
    )
  })
  afterAll(async () => {
    await running?.close()
    await node?.close()
    await district?.close()
  })

  const wish = (number: number) => ({
    type: 'real-estate-title',
    claims: sampleTitle(number),
    formats: ['vc+jwt'],
  })

  test('says so, keeps what it issued, and anchors it once the chain is back', async () => {
    const issued = await running.ask('POST', '/certificates', { body: wish(1) })
    expect(issued.status).toBe(201)
    const { copies } = (await issued.json()) as { copies: [{ fingerprint: string }] }
    const path = `/certificates/${copies[0].fingerprint}`
    node.set(isAway)
    const anchoring = departmentLoops.filter((loop) => loop.name === 'anchor')
    const codes: string[] = []
    const loops = startLoops(
      running.service,
      anchoring,
      ({ code }) => codes.push(code),
      (code) => codes.push(code),
    )
    const ready = await running.ask('GET', '/readyz')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({
      status: 'not-ready',
      checks: { store: true, chain: false },
    })
    expect((await running.ask('GET', '/healthz')).status).toBe(200)
    const refused = await running.ask('POST', '/certificates', { body: wish(2) })
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(await refused.json()).toMatchObject({ code: 'chain/unreachable' })

    node.set({})
    await vi.waitFor(
      async () => {
        const shown = await running.ask('GET', path)
        expect(await shown.json()).toMatchObject({ copies: [{ state: 'final', proof: {} }] })
      },
      { timeout: 60_000, interval: 200 },
    )
    await loops.stop()
    expect(codes.filter((code) => code.startsWith('store/'))).toEqual([])
    await vi.waitFor(async () => expect((await running.ask('GET', '/readyz')).status).toBe(200), {
      timeout: 20_000,
      interval: 500,
    })
  }, 120_000)
})
