import { createHash } from 'node:crypto'
import { type AddressInfo, connect } from 'node:net'
import { createRoute, z } from '@hono/zod-openapi'
import { describe, expect, test, vi } from 'vitest'
import { InputError, OutsideError, TrustError } from '../../src/errors.ts'
import type { Session } from '../../src/ports/sessions.ts'
import { newApp } from '../../src/services/app.ts'
import { maxBodyBytes } from '../../src/services/body.ts'
import { type App, requires, speaksOAuth } from '../../src/services/chassis.ts'
import { idempotent } from '../../src/services/idempotency.ts'
import { listen } from '../../src/services/listen.ts'
import type { RequestLine } from '../../src/services/observe.ts'
import { problems } from '../../src/services/problem.ts'
import type { Service } from '../../src/wire/service.ts'
import { bareService } from '../support/bareService.ts'

const thing = z.strictObject({ name: z.string().max(5), count: z.number().int().optional() })
const ok = { description: 'Done', content: { 'application/json': { schema: z.object({}) } } }

/** A service with one route that takes a thing, and one that does what `work` does. */
function sample(
  work: () => Promise<void> = async () => undefined,
  { service } = bareService({}, { isDevelopment: true }),
) {
  const logged: RequestLine[] = []
  const app = newApp(service, { log: (line) => logged.push(line) })
  const body = <S extends z.ZodType>(schema: S) => ({ content: { 'application/json': { schema } } })
  app.openapi(
    createRoute({
      method: 'post',
      path: '/things/{id}',
      middleware: [requires('clerk')] as const,
      request: { params: z.object({ id: z.string().max(5) }), body: body(thing) },
      responses: { 200: ok, ...problems(404) },
    }),
    async (c) => {
      await work()
      return c.json(c.req.valid('json'), 200)
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/once',
      middleware: [requires('clerk'), idempotent(service)] as const,
      request: { body: body(thing) },
      responses: { 200: ok },
    }),
    async (c) => {
      await work()
      return c.json({ done: c.req.valid('json').name }, 200)
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/oauth',
      middleware: [speaksOAuth] as const,
      request: {
        body: {
          content: {
            'application/x-www-form-urlencoded': { schema: z.object({ grant_type: z.string() }) },
          },
        },
      },
      responses: { 200: ok },
    }),
    async (c) => {
      await work()
      return c.json({}, 200)
    },
  )
  return { app, logged }
}

const json = (body: string, headers: Record<string, string> = {}) => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json', ...headers },
})

async function answered(app: App, path: string, init: RequestInit) {
  const answer = await app.request(path, init)
  const text = await answer.text()
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test expects
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as any }
}

describe('a body at the edge', () => {
  test.each([
    ['twice the same member', '{"name":"a","name":"b"}', {}, 400, 'json/duplicate-member'],
    ['a member nobody asked for', '{"name":"a","admin":true}', {}, 400, 'request/malformed'],
    ['B4: a prototype', '{"name":"a","__proto__":{"count":1}}', {}, 400, 'request/malformed'],
    ['J11: an array for a text', '{"name":["a"]}', {}, 400, 'request/malformed'],
    ['no JSON', '{"name":', {}, 400, 'json/malformed'],
    ['nothing', '', {}, 400, 'json/malformed'],
    ['B5: much nesting', `${'['.repeat(200)}${']'.repeat(200)}`, {}, 400, 'json/too-deep'],
    ['B2: a number nobody can hold', '{"name":"a","count":1e400}', {}, 400, 'json/unsafe-number'],
    [
      'another media type',
      '{"name":"a"}',
      { 'content-type': 'text/plain' },
      415,
      'request/media-type',
    ],
    [
      'a form instead',
      'name=a',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'request/media-type',
    ],
    ['too much', `{"name":"${'a'.repeat(maxBodyBytes)}"}`, {}, 413, 'request/too-large'],
  ] as const)('with %s is refused', async (_what, body, headers, status, code) => {
    const answer = await answered(sample().app, '/things/1', json(body, headers))
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('is refused by place and rule, and its values are not repeated', async () => {
    const { text, body } = await answered(sample().app, '/things/1', json('{"name":"SECRET-NAME"}'))
    expect(body.errors).toEqual([{ path: '/name', rule: 'too_big' }])
    expect(text).not.toContain('SECRET')
  })

  test('that fits is taken', async () => {
    const { status, body } = await answered(sample().app, '/things/1', json('{"name":"a"}'))
    expect([status, body]).toEqual([200, { name: 'a' }])
  })
})

describe('an error', () => {
  test.each([
    [new InputError('request/not-found'), 404],
    [new InputError('issue/bad-request'), 422],
    [new InputError('certificate/unknown-type'), 422],
    [new InputError('store/duplicate'), 409],
    [new InputError('hex/malformed'), 400],
    [new TrustError('issue/not-accredited'), 422],
    [new OutsideError('chain/unreachable'), 503],
    [new OutsideError('store/io'), 503],
  ])('%s has its status', async (error, status) => {
    const { app } = sample(async () => {
      throw error
    })
    const answer = await answered(app, '/things/1', json('{"name":"a"}'))
    expect([answer.status, answer.body.code]).toEqual([status, error.code])
    expect(answer.headers.has('retry-after')).toBe(status === 503)
    expect(Object.keys(answer.body).sort()).toEqual(['code', 'instance', 'status', 'title', 'type'])
  })

  test('J12: that nobody expected says its request id and nothing else, and the service goes on', async () => {
    let isBroken = true
    const { app, logged } = sample(async () => {
      if (isBroken) throw new TypeError('cannot read SECRET of undefined')
    })
    const answer = await answered(app, '/things/1', json('{"name":"a"}'))
    const instance = `urn:weir:request:${answer.headers.get('x-request-id')}`
    expect(answer.body).toMatchObject({ status: 500, code: 'service/internal', instance })
    expect(answer.body.facts).toBeUndefined()
    expect(answer.text).not.toContain('SECRET')
    expect(JSON.stringify(logged)).not.toContain('SECRET')
    expect(logged[0]?.at?.length).toBeGreaterThan(0)
    isBroken = false
    expect((await answered(app, '/things/1', json('{"name":"a"}'))).status).toBe(200)
  })

  test('of an OAuth route has a registered code', async () => {
    const form = (body: string) => ({
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    const bad = await answered(sample().app, '/oauth', form('x=1'))
    expect([bad.status, bad.body.error]).toEqual([400, 'invalid_request'])
    const throwing = (error: unknown) =>
      answered(
        sample(async () => {
          throw error
        }).app,
        '/oauth',
        form('grant_type=x'),
      )
    const grant = await throwing(
      Object.assign(new Error('SECRET'), {
        errorResponse: { error: 'invalid_grant' },
        status: 400,
      }),
    )
    expect([grant.status, grant.body]).toEqual([400, { error: 'invalid_grant' }])
    const outside = await throwing(new OutsideError('chain/unreachable'))
    expect([outside.status, outside.body.error]).toEqual([503, 'temporarily_unavailable'])
    const unexpected = await throwing(new Error('SECRET'))
    expect([unexpected.status, unexpected.body.error]).toEqual([500, 'server_error'])
    expect(unexpected.text).not.toContain('SECRET')
  })
})

test.each([
  [100, 200],
  [101, 400],
  [500_000, 400],
])(
  'J7: a form of %i parameters is looked at only if they are at most 100',
  async (count, status) => {
    const body = `grant_type=x${'&a'.repeat(count - 1)}`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await answered(sample().app, '/oauth', { method: 'POST', body, headers })
    expect(answer.status).toBe(status)
    if (status === 400) expect(answer.body.error).toBe('invalid_request')
  },
)

describe('an idempotent call', () => {
  const key = (value: string) => ({ 'idempotency-key': value })

  test('G7: sent again is answered from the store and done once', async () => {
    let done = 0
    const { app } = sample(async () => {
      done += 1
    })
    const first = await answered(app, '/once', json('{"name":"a"}', key('k1')))
    const again = await answered(app, '/once', json('{"name":"a"}', key('k1')))
    expect([again.status, again.body, done]).toEqual([200, first.body, 1])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const other = await answered(app, '/once', json('{"name":"b"}', key('k1')))
    expect([other.status, other.body.code]).toEqual([422, 'request/other-idempotent'])
    await answered(app, '/once', json('{"name":"b"}', key('k2')))
    expect(done).toBe(2)
  })

  test('G7: while the first one runs waits its turn, and a failed one may be tried again', async () => {
    const gate = Promise.withResolvers<void>()
    let fails = false
    const { app } = sample(async () => {
      if (fails) throw new OutsideError('chain/unreachable')
      await gate.promise
    })
    const first = answered(app, '/once', json('{"name":"a"}', key('k')))
    const second = await answered(app, '/once', json('{"name":"a"}', key('k')))
    expect([second.status, second.body.code]).toEqual([409, 'request/in-progress'])
    gate.resolve()
    expect((await first).status).toBe(200)
    fails = true
    const failed = await answered(app, '/once', json('{"name":"a"}', key('f')))
    expect(failed.status).toBe(503)
    fails = false
    const retried = await answered(app, '/once', json('{"name":"a"}', key('f')))
    expect(retried.status).toBe(200)
  })

  test('I2, I5: leaves nothing that a reader of the store could read', async () => {
    const bare = bareService({}, { isDevelopment: true })
    const kept: unknown[] = []
    const { add, replace } = bare.service.sessions
    Object.assign(bare.service.sessions, {
      add: (department: string, sessions: readonly Session[]) => {
        kept.push(...sessions)
        return add(department, sessions)
      },
      replace: (department: string, session: Session) => {
        kept.push(session)
        return replace(department, session)
      },
    })
    const { app } = sample(undefined, bare)
    const body = '{"name":"张三"}'
    const { text } = await answered(app, '/once', json(body, key('k')))
    expect(text).toContain('张三')
    const stored = JSON.stringify(kept)
    expect(kept).toHaveLength(2)
    for (const said of ['张三', createHash('sha256').update(body).digest('hex')]) {
      expect(stored).not.toContain(said)
    }
    expect((await answered(app, '/once', json(body, key('k')))).text).toBe(text)
  })

  test('with a key that is none is refused', async () => {
    const answer = await answered(sample().app, '/once', json('{"name":"a"}', key('a b')))
    expect([answer.status, answer.body.code]).toEqual([400, 'request/malformed'])
  })
})

describe('J7: a flood', () => {
  test('of one client gets 429, and of all together 503 while others are answered', async () => {
    const { service } = bareService({ requestsPerMinute: 3 }, { isDevelopment: true })
    const { app } = sample(undefined, { service, lines: [] })
    const statuses = []
    for (let i = 0; i < 5; i += 1) {
      statuses.push((await answered(app, '/things/1', json('{"name":"a"}'))).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429])

    const gate = Promise.withResolvers<void>()
    const narrow = bareService({ concurrency: 2 }, { isDevelopment: true })
    const { app: busy } = sample(() => gate.promise, narrow)
    const running = [1, 2].map(() => answered(busy, '/things/1', json('{"name":"a"}')))
    const third = await answered(busy, '/things/1', json('{"name":"a"}'))
    expect([third.status, third.body.code]).toEqual([503, 'service/busy'])
    expect(third.headers.get('retry-after')).toBe('1')
    gate.resolve()
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200])
  })
})

describe('log and audit', () => {
  test('I5, J5: hold templates and codes, never what was sent', async () => {
    const bare = bareService({}, { isDevelopment: true })
    const { app, logged } = sample(undefined, bare)
    const marks = ['MARK-path', 'MARK-body', 'MARK-query', 'MARK-agent']
    const init = json(`{"name":"${marks[1]}\\n{\\"level\\":50}"}`, { 'user-agent': marks[3]! })
    await answered(app, `/things/${marks[0]}?q=${marks[2]}`, init)
    await answered(app, `/nothing/${marks[0]}`, init)
    expect(logged.map(({ route, status }) => [route, status])).toEqual([
      ['/things/:id', 400],
      ['unknown', 404],
    ])
    const text = JSON.stringify([logged, bare.lines])
    for (const mark of marks) expect(text).not.toContain(mark)
  })
})

test('J3: the open profile answers under names of this machine only', async () => {
  const { app } = sample()
  const hosts = [
    'localhost:4000',
    '127.0.0.1:1',
    '[::1]:9',
    'rebound.example',
    '10.0.0.7',
    '',
    'a b',
  ]
  const statuses = []
  for (const host of hosts) {
    const answer = await answered(app, '/things/1', json('{"name":"a"}', { host }))
    statuses.push(answer.status)
  }
  expect(statuses).toEqual([200, 200, 200, 403, 403, 403, 403])
})

test.each([
  ['a page of elsewhere', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 401],
  ['a page of another port', { 'sec-fetch-site': 'same-site' }, 401],
  ['a page of elsewhere in an older browser', { origin: 'https://evil.example' }, 401],
  ['a page without an origin of its own', { origin: 'null' }, 401],
  ['a page of this service', { 'sec-fetch-site': 'same-origin', origin: 'null' }, 200],
  ['a page of this service in an older browser', { origin: 'http://127.0.0.1:4000' }, 200],
  ['no page', {}, 200],
])('J3: in the open profile %s does what it may', async (_who, headers, status) => {
  const { app } = sample()
  const sent = json('{"name":"a"}', { host: '127.0.0.1:4000', ...(headers as object) })
  const answer = await answered(app, '/things/1', sent)
  expect(answer.status).toBe(status)
  // What wallets in a browser ask needs nobody's rights.
  const form = { 'content-type': 'application/x-www-form-urlencoded', ...(headers as object) }
  const open = await app.request('/oauth', { method: 'POST', body: 'grant_type=a', headers: form })
  expect(open.status).toBe(200)
})

describe('J8: a slow or greedy client', () => {
  /** Sends bytes as they are, and gives all that comes back until the server hangs up. */
  async function exchanged(port: number, bytes: string): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    const ended = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    socket.write(bytes)
    await ended
    return text
  }

  test('meets the server’s time limits', async () => {
    const { server, close } = await listen({ host: '127.0.0.1', port: 0 })
    expect(server.headersTimeout).toBe(10_000)
    expect(server.requestTimeout).toBe(30_000)
    expect(server.maxHeadersCount).toBe(100)
    await close()
  })

  test('that hangs up in the middle of a body has sent a bad one, no fault of the service', async () => {
    const listening = await listen({ host: '127.0.0.1', port: 0 })
    const { app, logged } = sample()
    listening.answer(app)
    const { port } = listening.server.address() as AddressInfo
    const head = 'POST /things/1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    const socket = connect(port, '127.0.0.1')
    socket.write(`${head}Content-Length: 100\r\n\r\n{"name":`)
    listening.server.once('request', () => setImmediate(() => socket.destroy()))
    await vi.waitFor(() => expect(logged.length).toBe(1))
    expect(logged[0]).toMatchObject({ status: 400, code: 'request/malformed' })
    await listening.close(0)
  })

  test('with huge headers, two lengths or bad syntax is refused before any route', async () => {
    const listening = await listen({ host: '127.0.0.1', port: 0 })
    let calls = 0
    const { app } = sample(async () => {
      calls += 1
    })
    listening.answer(app)
    const { port } = listening.server.address() as AddressInfo
    const head = 'POST /things/1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    const body = '{"name":"a"}'
    const huge = `${head}X-Filler: ${'a'.repeat(20_000)}\r\n\r\n`
    expect(await exchanged(port, huge)).toMatch(/^HTTP\/1\.1 431 /)
    const chunked = `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n${body}\r\n0\r\n\r\n`
    expect(await exchanged(port, chunked)).toMatch(/^HTTP\/1\.1 400 /)
    const twice = `${head}Content-Length: 12\r\nContent-Length: 13\r\n\r\n${body}`
    expect(await exchanged(port, twice)).toMatch(/^HTTP\/1\.1 400 /)
    const folded = `${head}X-A: b\nX-C: d\r\nContent-Length : 12\r\n\r\n${body}`
    expect(await exchanged(port, folded)).toMatch(/^HTTP\/1\.1 400 /)
    expect(calls).toBe(0)
    await listening.close(0)
  })
})

test('a department under a path answers there, and at the inserted well-known address', async () => {
  const { service } = bareService({}, {
    isDevelopment: true,
    baseUrl: new URL('https://city.example/registry'),
  } as Partial<Service>)
  const app = newApp(service)
  app.openapi(
    createRoute({ method: 'get', path: '/.well-known/sample', responses: { 200: ok } }),
    (c) => c.json({}, 200),
  )
  for (const path of ['/registry/.well-known/sample', '/.well-known/sample/registry']) {
    expect((await app.request(path)).status).toBe(200)
  }
  expect((await app.request('/registry-two/.well-known/sample')).status).toBe(404)
})
