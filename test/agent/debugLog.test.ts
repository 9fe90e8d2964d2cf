import { createRequire } from 'node:module'
import { afterEach, describe, expect, test } from 'vitest'
import { fingerprintOfToken } from '../verdict/world.ts'
import { credentialOf, plainAgent, quietAgent, tokenIn, type World } from './agents.ts'
import { agentWorld, canary, claims } from './world.ts'

describe('I5: the debug log', () => {
  type Debug = { enable(names: string): void; disable(): string; log: (...args: unknown[]) => void }
  const requireFrom = createRequire(createRequire(import.meta.url).resolve('@veramo/core'))
  const debug = requireFrom('debug') as Debug
  const log = debug.log
  afterEach(() => {
    debug.disable()
    debug.log = log
  })

  async function logged(work: () => Promise<unknown>): Promise<string> {
    const lines: unknown[] = []
    debug.log = (...args) => lines.push(...args)
    debug.enable('*')
    await work()
    return lines.join('\n')
  }

  async function story(agent: Awaited<ReturnType<typeof quietAgent>>, own: World) {
    const credential = credentialOf(own)
    const document = await agent.createVerifiableCredential({ credential, proofFormat: 'vc+jwt' })
    await agent.verifyCredential({ credential: document })
    await agent.verifyCredential({ credential: tokenIn(document).slice(0, -3) })
    const wrong = { ...credential, credentialSubject: { ...claims, id: canary } }
    await agent
      .createVerifiableCredential({ credential: wrong, proofFormat: 'vc+jwt' })
      .catch(() => {})
    return tokenIn(document)
  }

  test('holds nobody’s claims and no token, with every name of it enabled', async () => {
    const own = agentWorld()
    const agent = await quietAgent(own)
    let token = ''
    const text = await logged(async () => {
      token = await story(agent, own)
    })
    expect(text).not.toContain(canary)
    expect(text).not.toContain(token.slice(60, 120))
    expect(text).not.toContain(fingerprintOfToken(token).toString())
  })

  test('would hold them with Veramo’s own execute, so this test can see it', async () => {
    const own = agentWorld()
    const agent = await plainAgent(own)
    expect(await logged(() => story(agent as never, own))).toContain(canary)
  })
})
