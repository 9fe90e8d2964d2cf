import type { ServerResponse } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { openFetch } from '../../../src/adapters/http/fetch.ts'
import type { FetchRequest } from '../../../src/ports/fetch.ts'
import { canary } from './canary.ts'

/** Asks a server of ours once and closes. */
async function asked(
  answer: (response: ServerResponse) => void,
  request: Partial<FetchRequest> = {},
) {
  const bird = await canary((_, response) => answer(response))
  const { fetch, close } = openFetch({ origins: [bird.origin] })
  onTestFinished(close)
  return fetch({ url: `${bird.origin}/path?secret=canary`, ...request })
}

const text = ({ body }: { body: Uint8Array }) => new TextDecoder().decode(body)

test('an answer comes back with its status, lower-case headers and bytes, whatever the status', async () => {
  const answer = await asked((response) => {
    response.writeHead(404, { 'Content-Type': 'text/plain', 'X-Many': ['a', 'b'] })
    response.end('nothing here')
  })
  expect(answer).toMatchObject({
    status: 404,
    headers: { 'content-type': 'text/plain', 'x-many': 'a, b' },
  })
  expect(text(answer)).toBe('nothing here')
})

test('method, headers and body arrive', async () => {
  const heard: string[] = []
  const bird = await canary((request, response) => {
    request.setEncoding('utf8').on('data', (chunk) => heard.push(chunk))
    request.on('end', () => response.end())
  })
  const { fetch, close } = openFetch({ origins: [bird.origin] })
  onTestFinished(close)
  await fetch({
    url: bird.origin,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  })
  expect(heard.join('')).toBe('{"a":1}')
  expect(bird.requests[0]).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'weir' },
  })
})

test('J9: a redirect is an answer and is not followed', async () => {
  const inner = await canary()
  for (const status of [301, 302, 303, 307, 308]) {
    const answer = await asked((response) => {
      response.writeHead(status, { location: inner.origin }).end()
    })
    expect(answer.status).toBe(status)
  }
  expect(inner.knocks()).toBe(0)
})

test('J9: a proxy that the environment names is not used', async () => {
  const proxy = await canary()
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']
  const before = names.map((name) => [name, process.env[name]] as const)
  for (const name of names) process.env[name] = proxy.origin
  process.env.NODE_USE_ENV_PROXY = '1'
  try {
    expect((await asked((response) => response.end())).status).toBe(200)
  } finally {
    delete process.env.NODE_USE_ENV_PROXY
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
  expect(proxy.knocks()).toBe(0)
})

test('a coded answer is decoded, one that is damaged or coded in an unknown way is not taken', async () => {
  const coded = (coding: string, body: Uint8Array) => (response: ServerResponse) =>
    response.writeHead(200, { 'content-encoding': coding }).end(body)
  const plain = Buffer.from('a status list')
  expect(text(await asked(coded('gzip', gzipSync(plain))))).toBe('a status list')
  expect(text(await asked(coded('deflate', deflateSync(plain))))).toBe('a status list')
  expect(text(await asked(coded('br', brotliCompressSync(plain))))).toBe('a status list')
  expect(text(await asked(coded('identity', plain)))).toBe('a status list')
  for (const [coding, body] of [
    ['gzip', plain],
    ['br', gzipSync(plain)],
    ['gzip, gzip', gzipSync(gzipSync(plain))],
    ['zstd', plain],
    ['constructor', plain],
    ['gzip', gzipSync(plain).subarray(0, -9)],
  ] as const)
    await expect(asked(coded(coding, body)), coding).rejects.toMatchObject({ code: 'fetch/failed' })
})

test('B8, J9: a bomb of 64 MiB behind 65 KB is refused in each coding, and so is a long plain answer', async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024)
  const bombs = {
    gzip: gzipSync(zeros),
    deflate: deflateSync(zeros),
    br: brotliCompressSync(zeros),
  }
  for (const [coding, body] of Object.entries(bombs)) {
    const bomb = asked((response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(body)
    })
    await expect(bomb, coding).rejects.toMatchObject({ code: 'fetch/too-large' })
  }
  const long = asked((response) => response.end(Buffer.alloc(101)), { maxBytes: 100 })
  await expect(long).rejects.toMatchObject({ code: 'fetch/too-large', detail: { maxBytes: 100 } })
  const fits = await asked((response) => response.end(Buffer.alloc(100)), { maxBytes: 100 })
  expect(fits.body).toHaveLength(100)
  const endless = asked((response) => {
    const more = () => {
      while (response.write(Buffer.alloc(65536)));
    }
    response.on('drain', more)
    more()
  })
  await expect(endless).rejects.toMatchObject({ code: 'fetch/too-large' })
})

test('J9: headers without end are refused', async () => {
  const wide = asked((response) => {
    for (let n = 0; n < 40; n += 1) response.setHeader(`x-${n}`, 'a'.repeat(1000))
    response.end()
  })
  await expect(wide).rejects.toMatchObject({ code: 'fetch/too-large' })
})

test('J9: silence, a hanging head and a slow drip all end at the deadline', async () => {
  const silent = asked(() => {}, { timeoutMs: 100 })
  await expect(silent).rejects.toMatchObject({ code: 'fetch/timeout' })
  const drip = asked(
    (response) => {
      const timer = setInterval(() => response.write('.'), 10)
      response.on('close', () => clearInterval(timer))
    },
    { timeoutMs: 200 },
  )
  await expect(drip).rejects.toMatchObject({ code: 'fetch/timeout' })
})

test('J9: a name whose servers hang ends at the deadline too', async () => {
  const { fetch, close } = openFetch({ resolve: () => new Promise(() => {}) })
  onTestFinished(close)
  const asked = fetch({ url: 'https://slow.example/', timeoutMs: 100 })
  await expect(asked).rejects.toMatchObject({ code: 'fetch/timeout' })
})

test('a closed port, a cut answer and a name without address are failures of the outside', async () => {
  const cut = asked((response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('12345', () => response.destroy())
  })
  await expect(cut).rejects.toMatchObject({ code: 'fetch/failed' })
  const { fetch, close } = openFetch({ origins: ['http://127.0.0.1:1'], resolve: async () => [] })
  onTestFinished(close)
  await expect(fetch({ url: 'http://127.0.0.1:1/' })).rejects.toMatchObject({
    code: 'fetch/failed',
  })
  const nobody = fetch({ url: 'https://nobody.example/' })
  await expect(nobody).rejects.toMatchObject({ code: 'fetch/failed' })
})

test('I5: no error names path or query of what was asked', async () => {
  const errors = await Promise.all([
    asked((response) => response.destroy()).catch((error) => error),
    asked(() => {}, { timeoutMs: 50 }).catch((error) => error),
    asked((response) => response.end('long'), { maxBytes: 1 }).catch((error) => error),
    openFetch()
      .fetch({ url: 'http://a.example/path?secret=canary' })
      .catch((error) => error),
  ])
  for (const error of errors) {
    expect(error.code).toMatch(/^fetch\//)
    const said = JSON.stringify([error.message, error.detail, String(error.cause ?? '')])
    expect(said).not.toMatch(/canary|secret|path/)
  }
})

test('J7: only so many requests run at once, and a waiting one gives up in its own time', async () => {
  const held: ServerResponse[] = []
  const two = Promise.withResolvers<void>()
  const bird = await canary((_, response) => {
    if (held.push(response) === 2) two.resolve()
  })
  const { fetch, close } = openFetch({ origins: [bird.origin], most: 2 })
  onTestFinished(close)
  const first = [fetch({ url: bird.origin }), fetch({ url: bird.origin })]
  await two.promise
  const third = fetch({ url: bird.origin, timeoutMs: 50 })
  await expect(third).rejects.toMatchObject({ code: 'fetch/timeout' })
  expect(bird.requests).toHaveLength(2)
  const fourth = fetch({ url: bird.origin })
  for (const response of held.splice(0)) response.end()
  await Promise.all(first)
  await expect.poll(() => held.length).toBe(1)
  held[0]?.end()
  expect((await fourth).status).toBe(200)
})
