import { createHash } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Role } from '../../../src/configuration/model.ts'
import { drain } from '../../../src/issuer/drain.ts'
import { issueOne } from '../../../src/issuer/issue.ts'
import { changeStatus } from '../../../src/issuer/status.ts'
import { departmentLoops } from '../../../src/services/department/loops.ts'
import { titleRequest } from '../../support/issuer.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../../support/service.ts'
import { receiver } from '../../webhook/receiver.ts'

const name = 'registration-centre'
const record = (role: Role) => ({
  name: role,
  roles: [role],
  sha256: createHash('sha256').update(`weir_sample-${role}`).digest('hex'),
})
const token = 'weir_sample-operator'

let district: TestDistrict
let running: TestService

beforeAll(async () => {
  district = await startTestDistrict([name])
}, 120_000)
afterAll(async () => {
  await running?.close()
  await district?.close()
})

async function started(origins: readonly string[]): Promise<TestService> {
  await running?.close()
  const configure = { tokens: [record('operator'), record('clerk')], origins }
  running = await startTestService(district.home, name, { configure })
  return running
}

/** One round of the loop that tells of events. */
const round = () =>
  departmentLoops
    .find((loop) => loop.name === 'webhooks')!
    .run(running.service, new AbortController().signal)

test('an operator adds an endpoint inside the own network, and it hears of real events', async () => {
  const there = await receiver()
  const url = there.url.replace('http:', 'https:')
  const { ask, service } = await started([new URL(url).origin, new URL(there.url).origin])
  const added = await ask('POST', '/webhooks', { token, body: { url } })
  expect(added.status).toBe(201)
  const { id, secret, ...shown } = (await added.json()) as { id: string; secret: string }
  expect(shown).toMatchObject({ url, events: [], state: 'active' })
  const listed = await (await ask('GET', '/webhooks', { token })).text()
  expect(listed).toContain(id)
  expect(listed).not.toContain(secret)

  // The receiver speaks plain http here, so its address is put in the endpoint's place in the store.
  const { store, address } = service.department
  const [stored] = await store.webhooks.endpoints(address)
  await store.webhooks.putEndpoint(address, { ...stored!, url: there.url })
  const tested = await ask('POST', `/webhooks/${id}/test`, { token })
  expect(await tested.json()).toEqual({ taken: true, status: 204 })

  const later = { ...service, clock: () => new Date(Date.now() + 11_000) }
  const { issuer } = service.department
  await issueOne(issuer, titleRequest(1))
  await drain(issuer, { signal: AbortSignal.timeout(60_000), patienceMs: 10_000 })
  const [copy] = await store.certificates.scan(address, 0, 1)
  const grounds = {
    reason: 'sample',
    legalBasis: 'sample regulation, article 1',
    operator: 'clerk-1',
    approver: 'clerk-2',
  }
  await changeStatus(issuer, {
    of: { certificate: copy!.certificate },
    to: 'revoked',
    grounds,
  })
  await drain(issuer, { signal: AbortSignal.timeout(60_000), patienceMs: 10_000 })
  const loop = departmentLoops.find((one) => one.name === 'webhooks')!
  await loop.run(later, new AbortController().signal)
  const said = there.heard.map(({ body, headers }) => {
    new Webhook(secret).verify(body, headers)
    return (JSON.parse(body) as { type: string }).type
  })
  expect(said.sort()).toEqual([
    'certificate.anchored',
    'certificate.issued',
    'status.changed',
    'webhook.test',
  ])
  const deliveries = await ask('GET', `/webhooks/${id}/deliveries?limit=2`, { token })
  const answer = (await deliveries.json()) as { deliveries: unknown[] }
  expect(answer.deliveries).toHaveLength(2)
  expect(answer.deliveries[0]).toMatchObject({ state: 'delivered', attempts: 1, last_status: 204 })

  expect((await ask('DELETE', `/webhooks/${id}`, { token })).status).toBe(204)
  expect((await ask('DELETE', `/webhooks/${id}`, { token })).status).toBe(404)
}, 120_000)

test('J1, J9: others than operators, bad addresses and unknown ids are refused', async () => {
  const { ask } = await started([])
  const clerk = 'weir_sample-clerk'
  const body = { url: 'https://systems.example/hook' }
  expect((await ask('POST', '/webhooks', { body })).status).toBe(401)
  expect((await ask('POST', '/webhooks', { body, token: clerk })).status).toBe(403)
  expect((await ask('GET', '/webhooks', { token: clerk })).status).toBe(403)
  for (const [wrong, status] of [
    [{ url: 'http://systems.example/' }, 422],
    [{ url: 'https://a:b@systems.example/' }, 422],
    [{ ...body, events: ['certificate.read'] }, 400],
    [{ ...body, more: 1 }, 400],
    [{}, 400],
  ] as const)
    expect((await ask('POST', '/webhooks', { body: wrong, token })).status).toBe(status)
  const unknown = `whe_${'a'.repeat(20)}`
  for (const [method, path] of [
    ['DELETE', `/webhooks/${unknown}`],
    ['POST', `/webhooks/${unknown}/test`],
    ['GET', `/webhooks/${unknown}/deliveries`],
  ] as const)
    expect((await ask(method, path, { token })).status).toBe(404)

  const there = await receiver()
  const url = there.url.replace('http:', 'https:')
  const added = await ask('POST', '/webhooks', { token, body: { url } })
  const { id } = (await added.json()) as { id: string }
  const tested = await ask('POST', `/webhooks/${id}/test`, { token })
  expect(await tested.json()).toEqual({ taken: false })
  expect(there.heard).toEqual([])
  await round()
}, 60_000)
