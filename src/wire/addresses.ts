import { createServer } from 'node:net'
import type { Configuration } from '../configuration/model.ts'
import { type Home, saveHome } from './home.ts'

/**
 * Gives every member of a local district, and its registry node, an address of this machine, if it has
 * none yet. What has one keeps it: certificates name the address of their status list.
 */
export async function withAddresses(home: Home): Promise<Home> {
  const { configuration } = home
  const departments = { ...configuration.departments }
  for (const [name, member] of Object.entries(departments)) {
    if (member.baseUrl !== undefined) continue
    const port = await freePort()
    departments[name] = {
      ...member,
      baseUrl: urlAt(port),
      service: { ...member.service, port },
    }
  }
  let { registry } = configuration
  if (registry?.baseUrl === undefined) {
    const port = await freePort()
    registry = { ...registry, port, baseUrl: urlAt(port) }
  }
  const changed: Configuration = { ...configuration, departments, registry }
  return JSON.stringify(changed) === JSON.stringify(configuration) ? home : saveHome(home, changed)
}

function urlAt(port: number): string {
  return `http://127.0.0.1:${port}`
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
