import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accreditorApp } from '../../src/services/accreditor/app.ts'
import type { Document } from '../../src/services/openapi.ts'
import { type AccreditorService, openAccreditorService } from '../../src/wire/accreditorService.ts'
import { expectAsDocumented, requestsFor, routesOf } from '../support/openApiWalk.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../support/service.ts'

/** Random requests for each route. */
const runs = Number(process.env.WEIR_WALK_RUNS ?? 25)

describe('every route of a department', () => {
  let district: TestDistrict
  let running: TestService
  let document: Document
  beforeAll(async () => {
    district = await startTestDistrict(['registration-centre'])
    running = await startTestService(district.home, 'registration-centre')
    document = (await (await running.ask('GET', '/openapi.json')).json()) as Document
  })
  afterAll(async () => {
    await running?.close()
    await district?.close()
  })

  test('is in the OpenAPI document, which says 3.1 and names every reference it makes', () => {
    expect(document).toMatchObject({ openapi: '3.1.0' })
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)]
    const missing = references.filter(([, path]) => {
      let place: unknown = document
      for (const part of path!.split('/')) place = (place as Record<string, unknown>)?.[part]
      return place === undefined
    })
    expect(missing).toEqual([])
    expect(routesOf(document).length).toBeGreaterThan(5)
  })

  test('J11: answers random and broken requests as documented, and never with a fault', async () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    const faults = await walked(document, (path, init) => fetch(new URL(path, running.url), init))
    expect(faults).toEqual([])
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    expect((await running.ask('GET', '/readyz')).status).toBe(200)
  }, 300_000)

  test('a route that is not there gets 404, and another method 405 with those that are', async () => {
    const unknown = await running.ask('GET', '/no-such-thing')
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ code: 'request/unknown-route' })
    const wrong = await running.ask('DELETE', '/healthz')
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('GET, HEAD')
    expect(await wrong.json()).toMatchObject({ code: 'request/wrong-method' })
  })
})

describe('every route of an accreditor', () => {
  let district: TestDistrict
  let service: AccreditorService
  beforeAll(async () => {
    district = await startTestDistrict(['registration-centre'])
    service = await openAccreditorService(district.home, 'city-accreditor', {
      baseUrl: new URL('http://127.0.0.1:4200'),
      isDevelopment: true,
    })
  })
  afterAll(async () => {
    await service?.close()
    await district?.close()
  })

  test('J11: answers random and broken requests as documented, and never with a fault', async () => {
    const app = accreditorApp(service)
    const ask = async (path: string, init?: RequestInit) => app.request(path, init)
    const document = (await (await ask('/openapi.json')).json()) as Document
    expect(await walked(document, ask)).toEqual([])
  }, 300_000)
})

type Ask = (path: string, init: RequestInit) => Promise<Response>

/** Sends random requests to every route of a document. @returns what was wrong, empty: nothing. */
async function walked(document: Document, ask: Ask): Promise<string[]> {
  const faults: string[] = []
  for (const route of routesOf(document)) {
    const property = fc.asyncProperty(
      requestsFor(document, route),
      async ({ path, body, mediaType }) => {
        const answer = await ask(path, {
          method: route.method.toUpperCase(),
          redirect: 'manual',
          signal: AbortSignal.timeout(20_000),
          ...(body !== undefined && { body }),
          ...(mediaType !== undefined && { headers: { 'content-type': mediaType } }),
        })
        await expectAsDocumented(route, answer)
      },
    )
    const asserted = fc.assert(property, { numRuns: runs, endOnFailure: true })
    await asserted.catch((error) => faults.push(faultText(error)))
  }
  return faults
}

/** What was wrong, and the request that shows it. */
function faultText(error: Error): string {
  const asked = /Counterexample: (.*)/.exec(error.message)?.[1] ?? error.message
  const cause = error.cause instanceof Error ? error.cause.message : String(error.cause)
  return `${cause.slice(0, 500)} after ${asked.slice(0, 500)}`
}
