import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootFromProof } from '../../../src/anchor/proof.ts'
import { leafHash } from '../../../src/anchor/tree.ts'
import { readProof } from '../../../src/presentation/certificateFile.ts'
import { bytesFromHex, hex } from '../../../src/primitives/bytes.ts'
import type { Document } from '../../../src/services/openapi.ts'
import { expectAsDocumented, requestsFor, routesOf } from '../../support/openApiWalk.ts'
import { anchorOf, anchorTitles, startTestNode, type TestNode } from '../../support/registryNode.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../../support/service.ts'

describe('a registry node', () => {
  let district: TestDistrict
  let centre: TestService
  let node: TestNode
  let fingerprints: string[]
  let did: string
  let address: string

  beforeAll(async () => {
    district = await startTestDistrict()
    centre = await startTestService(district.home, 'registration-centre')
    ;({ did, address } = centre.service.department)
    fingerprints = await anchorTitles(centre.service.department, 1, 600)
    fingerprints.push(...(await anchorTitles(centre.service.department, 601, 1)))
    node = await startTestNode(district.home, {
      store: { kind: 'sqlite', path: 'registry/a.sqlite' },
      sources: new Map([[address, centre.url]]),
    })
  }, 120_000)

  afterAll(async () => {
    await node?.close()
    await centre?.close()
    await district?.close()
  }, 60_000)

  test('before anything was read it says so and is not ready', async () => {
    const early = await startTestNode(district.home, {
      store: { kind: 'sqlite', path: 'registry/early.sqlite' },
    })
    const answer = await early.ask('/departments')
    expect(answer.status).toBe(503)
    expect((await answer.json()).code).toBe('mirror/not-ready')
    expect((await early.ask('/readyz')).status).toBe(503)
    expect((await early.ask('/healthz')).status).toBe(200)
    await early.close()
  })

  test('the department hands out leaf files that never change, to everybody', async () => {
    const path = `/batches/${address}/1/leaves`
    const answer = await centre.ask('GET', path)
    const anchor = await anchorOf(centre.service.department, 1)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect(answer.headers.get('cache-control')).toMatch(/immutable/)
    expect((await answer.arrayBuffer()).byteLength).toBe(anchor.size * 32)
    const tag = answer.headers.get('etag')!
    expect(tag).toBe(`"${anchor.root.slice(2)}"`)
    const again = await centre.ask('GET', path, { headers: { 'if-none-match': tag } })
    expect(again.status).toBe(304)
    for (const [wrong, status] of [
      [`/batches/${address}/99/leaves`, 404],
      [`/batches/0x${'00'.repeat(20)}/1/leaves`, 404],
      [`/batches/${address}/0/leaves`, 400],
      [`/batches/${did}/1/leaves`, 400],
    ] as const) {
      expect((await centre.ask('GET', wrong)).status).toBe(status)
    }
  })

  test('it collects leaf files and answers with the block at which it is true', async () => {
    await node.running.round()
    const { view } = node.registry.chain.past()!
    const state = await (await node.ask('/node')).json()
    expect(state.following.state).toBe('following')
    expect(state.missing).toEqual([])
    expect(state.leaves).toBe(768 + 16)
    expect(state.block.hash).toBe(view.block.hash)
    expect((await node.ask('/readyz')).status).toBe(200)
    const file = await node.ask(`/batches/${address}/1/leaves`)
    expect(file.headers.get('weir-block')).toBe(`${view.block.number} ${view.block.hash}`)
    const own = await centre.ask('GET', `/batches/${address}/1/leaves`)
    expect(await file.arrayBuffer()).toEqual(await own.arrayBuffer())
  })

  test('one’s own fingerprint is found with a proof, and the node says that it has learnt it', async () => {
    const answer = await node.ask(`/fingerprints/${fingerprints[77]}`)
    expect(answer.status).toBe(200)
    const body = await answer.json()
    const leaf = leafHash(bytesFromHex(fingerprints[77]!))
    expect(body.leaf).toBe(hex(leaf))
    expect(body.notice).toMatch(/learnt/)
    expect(body.anchors).toHaveLength(1)
    const { issuer, root, proof } = body.anchors[0]
    expect(issuer).toBe(did)
    const { index, size, path, sequence } = readProof(proof)!
    expect(`0x${hex(rootFromProof(leaf, index, size, path))}`).toBe(root)
    expect(root).toBe((await anchorOf(centre.service.department, sequence)).root)
    const byLeaf = await (await node.ask(`/proofs/${hex(leaf)}`)).json()
    expect(byLeaf.anchors).toEqual(body.anchors)
    const byFingerprint = await (await node.ask(`/proofs/${fingerprints[77]}`)).json()
    expect(byFingerprint.anchors).toEqual(body.anchors)
  })

  test('a fingerprint that nobody anchored is not found, at a block', async () => {
    const answer = await node.ask(`/fingerprints/${'ab'.repeat(32)}`)
    expect(answer.status).toBe(404)
    const { code, facts } = await answer.json()
    expect(code).toBe('mirror/not-found')
    expect(facts.hash).toBe(node.registry.chain.past()!.view.block.hash)
    for (const wrong of ['ab', 'zz'.repeat(32), 'AB'.repeat(32)]) {
      expect((await node.ask(`/fingerprints/${wrong}`)).status).toBe(400)
    }
  })

  test('a prefix brings at least 256 leaves, each with its proof', async () => {
    const advice = await (await node.ask('/fingerprints')).json()
    expect(advice).toMatchObject({ count: 784, bits: 1, atLeast: 256 })
    expect(advice.leaves).toBeUndefined()
    const answer = await node.ask('/fingerprints?prefix=8&bits=1&proofs=true')
    expect(answer.status).toBe(200)
    const { leaves, block } = await answer.json()
    expect(block.number).toBeGreaterThan(0)
    expect(leaves.length).toBeGreaterThanOrEqual(256)
    for (const { leaf, issuer, proof } of leaves.slice(0, 40)) {
      expect(Number.parseInt(leaf[0], 16)).toBeGreaterThanOrEqual(8)
      expect(issuer).toBe(did)
      const { index, size, path, sequence } = readProof(proof)!
      const root = rootFromProof(bytesFromHex(leaf), index, size, path)
      const anchor = await anchorOf(centre.service.department, sequence)
      expect(`0x${hex(root)}`).toBe(anchor.root)
    }
    const all = await (await node.ask('/fingerprints?prefix=')).json()
    expect(all.leaves).toHaveLength(784)
  })

  test('J7: proving is dear, so only a few prefixes are proven at once, and the rest told to wait', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => node.ask('/fingerprints?prefix=&proofs=true')),
    )
    const served = answers.filter(({ status }) => status === 200)
    const refused = answers.filter(({ status }) => status === 503)
    expect(served.length + refused.length).toBe(12)
    expect(served.length).toBeGreaterThanOrEqual(4)
    expect(refused.length).toBeGreaterThan(0)
    expect((await refused[0]!.json()).code).toBe('service/busy')
    expect(refused[0]!.headers.get('retry-after')).toBe('1')
    expect((await node.ask('/fingerprints?prefix=&proofs=true')).status).toBe(200)
  })

  test('I4: a prefix that only few share is refused, and so is one that is none', async () => {
    const long = await node.ask('/fingerprints?prefix=8a3')
    expect(long.status).toBe(400)
    const { code, facts } = await long.json()
    expect(code).toBe('mirror/prefix-too-long')
    expect(facts.bits).toBe(1)
    const proven = await node.ask('/fingerprints?prefix=8a3&proofs=true')
    expect((await proven.json()).code).toBe('mirror/prefix-too-long')
    for (const wrong of ['prefix=9&bits=1', 'prefix=8&bits=5', 'bits=1', 'proofs=true']) {
      const answer = await node.ask(`/fingerprints?${wrong}`)
      expect((await answer.json()).code).toBe('mirror/bad-prefix')
      expect(answer.status).toBe(400)
    }
    for (const wrong of ['prefix=XY', 'prefix=ABC', 'prefix=8&bits=-1', 'prefix=8&bits=99x']) {
      expect((await node.ask(`/fingerprints?${wrong}`)).status).toBe(400)
    }
  })

  test('batches are listed with their place on the chain', async () => {
    const list = await (await node.ask(`/batches/${did}`)).json()
    expect(list.batches.map(({ sequence }: { sequence: number }) => sequence)).toEqual([1, 2])
    const anchor = await anchorOf(centre.service.department, 2)
    const { batch } = await (await node.ask(`/batches/${address}/2`)).json()
    expect(batch).toMatchObject({
      issuer: did,
      root: anchor.root,
      size: 16,
      anchoredAtBlock: anchor.block,
      anchoredAt: anchor.time.toISOString(),
      isMirrored: true,
    })
    expect((await (await node.ask(`/batches/${did}?after=1`)).json()).batches).toEqual([batch])
    expect((await node.ask(`/batches/${did}/3`)).status).toBe(404)
    expect((await node.ask('/batches/did:ethr:0x1:0x12')).status).toBe(404)
    expect((await node.ask(`/batches/0x${'00'.repeat(20)}`)).status).toBe(404)
    expect((await node.ask(`/batches/${did}/x`)).status).toBe(400)
  })

  test('departments stand with their keys, accreditations and past', async () => {
    const { departments } = await (await node.ask('/departments')).json()
    expect(departments).toHaveLength(2)
    const [accreditor] = departments
    expect(accreditor.accreditor).toBeNull()
    const one = await (await node.ask(`/departments/${did}`)).json()
    expect(one.department).toMatchObject({ id: did, address, accreditor: accreditor.id })
    const { thumbprint } = centre.service.department.issuer.signer.key
    expect(one.keys.map((key: { thumbprint: string }) => key.thumbprint)).toContain(thumbprint)
    const title = one.accreditations.find(
      ({ type }: { type: string }) => type === 'urn:weir:certificate:real-estate-title:1',
    )
    expect(title).toMatchObject({ isInForce: true, rights: ['issue'], withdrawnAt: null })
    expect(title.restsOn.map((above: { department: string }) => above.department)).toEqual([
      accreditor.id,
    ])
    // Registered without an account, which its first account then accepted.
    expect(one.history.at(-1).department.account).toBe(one.department.account)
    expect((await node.ask(`/departments/0x${'00'.repeat(20)}`)).status).toBe(404)
    expect((await node.ask('/departments/nobody')).status).toBe(404)
    const type = 'urn:weir:certificate:real-estate-title:1'
    const { accreditations } = await (
      await node.ask(`/accreditations?type=${encodeURIComponent(type)}`)
    ).json()
    expect(accreditations).toHaveLength(2)
    const none = await (await node.ask(`/accreditations?type=urn:none&department=${did}`)).json()
    expect(none.accreditations).toEqual([])
    const words = await (await node.ask(`/departments/${did}/statuses/0`)).json()
    expect(words.words).toEqual({})
  })

  test('certificate types are served byte for byte under their digests', async () => {
    const { types } = await (await node.ask('/certificate-types')).json()
    expect(types).toHaveLength(11)
    for (const kind of ['context', 'schema', 'metadata']) {
      const { url, integrity, mediaType } = types[0].documents[kind]
      const path = new URL(url).pathname
      const answer = await node.ask(path)
      expect(answer.headers.get('content-type')).toBe(mediaType)
      expect(answer.headers.get('cache-control')).toMatch(/immutable/)
      const digest = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer())
      expect(`sha256-${Buffer.from(digest).toString('base64')}`).toBe(integrity)
      const tag = answer.headers.get('etag')!
      expect((await node.ask(path, undefined, { 'if-none-match': tag })).status).toBe(304)
    }
    expect((await node.ask('/certificate-types/no-such-type/1/schema')).status).toBe(404)
    expect((await node.ask('/certificate-types/real-estate-title/1/other')).status).toBe(400)
  })

  test('a status list is handed on as its department signed it, and stays while that is away', async () => {
    const path = `/status-lists/${address}/0/token`
    const theirs = await centre.ask('GET', path, {
      headers: { accept: 'application/statuslist+jwt' },
    })
    expect(theirs.status).toBe(200)
    const answer = await node.ask(path)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/statuslist+jwt')
    expect(await answer.text()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    const credential = await node.ask(`/status-lists/${address}/0/revocation`)
    expect(credential.headers.get('content-type')).toBe('application/vc+jwt')
    const stranger = await node.ask(`/status-lists/0x${'00'.repeat(20)}/0/token`)
    expect([stranger.status, (await stranger.json()).code]).toEqual([404, 'mirror/not-found'])
    expect((await node.ask(`/status-lists/${address}/77/token`)).status).toBe(404)
    expect((await node.ask(`/status-lists/${address}/0/other`)).status).toBe(400)
    expect((await node.ask(`${path}?time=yesterday`)).status).toBe(400)
    expect((await node.ask(path, undefined, { accept: 'text/html' })).status).toBe(404)
  })

  test('J11: it answers random and broken requests as documented, and never with a fault', async () => {
    const document = (await (await node.ask('/openapi.json')).json()) as Document
    const faults: string[] = []
    for (const route of routesOf(document)) {
      const walked = fc.assert(
        fc.asyncProperty(requestsFor(document, route), async ({ path, body, mediaType }) => {
          const answer = await node.app.request(path, {
            method: route.method.toUpperCase(),
            ...(body !== undefined && { body }),
            ...(mediaType !== undefined && { headers: { 'content-type': mediaType } }),
          })
          await expectAsDocumented(route, answer)
        }),
        { numRuns: Number(process.env.WEIR_WALK_RUNS ?? 25), endOnFailure: true },
      )
      await walked.catch((error: Error) => faults.push(String(error.cause ?? error).slice(0, 800)))
    }
    expect(faults).toEqual([])
  }, 120_000)

  test('it answers reading only, for pages of any origin, and documents itself', async () => {
    const answer = await node.ask('/departments')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const wrong = await node.app.request('/departments', { method: 'DELETE' })
    expect(wrong.status).toBe(405)
    expect((await node.ask('/none')).status).toBe(404)
    const document = await (await node.ask('/openapi.json')).json()
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/fingerprints', '/authorization', '/1.0/identifiers/{did}']),
    )
    expect(await (await node.ask('/metrics')).text()).toMatch(/weir_http_requests_total/)
  })
})
