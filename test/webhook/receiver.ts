import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One message as a receiver got it. */
export type Heard = {
  readonly headers: Record<string, string>
  readonly body: string
}

/** A real receiver on loopback; what it answers may be changed while it runs. */
export type Receiver = {
  readonly url: string
  readonly heard: Heard[]
  /** Status to answer with; `hang` never answers. */
  answer: number | 'hang'
}

/** Starts a receiver that is gone after the test. */
export async function receiver(): Promise<Receiver> {
  const heard: Heard[] = []
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      heard.push({ headers: request.headers as Record<string, string>, body })
      if (self.answer !== 'hang') response.writeHead(self.answer).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const self: Receiver = { url: `http://127.0.0.1:${port}/hook?token=canary`, heard, answer: 204 }
  return self
}
