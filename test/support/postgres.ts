import { spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

/** A private PostgreSQL cluster, on a socket in its own folder. */
export type Cluster = {
  /** A fresh empty database's address. */
  newDatabase(): Promise<string>
  /** Ends all connections of clients, as a restart would. */
  dropConnections(): Promise<void>
  stop(): Promise<void>
}

const debian = '/usr/lib/postgresql'

/** Why no cluster can be started here; undefined: one can. */
export function whyNoPostgres(): string | undefined {
  if (binaries() === undefined) return `PostgreSQL is not installed (no ${debian}/*/bin/initdb)`
  if (process.getuid?.() === 0 && owner() === undefined) {
    return 'PostgreSQL refuses to run as root, and there is no user postgres'
  }
  return undefined
}

/** Starts a cluster; it ends with this process, however that ends, and never syncs: nothing is kept. */
export async function startPostgres(): Promise<Cluster> {
  const bin = binaries() ?? debian
  const user = process.getuid?.() === 0 ? owner() : undefined
  const folder = mkdtempSync(join(tmpdir(), 'weir-postgres-'))
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const init = `'${bin}/initdb' -D '${data}' -U weir -A trust -E UTF8 --locale=C --no-sync`
  const serve = `exec '${bin}/postgres' -D '${data}' -k '${folder}' -c listen_addresses='' -c fsync=off`
  // The shell waits for the end of its input, which comes with `stop` or with the end of this process.
  const script = `set -e; ${init} >&2; (${serve}) & p=$!; read _ || true; kill -INT $p; wait $p`
  const server = spawn('sh', ['-c', script], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
    ...user,
  })
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    let log = ''
    server.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('ready to accept connections')) resolve()
    })
    server.on('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)))
  })
  const url = (name: string): string =>
    `postgres://weir@/${name}?host=${encodeURIComponent(folder)}`
  let databases = 0
  return {
    newDatabase: async () => {
      databases += 1
      await query(url('postgres'), `create database store_${databases}`)
      return url(`store_${databases}`)
    },
    dropConnections: () =>
      query(
        url('postgres'),
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and client_port is not null',
      ),
    stop: async () => {
      server.stdin.end()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}

function binaries(): string | undefined {
  if (!existsSync(debian)) return undefined
  const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a))
  return versions
    .map((version) => join(debian, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')))
}

function owner(): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m)
  return line === null ? undefined : { uid: Number(line[1]), gid: Number(line[2]) }
}
