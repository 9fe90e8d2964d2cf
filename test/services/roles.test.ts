import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Role, roles } from '../../src/configuration/model.ts'
import type { Document } from '../../src/services/openapi.ts'
import { type Route, routesOf } from '../support/openApiWalk.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../support/service.ts'

const tokenOf = (department: string, name: string) => `weir_sample-${department}-${name}`
const record = (department: string, name: string, granted: readonly Role[]) => ({
  name,
  roles: granted,
  sha256: createHash('sha256').update(tokenOf(department, name)).digest('hex'),
})
const tokensOf = (department: string) => roles.map((role) => record(department, role, [role]))
const departments = ['registration-centre', 'market-regulator'] as const

/** Routes that anybody may use; every other one must name its roles. A new one is added here knowingly. */
const open = [
  /^\/(healthz|readyz|openapi\.json|reference)$/,
  /^\/\.well-known\/[a-z-]+$/,
  /^\/(par|authorize|token|nonce|credential|deferred-credential|notification)$/,
  /^\/(credential-offers|status-lists|openid4vp)\//,
  /^\/batches\/\{issuer\}\/\{sequence\}\/leaves$/,
]

describe('J2: every management route of two departments', () => {
  let district: TestDistrict
  const running: TestService[] = []
  let routes: Route[]
  beforeAll(async () => {
    district = await startTestDistrict(departments)
    for (const name of departments) {
      const outdated = { ...record(name, 'outdated', roles), until: '2026-01-01T00:00:00Z' }
      running.push(
        await startTestService(district.home, name, {
          configure: { tokens: [...tokensOf(name), outdated] },
        }),
      )
    }
    const document = (await (await running[0]!.ask('GET', '/openapi.json')).json()) as Document
    routes = routesOf(document)
  })
  afterAll(async () => {
    for (const one of running) await one.close()
    await district?.close()
  })

  const rolesOf = ({ operation }: Route) =>
    operation.security?.flatMap((scheme) => Object.values(scheme).flat())
  const guarded = () => routes.filter((route) => rolesOf(route) !== undefined)
  const pathOf = ({ path }: Route) => path.replaceAll(/\{[^}]+\}/g, 'x')
  const ask = (service: TestService, route: Route, token?: string) =>
    service.ask(route.method.toUpperCase(), pathOf(route), {
      ...(token !== undefined && { token }),
      ...(route.operation.requestBody && { body: {} }),
    })

  test('names its roles, unless it is one of the protocols’ public routes', () => {
    const unguarded = routes.filter((route) => rolesOf(route) === undefined)
    const unknown = unguarded.filter(({ path }) => !open.some((pattern) => pattern.test(path)))
    expect(unknown.map(({ method, path }) => `${method} ${path}`)).toEqual([])
    expect(guarded().length).toBeGreaterThan(5)
  })

  test('refuses whoever has no token, a wrong one, an outdated one or another department’s', async () => {
    const wrong = [
      undefined,
      tokenOf(departments[1], 'clerk'),
      tokenOf(departments[0], 'outdated'),
      'x'.repeat(9000),
    ]
    const answers = []
    for (const route of guarded()) {
      // One of them a route: a client that guesses is slowed down.
      const token = wrong[guarded().indexOf(route) % wrong.length]
      const answer = await ask(running[0]!, route, token)
      answers.push(answer.status)
      const { instance: _, ...body } = (await answer.json()) as Record<string, unknown>
      expect(body).toMatchObject({ code: 'service/unauthenticated', status: 401 })
      expect(Object.keys(body).sort()).toEqual(['code', 'status', 'title', 'type'])
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      if (answers.length % 25 === 0) break
    }
    expect(new Set(answers)).toEqual(new Set([401]))
  })

  test('lets exactly its roles pass', async () => {
    for (const route of guarded()) {
      for (const role of roles) {
        const answer = await ask(running[1]!, route, tokenOf(departments[1], role))
        await answer.body?.cancel()
        const where = `${route.method} ${route.path} as ${role}: ${answer.status}`
        if (rolesOf(route)!.includes(role)) expect([401, 403], where).not.toContain(answer.status)
        else expect(answer.status, where).toBe(403)
      }
    }
  })

  test('is audited where it was refused, and the audit chain holds', async () => {
    const { audit } = running[1]!.service
    const lines = await audit.scan(0, 1000)
    const refused = lines.filter(({ entry }) => entry.detail.status === 403)
    expect(refused.length).toBeGreaterThan(guarded().length)
    expect(new Set(refused.map(({ entry }) => entry.detail.code))).toEqual(
      new Set(['service/forbidden']),
    )
    expect(await running[1]!.service.department.store.check()).toEqual([])
  })

  test('J3: gives no other origin access and sets no cookie', async () => {
    for (const route of guarded()) {
      const answer = await running[1]!.ask(route.method.toUpperCase(), pathOf(route), {
        token: tokenOf(departments[1], 'clerk'),
        headers: { origin: 'https://elsewhere.example', cookie: 'session=1' },
        ...(route.operation.requestBody && { body: {} }),
      })
      await answer.body?.cancel()
      const where = `${route.method} ${route.path}`
      expect(answer.headers.get('access-control-allow-origin'), where).toBeNull()
      expect(answer.headers.get('set-cookie'), where).toBeNull()
      expect(answer.headers.get('content-security-policy'), where).toContain("default-src 'none'")
      const asked = await running[1]!.ask('OPTIONS', pathOf(route), {
        headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' },
      })
      await asked.body?.cancel()
      expect(asked.headers.get('access-control-allow-origin'), where).toBeNull()
    }
  })

  test('J10: whoever sends many wrong tokens has to wait, and fills no log; others of that address do not', async () => {
    const statuses = []
    for (let i = 0; i < 40; i += 1) {
      const answer = await running[0]!.ask('GET', '/audit', { token: `guess-${i}` })
      statuses.push(answer.status)
      if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('10')
    }
    expect(statuses.at(-1)).toBe(429)
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(30)
    const refused = (await running[0]!.service.audit.scan(0, 1000)).filter(
      ({ entry }) => entry.detail.status === 401,
    )
    expect(refused.length).toBeLessThanOrEqual(30)
    const good = await running[0]!.ask('GET', '/audit', {
      token: tokenOf(departments[0], 'auditor'),
    })
    expect(good.status).toBe(200)
    expect((await running[0]!.ask('GET', '/healthz')).status).toBe(200)
  })
})
