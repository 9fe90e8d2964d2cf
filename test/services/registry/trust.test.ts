import { Resolver } from 'did-resolver'
import { JsonRpcProvider } from 'ethers'
import { getResolver } from 'ethr-did-resolver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askTrust } from '../../../src/registry/client.ts'
import { departmentOf } from '../../../src/wire/home.ts'
import { startTestNode, type TestNode } from '../../support/registryNode.ts'
import { startTestDistrict, type TestDistrict } from '../../support/service.ts'

const title = 'urn:weir:certificate:real-estate-title:1'
const licence = 'urn:weir:certificate:business-licence:1'

describe('what a registry node says about departments to those who know its protocols', () => {
  let district: TestDistrict
  let node: TestNode
  let did: string
  let address: string
  let accreditor: string

  beforeAll(async () => {
    district = await startTestDistrict()
    node = await startTestNode(district.home)
    await district.settle()
    await node.running.round()
    const { chainId } = node.registry.chain.identity
    const didOf = (name: string) =>
      `did:ethr:0x${chainId.toString(16)}:${departmentOf(district.home, name).address}`
    did = didOf('registration-centre')
    address = did.split(':').at(-1)!
    accreditor = didOf('city-accreditor')
  }, 120_000)

  afterAll(async () => {
    await node?.close()
    await district?.close()
  }, 60_000)

  const query = (change: object = {}) => ({
    entity_id: did,
    authority_id: accreditor,
    action: 'issue',
    resource: title,
    ...change,
  })
  const authorized = async (change?: object) => {
    const answer = await node.ask('/authorization', query(change))
    return { status: answer.status, body: await answer.json() }
  }
  const recognized = async (change?: object) => {
    const answer = await node.ask('/recognition', query({ action: 'recognize', ...change }))
    return { status: answer.status, body: await answer.json() }
  }

  describe('ToIP TRQP 2.0', () => {
    test('an accredited department is authorized, and the answer repeats the question', async () => {
      const { status, body } = await authorized()
      expect(status).toBe(200)
      expect(body).toMatchObject({ ...query(), authorized: true })
      expect(Date.parse(body.time_evaluated)).toBeGreaterThan(0)
      expect(body).not.toHaveProperty('time_requested')
      expect(body.block.hash).toBe(node.registry.chain.past()!.view.block.hash)
    })

    test('one that is not accredited for a type is not authorized for it', async () => {
      const { status, body } = await authorized({ resource: licence })
      expect([status, body.authorized]).toEqual([200, false])
      const unknown = await authorized({ resource: 'urn:example:nothing' })
      expect([unknown.status, unknown.body.authorized]).toEqual([200, false])
    })

    test('an authority that does not stand above the department authorizes nothing', async () => {
      const { body } = await authorized({ authority_id: did })
      expect(body.authorized).toBe(false)
    })

    test('before it was accredited it was not authorized, and nobody knows the future', async () => {
      const early = { context: { time: '2020-01-01T00:00:00Z', locator: 'sample' } }
      const { status, body } = await authorized(early)
      expect([status, body.authorized]).toEqual([200, false])
      expect(body.time_requested).toBe('2020-01-01T00:00:00.000Z')
      expect(body.context).toEqual(early.context)
      const late = await authorized({ context: { time: '2999-01-01T00:00:00Z' } })
      expect([late.status, late.body.code]).toEqual([400, 'mirror/future-time'])
    })

    test('whoever is not registered is not known, and what is not stated neither', async () => {
      const stranger = did.replace(address, `0x${'77'.repeat(20)}`)
      const elsewhere = `did:ethr:0x1:${address}`
      for (const [change, code] of [
        [{ entity_id: stranger }, 'mirror/unknown-entity'],
        [{ entity_id: elsewhere }, 'mirror/unknown-entity'],
        [{ authority_id: stranger }, 'mirror/unknown-authority'],
        [{ authority_id: 'https://example.org' }, 'mirror/unknown-authority'],
        [{ action: 'verify' }, 'mirror/unknown-action'],
        [{ action: 'constructor' }, 'mirror/unknown-action'],
        [{ action: 'recognize' }, 'mirror/unknown-action'],
      ] as const) {
        const { status, body } = await authorized(change)
        expect([status, body.code]).toEqual([404, code])
      }
    })

    test('a query of another form is refused with problem details', async () => {
      for (const change of [
        { entity_id: undefined },
        { action: '' },
        { resource: 7 },
        { context: { time: 'yesterday' } },
        { context: { time: '2026-01-01T00:00:00+02:00' } },
        { context: { other: 5 } },
        { context: 'now' },
      ]) {
        const { status, body } = await authorized(change)
        expect([status, body.code]).toEqual([400, 'request/malformed'])
      }
      const text = await node.app.request('/authorization', { method: 'POST', body: '{}' })
      expect(text.status).toBe(415)
    })

    test('the root is recognized as accreditor, a department that only issues is not', async () => {
      const root = await recognized({ entity_id: accreditor })
      expect(root.status).toBe(200)
      expect(root.body).toMatchObject({ entity_id: accreditor, recognized: true })
      expect((await recognized()).body.recognized).toBe(false)
      expect((await recognized({ action: 'issue' })).body.code).toBe('mirror/unknown-action')
    })

    test('F7: a statement about another subject than was asked for is refused by whoever asks', async () => {
      const question = query()
      const answering = (change: object) => ({
        url: 'http://127.0.0.1:4100',
        fetch: async (request: { url: string; body?: unknown }) => {
          const path = new URL(request.url).pathname
          const answer = await node.ask(path, JSON.parse(String(request.body)))
          const body = { ...(await answer.json()), ...change }
          const bytes = new TextEncoder().encode(JSON.stringify(body))
          return { status: answer.status, headers: {}, body: bytes }
        },
      })
      expect(await askTrust(answering({}), 'authorization', question)).toBe(true)
      for (const change of [
        { entity_id: accreditor },
        { entity_id: undefined },
        { authority_id: did },
        { action: 'verify' },
        { resource: licence },
      ]) {
        await expect(askTrust(answering(change), 'authorization', question)).rejects.toMatchObject({
          code: 'mirror/other-subject',
        })
      }
      await expect(
        askTrust(answering({ authorized: 'yes' }), 'authorization', question),
      ).rejects.toMatchObject({ code: 'mirror/bad-answer' })
    })
  })

  describe('DID resolution', () => {
    const resolve = async (path: string, accept?: string) => {
      const answer = await node.ask(
        `/1.0/identifiers/${path}`,
        undefined,
        accept === undefined ? {} : { accept },
      )
      return { status: answer.status, type: answer.headers.get('content-type'), answer }
    }
    const errorOf = async (path: string, accept?: string) => {
      const { status, answer } = await resolve(path, accept)
      return [status, (await answer.json()).didResolutionMetadata?.error]
    }

    test('a department resolves to its document and keys, with metadata', async () => {
      const { status, type, answer } = await resolve(did)
      expect([status, type]).toEqual([200, 'application/did-resolution'])
      const { didDocument, didDocumentMetadata } = await answer.json()
      expect(didDocument.id).toBe(did)
      const multikeys = didDocument.verificationMethod.filter(
        (method: { type: string }) => method.type === 'Multikey',
      )
      expect(multikeys.length).toBeGreaterThan(0)
      expect(Number(didDocumentMetadata.versionId)).toBeGreaterThan(0)
      expect(didDocumentMetadata.updated).toMatch(/Z$/)
    })

    test('where both answer, ethr-did-resolver says the same', async () => {
      const { chainId, contracts } = node.registry.chain.identity
      const provider = new JsonRpcProvider(district.rpc, chainId, { staticNetwork: true })
      const registry = contracts.didRegistry
      const networks = [{ name: 'test', chainId, registry, provider }]
      const reference = new Resolver(getResolver({ networks } as never) as never)
      for (const one of [did, accreditor, did.replace(address, `0x${'77'.repeat(20)}`)]) {
        const ours = await (await resolve(one)).answer.json()
        const theirs = await reference.resolve(one)
        const methods = (document: typeof theirs.didDocument) =>
          document!
            .verificationMethod!.map((method) => [
              method.id,
              method.blockchainAccountId?.toLowerCase(),
            ])
            .filter(([, account]) => account !== undefined)
        expect(methods(ours.didDocument)).toEqual(methods(theirs.didDocument))
        expect(ours.didDocument.id).toBe(theirs.didDocument!.id)
        expect(ours.didDocumentMetadata).toEqual(theirs.didDocumentMetadata)
      }
      provider.destroy()
    })

    test('a version before its first key shows the controller alone', async () => {
      const { answer } = await resolve(`${did}?versionId=0`)
      const { didDocument, didDocumentMetadata } = await answer.json()
      expect(didDocument.verificationMethod).toHaveLength(1)
      expect(Number(didDocumentMetadata.nextVersionId)).toBeGreaterThan(0)
      const { time } = node.registry.chain.past()!.view.block
      const at = time.toISOString().replace('.000Z', 'Z')
      const then = await (await resolve(`${did}?versionTime=${at}`)).answer.json()
      const now = await (await resolve(did)).answer.json()
      expect(then.didDocument).toEqual(now.didDocument)
    })

    test('the document alone where Accept asks for one', async () => {
      const { type, answer } = await resolve(did, 'application/did+ld+json')
      expect(type).toBe('application/did+ld+json')
      const document = await answer.json()
      expect(document.id).toBe(did)
      expect(document['@context']).toBeDefined()
      const plain = await (await resolve(did, 'application/did+json')).answer.json()
      expect(plain['@context']).toBeUndefined()
      const older = 'application/ld+json;profile="https://w3id.org/did-resolution"'
      expect((await resolve(did, older)).type).toBe(older)
      expect((await resolve(encodeURIComponent(did), '*/*')).status).toBe(200)
    })

    test('what is no DID, no version or no representation has its error and status', async () => {
      expect(await errorOf('nonsense')).toEqual([400, 'invalidDid'])
      expect(await errorOf('did:ethr:0xabc')).toEqual([400, 'invalidDid'])
      expect(await errorOf(did.replace(address, `0x${'0'.repeat(40)}`))).toEqual([
        400,
        'invalidDid',
      ])
      expect(await errorOf(`did:ethr:0x1:${address}`)).toEqual([404, 'unknownNetwork'])
      expect(await errorOf('did:web:example.org')).toEqual([501, 'methodNotSupported'])
      expect(await errorOf(`${did}?versionId=999999999`)).toEqual([404, 'notFound'])
      expect(await errorOf(`${did}?versionTime=2999-01-01T00:00:00Z`)).toEqual([404, 'notFound'])
      expect(await errorOf(did, 'text/html')).toEqual([406, 'representationNotSupported'])
    })

    test('C5: a version that is no whole number, and unknown parameters, are refused', async () => {
      for (const query of [
        'versionId=abc',
        'versionId=12abc',
        'versionId=1e3',
        'versionId=',
        'versionId=01',
        'versionTime=yesterday',
        'versionId=1&versionTime=2026-01-01T00:00:00Z',
        'hl=zQm',
        'service=files',
        'version=1',
        'versionId=1&x=1',
      ]) {
        expect([query, ...(await errorOf(`${did}?${query}`))]).toEqual([
          query,
          400,
          'invalidDidUrl',
        ])
      }
    })
  })
})
