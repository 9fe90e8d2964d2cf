import { isIP } from 'node:net'
import type { Context } from 'hono'
import type { Env } from './chassis.ts'

/**
 * Who asks, for limits only: an IPv4 address, or the first 64 bits of an IPv6 one, since a client has that
 * many.
 *
 * @param proxies proxies in front of the service; so many entries of `X-Forwarded-For` are believed,
 *   counted from the end.
 */
export function clientOf(c: Context<Env>, proxies: number): string {
  const peer = c.env?.incoming?.socket.remoteAddress ?? 'unknown'
  const passed = (c.req.header('x-forwarded-for') ?? '').split(',').map((entry) => entry.trim())
  const named = proxies === 0 ? undefined : passed.at(-proxies)
  return network(named !== undefined && isIP(named) !== 0 ? named : peer)
}

function network(address: string): string {
  const kind = isIP(address)
  if (kind === 4) return address
  if (kind === 0) return 'unknown'
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail = ''] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const behind = tail.split(':').filter(Boolean)
  const zeros = address.includes('::') ? Math.max(0, 8 - groups.length - behind.length) : 0
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...behind]
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
