import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Rpc } from '../../../src/adapters/chain/rpc.ts'
import { type Chaos, type ChaosNode, startChaos } from '../../support/chaosRpc.ts'

describe('a node that answers badly', () => {
  let node: ChaosNode
  let rpc: Rpc

  beforeEach(async () => {
    node = await startChaos('http://127.0.0.1:9')
    rpc = new Rpc(node.url, { timeoutMs: 500, maxBytes: 100_000 })
  })

  afterEach(async () => {
    rpc.close()
    await node.close()
  })

  const ok = { swallow: () => ({ result: '0x1' }) }
  const bodies: readonly (readonly [string, Chaos, string])[] = [
    ['HTML', { body: () => ['<html>Bad gateway</html>'] }, 'chain/bad-answer'],
    ['nothing', { body: () => [''] }, 'chain/bad-answer'],
    ['a bare number', { body: () => ['1'] }, 'chain/bad-answer'],
    ['an array for one call', { body: () => ['[]'] }, 'chain/bad-answer'],
    ['neither result nor error', { body: () => ['{"jsonrpc":"2.0","id":1}'] }, 'chain/bad-answer'],
    ['another protocol', { body: () => ['{"id":1,"result":"0x1"}'] }, 'chain/bad-answer'],
    ['a nested bomb', { body: () => ['['.repeat(90_000)] }, 'chain/bad-answer'],
    [
      'another id',
      { ...ok, message: (message) => ({ ...message, id: 7_777 }) },
      'chain/bad-answer',
    ],
    ['an id as text', { ...ok, message: (m) => ({ ...m, id: String(m.id) }) }, 'chain/bad-answer'],
    [
      'an error that is no object',
      { ...ok, message: (m) => ({ ...m, error: 'no' }) },
      'chain/bad-answer',
    ],
    [
      'a megabyte',
      { body: () => Array.from({ length: 100 }, () => 'x'.repeat(10_000)) },
      'chain/too-large',
    ],
    ['a cut reply', { ...ok, dropReply: () => true }, 'chain/unreachable'],
    ['too late', { ...ok, delayMs: 5_000 }, 'chain/unreachable'],
    ['a slow drip', { body: drip }, 'chain/unreachable'],
  ]

  test.each(bodies)(
    'D10: %s is refused with a code and the next call works',
    async (_, chaos, code) => {
      node.set(chaos)
      await expect(rpc.call('eth_chainId', [])).rejects.toMatchObject({
        name: 'OutsideError',
        code,
      })
      node.set(ok)
      expect(await rpc.call('eth_chainId', [])).toBe('0x1')
    },
  )

  test('D10: a batch with too few, too many or repeated answers is refused for each call', async () => {
    for (const change of [
      (all: unknown[]) => all.slice(1),
      (all: unknown[]) => [...all, all[0]],
      (all: unknown[]) => [all[0], all[0]],
    ]) {
      node.set({
        body: (request) => {
          const calls = JSON.parse(request) as { id: number }[]
          return [
            JSON.stringify(change(calls.map(({ id }) => ({ jsonrpc: '2.0', id, result: '0x1' })))),
          ]
        },
      })
      const both = await Promise.allSettled([rpc.call('a', []), rpc.call('b', [])])
      expect(both.some(({ status }) => status === 'rejected')).toBe(true)
      for (const each of both) {
        if (each.status === 'rejected') expect(each.reason.code).toBe('chain/bad-answer')
      }
    }
  })

  test('answers of a batch reach their own calls in whatever order they come', async () => {
    node.set({
      body: (request) => {
        const calls = JSON.parse(request) as { id: number; method: string }[]
        const replies = calls.map(({ id, method }) => ({ jsonrpc: '2.0', id, result: method }))
        return [JSON.stringify(replies.reverse())]
      },
    })
    const names = Array.from({ length: 50 }, (_, at) => `call${at}`)
    expect(await Promise.all(names.map((name) => rpc.call(name, [])))).toEqual(names)
  })

  test("a node's own error is told apart, with revert data", async () => {
    node.set({
      ...ok,
      message: ({ id }) => ({
        jsonrpc: '2.0',
        id,
        error: { code: 3, message: 'execution reverted', data: { data: '0xabcd' } },
      }),
    })
    await expect(rpc.call('eth_call', [])).rejects.toMatchObject({
      code: 'chain/refused',
      rpcCode: 3,
      data: '0xabcd',
    })
  })

  async function* drip(): AsyncGenerator<string> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      yield ' '
    }
  }
})

describe('a node that closes idle sockets', () => {
  test('the call is made again on a new socket', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      let answered = false
      sockets.push(socket)
      socket.on('error', () => {})
      socket.on('data', (data) => {
        // The second request on a socket finds it closed.
        if (answered) return socket.destroy()
        answered = true
        const id = JSON.parse(data.toString().split('\r\n\r\n')[1]!).id
        const body = JSON.stringify({ jsonrpc: '2.0', id, result: '0x1' })
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const rpc = new Rpc(`http://127.0.0.1:${port}`)
    for (let call = 0; call < 5; call++) expect(await rpc.call('eth_chainId', [])).toBe('0x1')
    expect(sockets).toHaveLength(5)
    rpc.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  test('a node that is not there is unreachable', async () => {
    const rpc = new Rpc('http://127.0.0.1:9')
    await expect(rpc.call('eth_chainId', [])).rejects.toMatchObject({ code: 'chain/unreachable' })
  })

  test.each(['ftp://127.0.0.1', 'file:///etc/passwd', 'nonsense'])(
    '%s is no address of a node',
    (url) => {
      expect(() => new Rpc(url)).toThrow(expect.objectContaining({ code: 'chain/bad-url' }))
    },
  )
})
