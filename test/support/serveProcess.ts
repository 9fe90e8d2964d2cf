import type { ChildProcess } from 'node:child_process'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startWeir } from './weir.ts'

/** A running `weir serve`. */
export type ServeProcess = {
  readonly process: ChildProcess
  /** What it listens at, and not the address that it publishes. */
  readonly url: string
  /** What it logged and said. */
  said(): string
  /** Its exit code once it is gone; null if it was killed. */
  ended(signal: NodeJS.Signals): Promise<number | null>
}

/**
 * Starts `weir serve <department> --development` at this port and waits until it is open.
 *
 * @param env with `WEIR_HOME`.
 */
export async function startServe(
  department: string,
  port: number,
  baseUrl: string,
  env: NodeJS.ProcessEnv,
): Promise<ServeProcess> {
  const args = ['--development', '--port', String(port), '--base-url', baseUrl, '--json']
  const child = startWeir(['serve', department, ...args], env)
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await new Promise<void>((resolve, reject) => {
    let out = ''
    child.stdout?.on('data', (chunk) => {
      out += chunk
      if (out.includes('\n')) resolve()
    })
    child.once('exit', () => reject(new Error(`weir serve ended: ${out} ${said}`)))
  })
  return {
    process: child,
    url: `http://127.0.0.1:${port}`,
    said: () => said,
    ended: (signal) => {
      child.kill(signal)
      return exit
    },
  }
}

/** A proxy before several processes: each request goes to the next of them. */
export type FrontProxy = {
  readonly url: string
  /** From now on these get the requests, in turn. */
  to(urls: readonly string[]): void
  close(): Promise<void>
}

/** Starts a proxy on a free port; it tries nothing twice, so that a lost answer is lost. */
export async function startProxy(): Promise<FrontProxy> {
  let targets: readonly string[] = []
  let next = 0
  const server = createServer((incoming, outgoing) => {
    const target = targets[next++ % targets.length]
    if (target === undefined) return void outgoing.writeHead(503).end()
    const { method, headers, url } = incoming
    const asked = request(new URL(url!, target), { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    asked.on('error', () =>
      outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end(),
    )
    incoming.pipe(asked)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    to: (urls) => {
      targets = urls
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Where webhooks go. */
export async function startReceiver(
  take: (id: string, type: string) => void,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    let body = ''
    incoming.on('data', (chunk) => {
      body += chunk
    })
    incoming.on('end', () => {
      take(String(incoming.headers['webhook-id']), JSON.parse(body).type)
      outgoing.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A port of this machine that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
