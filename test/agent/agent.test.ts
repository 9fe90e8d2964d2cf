import { describe, expect, test } from 'vitest'
import { department, formats, holder, stranger } from '../verdict/sample.ts'
import { signed } from '../verdict/world.ts'
import { credentialOf, errorCode, plainAgent, quietAgent, tokenIn } from './agents.ts'
import { agentWorld, claims } from './world.ts'

describe('a plain createAgent with our providers', () => {
  test.each([...formats, 'jwt'])(
    'issues %s and verifies it, as token and as object',
    async (proofFormat) => {
      const own = agentWorld()
      const agent = await plainAgent(own)
      const document = await agent.createVerifiableCredential({
        credential: credentialOf(own),
        proofFormat,
      })
      const token = tokenIn(document)
      expect(await agent.verifyCredential({ credential: token })).toMatchObject({ verified: true })
      expect(await agent.verifyCredential({ credential: document })).toMatchObject({
        verified: true,
      })
      // Changed, revoked, or not anchored: each its own code.
      const forged = `${token.slice(0, 40)}${token[40] === 'A' ? 'B' : 'A'}${token.slice(41)}`
      const bad = await agent.verifyCredential({ credential: forged })
      expect(bad.verified).toBe(false)
      own.world.setStatus(department, 1, 0, 'revoked')
      own.world.pass(10)
      for (const credential of [token, document]) {
        const revoked = await agent.verifyCredential({ credential })
        expect(revoked.verified).toBe(false)
      }
      expect(errorCode(await agent.verifyCredential({ credential: token }))).toBe('status/revoked')
    },
  )

  test('the status plugin, asked by itself, refuses whatever is not wholly good', async () => {
    const own = agentWorld()
    const agent = (await plainAgent(own)) as unknown as {
      checkCredentialStatus(args: object): Promise<object>
    } & Awaited<ReturnType<typeof plainAgent>>
    const credential = await agent.createVerifiableCredential({
      credential: credentialOf(own),
      proofFormat: 'vc+jwt',
    })
    expect(await agent.checkCredentialStatus({ credential })).toEqual({
      revoked: false,
      verified: true,
    })
    own.world.setStatus(department, 1, 0, 'superseded')
    own.world.pass(10)
    const refused = { revoked: true, verified: false }
    expect(await agent.checkCredentialStatus({ credential })).toEqual(refused)
    const foreign = { credentialStatus: { id: 'x', type: 'y' } }
    expect(await agent.checkCredentialStatus({ credential: foreign })).toEqual(refused)
    // An answer for one object is not kept for later.
    expect(errorCode(await agent.verifyCredential({ credential }))).toBe('status/superseded')
    await new Promise((resolve) => setTimeout(resolve, 1))
    expect(await agent.checkCredentialStatus({ credential })).toEqual(refused)
  })

  test('a key of the department lists the formats that it can sign', async () => {
    const own = agentWorld()
    const agent = await plainAgent(own)
    const identifier = await agent.didManagerGet({ did: own.did })
    expect(await agent.listUsableProofFormats(identifier)).toEqual([...formats, 'jwt'])
    const others = {
      ...identifier,
      keys: identifier.keys.map((key) => ({ ...key, type: 'Ed25519' as const })),
    }
    expect(await agent.listUsableProofFormats(others)).toEqual([])
  })

  test('C11: a DID of another method or chain is not resolved by anything', async () => {
    const agent = await plainAgent(agentWorld())
    const errorOf = async (didUrl: string) =>
      (await agent.resolveDid({ didUrl })).didResolutionMetadata.error
    expect(await errorOf('did:web:registry.invalid')).toBe('unsupportedDidMethod')
    expect(await errorOf(`did:ethr:0x1:${department}`)).toBe('unknownNetwork')
    expect(await errorOf(`did:ethr:${department}`)).toBe('invalidDid')
  })

  test('a credential that is not yet anchored is not verified', async () => {
    const own = agentWorld({ anchors: false })
    const agent = await plainAgent(own)
    const credential = await agent.createVerifiableCredential({
      credential: credentialOf(own),
      proofFormat: 'vc+jwt',
    })
    expect(errorCode(await agent.verifyCredential({ credential }))).toBe('anchor/pending')
  })

  test('documents that are no credential at all are refused, not an error of set-up', async () => {
    const agent = await plainAgent(agentWorld())
    for (const credential of [
      '',
      'a.b.c',
      'eyJhbGciOiJub25lIn0..',
      '~',
      {},
      { proof: {} },
      { proof: { jwt: 7 } },
    ]) {
      const result = await agent.verifyCredential({ credential: credential as never })
      expect(result.verified).toBe(false)
      expect(errorCode(result)).toMatch(/^(agent|credential|json|form|presentation)\//)
    }
  })

  test('what cannot be issued is refused, and says where', async () => {
    const own = agentWorld()
    const agent = await plainAgent(own)
    const refusals: [object, string][] = [
      [{ credentialSchema: { id: 'urn:weir:certificate:other:1' } }, 'credentialSchema.id'],
      [{ credentialSchema: undefined, type: ['VerifiableCredential', 'Other'] }, 'type'],
      [{ credentialSubject: [claims] }, 'credentialSubject'],
      [{ credentialSubject: { id: 'did:example:1', ...claims } }, 'credentialSubject.id'],
      [{ validUntil: 'some day' }, 'validUntil'],
      [{ credentialStatus: { id: 'https://status.invalid', type: 'Other' } }, 'credential'],
      [{ evidence: [] }, 'credential'],
    ]
    for (const [change, path] of refusals) {
      await expect(
        agent.createVerifiableCredential({
          credential: credentialOf(own, change) as never,
          proofFormat: 'vc+jwt',
        }),
        path,
      ).rejects.toMatchObject({ code: 'agent/bad-credential', detail: { path } })
    }
    expect(own.requests).toEqual([])
  })

  test('the type is understood by its name too, and the same key is handed on', async () => {
    const own = agentWorld()
    const agent = await plainAgent(own)
    await agent.createVerifiableCredential({
      credential: credentialOf(own, { credentialSchema: undefined, type: ['RealEstateTitle'] }),
      proofFormat: 'dc+sd-jwt',
      idempotencyKey: 'row-1',
    })
    expect(own.requests[0]).toMatchObject({
      idempotencyKey: 'row-1',
      type: own.titleType,
      formats: ['dc+sd-jwt'],
      holderKeys: [holder.jwk],
    })
  })
})

describe('what was found in Veramo, did-jwt and did-jwt-vc does not reach our callers', () => {
  test('the caller’s own objects are not written to, and what Veramo adds is not signed', async () => {
    const own = agentWorld()
    const credential = credentialOf(own)
    const frozen = Object.freeze({
      ...credential,
      credentialSubject: Object.freeze({ ...credential.credentialSubject }),
    })
    for (const proofFormat of formats) {
      // Our agent works on a copy: Veramo's plugin could not write `issuanceDate` into a frozen object.
      const agent = await quietAgent(own)
      const args = Object.freeze({ credential: frozen as never, proofFormat })
      expect(tokenIn(await agent.createVerifiableCredential(args))).not.toBe('')
      // In a plain createAgent that plugin writes before a provider is asked; it never gets further.
      const given = structuredClone(credential)
      const plain = await plainAgent(own)
      const document = await plain.createVerifiableCredential({ credential: given, proofFormat })
      const { issuanceDate: _, ...left } = given as Record<string, unknown>
      expect(left).toEqual(credential)
      expect(document).not.toHaveProperty('issuanceDate')
      const payload = Buffer.from(tokenIn(document).split('.')[1]!, 'base64url').toString()
      expect(payload).not.toContain('issuanceDate')
    }
  })

  test('one options object judges two issuers each by its own keys', async () => {
    const own = agentWorld()
    const agent = await plainAgent(own)
    const good = tokenIn(
      await agent.createVerifiableCredential({ credential: credentialOf(own), proofFormat: 'jwt' }),
    )
    const options = Object.freeze({
      policies: Object.freeze({}),
      resolutionOptions: Object.freeze({}),
    })
    expect((await agent.verifyCredential({ credential: good, ...options })).verified).toBe(true)
    // The same payload, signed by somebody else.
    const input = good.slice(0, good.lastIndexOf('.'))
    const signature = Buffer.from(signed(stranger, input)).toString('base64url')
    const forged = await agent.verifyCredential({ credential: `${input}.${signature}`, ...options })
    expect(errorCode(forged)).toBe('signature/bad')
  })

  test('a status in a JWT string is checked, and no policy switches it off', async () => {
    const own = agentWorld()
    const agent = await plainAgent(own)
    const document = await agent.createVerifiableCredential({
      credential: credentialOf(own),
      proofFormat: 'vc+jwt',
    })
    own.world.setStatus(department, 1, 0, 'suspended')
    own.world.pass(10)
    const policies = {
      credentialStatus: false,
      issuanceDate: false,
      expirationDate: false,
      nbf: false,
      exp: false,
    }
    for (const credential of [document, tokenIn(document)]) {
      const result = await agent.verifyCredential({ credential, policies })
      expect(result.verified).toBe(false)
      expect(errorCode(result)).toBe('status/suspended')
    }
  })

  test('an object that says something else than its token is refused', async () => {
    const own = agentWorld()
    const agent = await plainAgent(own)
    for (const proofFormat of formats) {
      const document = await agent.createVerifiableCredential({
        credential: credentialOf(own),
        proofFormat,
      })
      const subject = document.credentialSubject as Record<string, unknown>
      for (const changed of [
        { ...document, credentialSubject: { ...subject, location: 'somewhere else' } },
        { ...document, issuer: 'did:example:other' },
        { ...document, more: 1 },
      ]) {
        const result = await agent.verifyCredential({ credential: changed as never })
        expect(errorCode(result)).toBe('agent/not-as-signed')
      }
    }
  })

  test('B10, J9: no address in a credential is fetched, good or bad', async () => {
    const original = globalThis.fetch
    const asked: unknown[] = []
    globalThis.fetch = async (input) => {
      asked.push(input)
      throw new Error('no network')
    }
    try {
      const own = agentWorld()
      const agent = await plainAgent(own)
      const document = await agent.createVerifiableCredential({
        credential: credentialOf(own),
        proofFormat: 'vc+jwt',
      })
      expect(JSON.stringify(document.credentialStatus)).toContain('https://registry.invalid')
      const bad = {
        ...document,
        proof: { ...document.proof, jwt: `${tokenIn(document).slice(0, -4)}AAAA` },
      }
      await agent.verifyCredential({ credential: document, fetchRemoteContexts: true })
      await agent.verifyCredential({ credential: bad })
      expect(asked).toEqual([])
    } finally {
      globalThis.fetch = original
    }
  })
})
