import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { ServiceConfiguration } from '../../src/configuration/model.ts'
import { type Home, saveHome } from '../../src/wire/home.ts'
import { startProcesses } from '../../src/wire/processes.ts'

/** A department's service as a process of its own. */
export type Served = {
  readonly url: string
  /** MiB that the system gave to it, as it says itself. */
  memory(): Promise<number>
  stop(): Promise<void>
}

const weir = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** The department under load. */
export const department = 'registration-centre'
/** Its own system's token where tokens are asked for, and a name where they are not. */
export const sampleToken = 'weir-sample-load-token'

/** Starts `weir serve`: open to this machine, or with tokens and its usual limits for each client. */
export async function serve(home: Home, profile: 'development' | 'guarded'): Promise<Served> {
  const isOpen = profile === 'development'
  const configured = isOpen ? home : await guarded(home)
  const args = ['serve', department, ...(isOpen ? ['--development'] : [])]
  const command = [process.execPath, ...process.execArgv, weir]
  const plan = { name: department, args }
  const processes = await startProcesses(configured, command, [plan], ({ kind }) => {
    throw new Error(`The service ${kind === 'restarted' ? 'died' : 'failed'} under load`)
  })
  const url = processes.urls.get(department)!.replace(/\/$/, '')
  const headers = { authorization: `Bearer ${sampleToken}` }
  return {
    url,
    memory: async () => {
      const text = await (await fetch(`${url}/metrics`, { headers })).text()
      const bytes = /^weir_process_resident_memory_bytes (\S+)/m.exec(text)?.[1]
      return Math.round(Number(bytes) / 2 ** 20)
    },
    stop: () => processes.stop(),
  }
}

function guarded(home: Home): Promise<Home> {
  const { departments } = home.configuration
  const member = departments[department]!
  const sha256 = createHash('sha256').update(sampleToken).digest('hex')
  const service: ServiceConfiguration = {
    ...member.service,
    tokens: [{ name: 'load', roles: ['clerk', 'operator'], sha256 }],
  }
  const changed = { ...departments, [department]: { ...member, service } }
  return saveHome(home, { ...home.configuration, departments: changed })
}
