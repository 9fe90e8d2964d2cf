import type { AnchorRecord } from '../../src/anchor/model.ts'
import { builtInTypes } from '../../src/certificate/types.ts'
import { drain } from '../../src/issuer/drain.ts'
import { issue } from '../../src/issuer/issue.ts'
import type { App } from '../../src/services/chassis.ts'
import { registryApp } from '../../src/services/registry/app.ts'
import type { Department } from '../../src/wire/department.ts'
import type { Home } from '../../src/wire/home.ts'
import { type OpenRegistry, openRegistry, type RegistryOptions } from '../../src/wire/registry.ts'
import { titleRequest } from './issuer.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a program reads has the shape that the test expects
type Answer = Omit<Response, 'json'> & { json(): Promise<any> }

/** A registry node of a district, asked without a socket. */
export type TestNode = OpenRegistry & {
  readonly app: App
  /** Asks it; a body goes as JSON. */
  ask(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

/** Opens one over a home; nothing is followed until a round is asked for. */
export async function startTestNode(home: Home, options: RegistryOptions = {}): Promise<TestNode> {
  const node = await openRegistry(home, { isDevelopment: true, ...options })
  const { registry, running } = node
  const baseUrl = new URL('http://127.0.0.1:4100')
  const limits = { requestsPerMinute: 1_000_000 }
  const app = registryApp({ registry, running, types: builtInTypes, baseUrl, limits })
  return {
    ...node,
    app,
    ask: async (path, body, headers = {}) =>
      app.request(path, {
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      }),
  }
}

/** Issues `count` sample titles, anchors them as one batch; their fingerprints in order, hex. */
export async function anchorTitles(
  { issuer }: Pick<Department, 'issuer'>,
  first: number,
  count: number,
): Promise<string[]> {
  const requests = Array.from({ length: count }, (_, at) => titleRequest(first + at))
  const fingerprints: string[] = []
  for await (const answer of issue(issuer, requests)) {
    if ('error' in answer) throw answer.error
    fingerprints.push(...answer.credentials.map(({ fingerprint }) => fingerprint))
  }
  await drain(issuer, { pollMs: 20 })
  return fingerprints
}

/** A batch's record as the chain has it. */
export async function anchorOf(
  { issuer, address }: Department,
  sequence: number,
): Promise<AnchorRecord> {
  const anchor = await (await issuer.chain.view()).anchor(address, sequence)
  if (anchor === undefined) throw new Error('no such batch')
  return anchor
}
