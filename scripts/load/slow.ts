import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** Connections that send a byte a second; half of them headers, half a body that was announced longer. */
export type Slow = {
  /** How many still stand. */
  open(): number
  close(): void
}

/** Milliseconds between two bytes of one connection. */
const everyMs = 1000

const heads = [
  'POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ',
  'POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n',
]

/** Opens slow connections to a service, from these addresses in turn. */
export async function openSlow(
  url: string,
  count: number,
  addresses: readonly string[],
): Promise<Slow> {
  const { hostname: host, port } = new URL(url)
  const sockets = new Set<Socket>()
  for (let at = 0; at < count; at += 1) {
    const localAddress = addresses[at % addresses.length]!
    const socket = connect({ host, port: Number(port), localAddress })
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('connect', () => socket.write(heads[at % heads.length]!))
    socket.resume()
    if (at % 100 === 99) await pause(20)
  }
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('a')
  }, everyMs)
  return {
    open: () => sockets.size,
    close: () => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}
