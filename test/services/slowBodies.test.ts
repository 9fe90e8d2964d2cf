import { type AddressInfo, connect, type Socket } from 'node:net'
import { createRoute, z } from '@hono/zod-openapi'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { newApp } from '../../src/services/app.ts'
import { type Listening, listen } from '../../src/services/listen.ts'
import { bareService } from '../support/bareService.ts'

describe('J8: bodies that never end', () => {
  let listening: Listening
  let begun: number
  const sockets: Socket[] = []
  beforeEach(async () => {
    begun = 0
    const { service } = bareService({ concurrency: 2 }, { isDevelopment: true })
    const app = newApp(service)
    const ok = { description: 'Done', content: { 'application/json': { schema: z.object({}) } } }
    app.openapi(
      createRoute({
        method: 'post',
        path: '/things',
        middleware: [
          async (_c, next) => {
            begun += 1
            await next()
          },
        ],
        request: { body: { content: { 'application/json': { schema: z.object({}) } } } },
        responses: { 200: ok },
      }),
      async (c) => c.json({}, 200),
    )
    listening = await listen({ host: '127.0.0.1', port: 0 })
    listening.answer(app)
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await listening.close(0)
  })

  const portOf = () => (listening.server.address() as AddressInfo).port
  const ask = async () => {
    const url = `http://127.0.0.1:${portOf()}/things`
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body: '{}' })
    const { code } = (await answer.json()) as { code?: string }
    return { status: answer.status, code }
  }
  /** Requests that promise a body and send one byte of it; resolves once the service waits for them. */
  const open = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      const socket = connect(portOf(), '127.0.0.1', () =>
        socket.write(
          'POST /things HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
        ),
      )
      socket.on('error', () => undefined)
      sockets.push(socket)
    }
    await vi.waitFor(() => expect(begun).toBe(count), { timeout: 10_000, interval: 10 })
  }

  test('keep no place from those who are worked on', async () => {
    await open(50)
    expect(await ask()).toEqual({ status: 200, code: undefined })
  })

  test('are at most 128 of one client, and it gets its place back when they end', async () => {
    await open(128)
    expect(await ask()).toEqual({ status: 429, code: 'service/too-many-requests' })
    for (const socket of sockets.splice(0)) socket.destroy()
    await vi.waitFor(async () => expect((await ask()).status).toBe(200), { timeout: 10_000 })
  })
})
