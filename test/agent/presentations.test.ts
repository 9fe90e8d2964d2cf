import { describe, expect, test } from 'vitest'
import { formats, holder, stranger } from '../verdict/sample.ts'
import { signed } from '../verdict/world.ts'
import { credentialOf, errorCode, plainAgent, tokenIn } from './agents.ts'
import { agentWorld, claims, holderDid } from './world.ts'

describe('presentations', () => {
  const challenge = 'sample-challenge-0123456789'
  const domain = 'https://verifier.example/check'

  async function presented(proofFormat: (typeof formats)[number] = 'vc+jwt') {
    const own = agentWorld()
    const agent = await plainAgent(own)
    const credential = await agent.createVerifiableCredential({
      credential: credentialOf(own),
      proofFormat,
    })
    const presentation = await agent.createVerifiablePresentation({
      presentation: { holder: holderDid, verifiableCredential: [credential] },
      proofFormat,
      challenge,
      domain,
      disclose: [Object.keys(claims).map((name) => [name])],
    })
    return { own, agent, presentation }
  }

  test.each(formats)(
    '%s: the holder’s answer is verified, for this verifier and this question only',
    async (format) => {
      const { agent, presentation } = await presented(format)
      const verified = async (more: object) =>
        (await agent.verifyPresentation({ presentation, challenge, domain, ...more })).verified
      expect(await verified({})).toBe(true)
      expect(await verified({ challenge: 'another-challenge-0123456789' })).toBe(false)
      expect(await verified({ domain: 'https://another.example' })).toBe(false)
      const unasked = await agent.verifyPresentation({ presentation, challenge })
      expect(errorCode(unasked)).toBe('agent/no-challenge')
      expect(tokenIn(presentation)).not.toBe('')
    },
  )

  test('a VP with a forged credential inside is refused, though its holder signed it well', async () => {
    const { agent, own, presentation } = await presented()
    const [header, payload] = tokenIn(presentation).split('.') as [string, string]
    const vp = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const id = vp.verifiableCredential[0].id as string
    const [type, credential] = id.split(',') as [string, string]
    const input = credential.slice(0, credential.lastIndexOf('.'))
    const forged = `${input}.${Buffer.from(signed(stranger, input)).toString('base64url')}`
    vp.verifiableCredential[0].id = `${type},${forged}`
    const vpInput = `${header}.${Buffer.from(JSON.stringify(vp)).toString('base64url')}`
    const jwt = `${vpInput}.${Buffer.from(signed(holder, vpInput)).toString('base64url')}`
    const result = await agent.verifyPresentation({ presentation: jwt, challenge, domain })
    expect(result.verified).toBe(false)
    expect(errorCode(result)).toBe('signature/bad')
    expect(own.requests).toHaveLength(1)
  })

  test('H3: a bare credential is no answer, and an object may not show what was not signed', async () => {
    const { agent, own, presentation } = await presented()
    const credential = await agent.createVerifiableCredential({
      credential: credentialOf(own),
      proofFormat: 'vc+jwt',
    })
    const bare = await agent.verifyPresentation({
      presentation: tokenIn(credential),
      challenge,
      domain,
    })
    expect(bare.verified).toBe(false)
    for (const change of [
      { verifiableCredential: [{ forged: true }] },
      { holder: 'did:example:1' },
    ]) {
      const result = await agent.verifyPresentation({
        presentation: { ...presentation, ...change } as never,
        challenge,
        domain,
      })
      expect(errorCode(result)).toBe('agent/not-as-signed')
    }
  })

  test('none is made without challenge and domain', async () => {
    const own = agentWorld()
    const agent = await plainAgent(own)
    const credential = await agent.createVerifiableCredential({
      credential: credentialOf(own),
      proofFormat: 'vc+jwt',
    })
    await expect(
      agent.createVerifiablePresentation({
        presentation: { holder: holderDid, verifiableCredential: [credential] },
        proofFormat: 'vc+jwt',
        challenge,
      }),
    ).rejects.toMatchObject({ code: 'agent/no-challenge' })
  })
})
