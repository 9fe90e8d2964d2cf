import { beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/credential/model.ts'
import { issueCredential } from '../../src/vcapi/issueCredential.ts'
import type { VcApi } from '../../src/vcapi/model.ts'
import { updateStatus } from '../../src/vcapi/updateStatus.ts'
import { verifyCredential } from '../../src/vcapi/verifyCredential.ts'
import { anchorAll, type World } from '../support/issuer.ts'
import { codeOf, codes, credential, newVcApi, statusBase } from './world.ts'

let api: VcApi
let world: World
beforeEach(async () => {
  ;({ api, world } = await newVcApi())
})
const purposes = [{ statusPurpose: 'revocation' }, { statusPurpose: 'suspension' }]
const issued = (credentialStatus: unknown = true, rest = {}) =>
  issueCredential(api, credential(rest), { credentialStatus: credentialStatus as never })
const change = (document: JsonObject, statusPurpose: string, status = true) =>
  updateStatus(
    api,
    { credentialId: String(document.id), credentialStatus: { statusPurpose }, status },
    'sample-clerk',
  )
const errorsOf = async (document: JsonObject) =>
  codes((await verifyCredential(api, document)).errors)

describe('a status entry', () => {
  test('names a place in the department’s lists', async () => {
    const document = await issued()
    expect(document.credentialStatus).toMatchObject({
      type: 'BitstringStatusListEntry',
      statusPurpose: 'revocation',
      statusListCredential: `${statusBase}/${world.address}/0/revocation`,
    })
    expect(document.id).toMatch(/^urn:uuid:/)
    expect(await errorsOf(document)).toEqual([])
  })

  test('is not given without being asked for', async () => {
    expect((await issued(false)).credentialStatus).toBeUndefined()
    expect((await issueCredential(api, credential())).credentialStatus).toBeUndefined()
  })

  test.each([
    1,
    'yes',
    {},
    { type: 'Other' },
    { statusPurpose: 'refresh' },
    [{ statusPurpose: 'revocation' }, { statusPurpose: 'revocation' }],
  ])('%j is no wish for one', async (wish) => {
    const code = await codeOf(issued(wish))
    // An empty object asks for what most ask for.
    expect(code).toBe(JSON.stringify(wish) === '{}' ? undefined : 'vcapi/bad-option')
  })

  test('is spent on nothing that is refused', async () => {
    await codeOf(issued(true, { credentialSubject: { nickname: 'S' } }))
    const { credentialStatus } = await issued()
    const { list, index } = {
      list: 0,
      index: Number((credentialStatus as JsonObject).statusListIndex),
    }
    const next = await world.store.lists.allocate(world.address, 1)
    expect(next[0]).toMatchObject({ list, counter: 1 })
    expect(index).toBeGreaterThanOrEqual(0)
  })

  test('belongs to one credential: its id is not issued twice', async () => {
    const id = 'urn:uuid:6d8c1a2e-0000-4000-8000-000000000001'
    await issued(true, { id })
    expect(await codeOf(issued(true, { id }))).toBe('store/duplicate')
  })
})

describe('a change of status', () => {
  test('revokes once it is on the chain, and for good', async () => {
    const document = await issued(purposes)
    await change(document, 'revocation')
    expect(await errorsOf(document)).toEqual([])
    await anchorAll(world)
    expect(await errorsOf(document)).toEqual(['status/revoked'])
    expect(await codeOf(change(document, 'revocation', false))).toBe('status/final')
  })

  test('suspends and resumes', async () => {
    const document = await issued(purposes)
    await change(document, 'suspension')
    await anchorAll(world)
    expect(await errorsOf(document)).toEqual(['status/suspended'])
    await change(document, 'suspension', false)
    await anchorAll(world)
    expect(await errorsOf(document)).toEqual([])
  })

  test('is written to the audit log with who asked, not for what', async () => {
    const document = await issued()
    await change(document, 'revocation')
    const [line] = (await world.store.audit.scan(0, 10)).slice(-1)
    expect(line!.entry).toMatchObject({ actor: 'sample-clerk', action: 'status/revoked' })
    expect(JSON.stringify(line)).not.toContain(String(document.id))
  })

  test.each<[string, object, string]>([
    ['of an unknown credential', { credentialId: 'urn:uuid:unknown' }, 'vcapi/unknown-credential'],
    [
      'for a purpose that it has not',
      { credentialStatus: { statusPurpose: 'suspension' } },
      'vcapi/bad-option',
    ],
    [
      'for an unknown purpose',
      { credentialStatus: { statusPurpose: 'message' } },
      'vcapi/bad-option',
    ],
    ['of two at once', { credentialStatus: [{}, {}] }, 'vcapi/bad-option'],
    ['to no status', { credentialStatus: { status: '2' } }, 'vcapi/bad-option'],
  ])('%s is refused', async (_, change, expected) => {
    const { id } = await issued()
    const wish = { credentialId: String(id), credentialStatus: {}, ...change }
    expect(await codeOf(updateStatus(api, wish as never, 'sample-clerk'))).toBe(expected)
  })

  test('G: certificates have two persons for that, and cannot be reached from here', async () => {
    const certificate = 'urn:weir:certificate:real-estate-title:1'
    const wish = { credentialId: certificate, credentialStatus: {} }
    expect(await codeOf(updateStatus(api, wish, 'sample-clerk'))).toBe('vcapi/unknown-credential')
  })
})

describe('a status that stands elsewhere', () => {
  const entry = {
    type: 'BitstringStatusListEntry',
    statusPurpose: 'revocation',
    statusListIndex: '7',
    statusListCredential: 'https://lists.other.example/1',
  }

  test('is a warning where nobody reads it', async () => {
    const document = await issueCredential(api, credential({ credentialStatus: entry }))
    const { verified, warnings } = await verifyCredential(api, document)
    expect(verified).toBe(true)
    expect(codes(warnings)).toContain('vcapi/status-not-read')
  })

  test('counts where it is read', async () => {
    const document = await issueCredential(api, credential({ credentialStatus: entry }))
    const reading = { ...api, readForeignStatus: async () => 'revoked' as const }
    expect(codes((await verifyCredential(reading, document)).errors)).toEqual(['status/revoked'])
  })

  test('in our list says nothing about a credential of somebody else', async () => {
    const own = { ...entry, statusListCredential: `${statusBase}/${world.address}/0/revocation` }
    const { api: other } = await newVcApi()
    const document = await issueCredential(other, credential({ credentialStatus: own }))
    const asked: unknown[] = []
    const reading: VcApi = { ...api, readForeignStatus: async (given) => void asked.push(given) }
    const { warnings } = await verifyCredential(reading, document)
    expect(asked).toHaveLength(1)
    expect(codes(warnings)).toContain('vcapi/status-not-read')
  })

  test.each<[string, object]>([
    ['a number as index', { statusListIndex: 7 }],
    ['a negative index', { statusListIndex: '-1' }],
    ['no list', { statusListCredential: undefined }],
    ['no purpose', { statusPurpose: undefined }],
  ])('with %s is refused', async (_, change) => {
    const status = JSON.parse(JSON.stringify({ ...entry, ...change }))
    const code = await codeOf(issueCredential(api, credential({ credentialStatus: status })))
    if (code !== undefined) return expect(code).toBe('integrity/undefined-term')
    const document = await issueCredential(api, credential({ credentialStatus: status }))
    expect(await errorsOf(document)).toEqual(['vcdm/bad-property'])
  })
})

describe('H8: the status of an SD-JWT VC', () => {
  const sdJwt = (credentialStatus: unknown) =>
    issueCredential(api, credential({ id: 'urn:sample:1' }), {
      format: 'dc+sd-jwt',
      credentialStatus: credentialStatus as never,
    })
  const payloadOf = (document: JsonObject) =>
    JSON.parse(
      Buffer.from(String(document.id).split(',')[1]!.split('.')[1]!, 'base64url').toString(),
    )

  test('names one place in the department’s token list, and ends the credential there', async () => {
    const document = await sdJwt(purposes)
    const { status_list: place } = payloadOf(document).status
    expect(place.uri).toBe(`${statusBase}/${world.address}/0/token`)
    expect(Number.isInteger(place.idx)).toBe(true)
    expect(await errorsOf(document)).toEqual([])
    await change({ id: 'urn:sample:1' }, 'revocation')
    await anchorAll(world)
    expect(await errorsOf(document)).toEqual(['status/revoked'])
  })

  test('is not there without being asked for', async () => {
    expect(payloadOf(await sdJwt(false)).status).toBeUndefined()
  })

  test('is refused where somebody else keeps it, since it could not be carried over', async () => {
    const entry = {
      type: 'BitstringStatusListEntry',
      statusPurpose: 'revocation',
      statusListIndex: '7',
      statusListCredential: 'https://lists.other.example/1',
    }
    const wish = issueCredential(api, credential({ credentialStatus: entry }), {
      format: 'dc+sd-jwt',
    })
    expect(await codeOf(wish)).toBe('vcdm/bad-property')
  })
})

describe('a status that another department of this chain keeps', () => {
  test('is read from the chain, wherever that department publishes it', async () => {
    const wish = { format: 'vc+jwt', credentialStatus: true } as const
    const document = await issueCredential(api, credential({ id: 'urn:sample:2' }), wish)
    const sdJwt = { ...wish, format: 'dc+sd-jwt' } as const
    const selective = await issueCredential(api, credential({ id: 'urn:sample:3' }), sdJwt)
    const department = { did: world.issuer.department.did, address: `0x${'e5'.repeat(20)}` }
    const did = department.did.replace(world.address, department.address)
    const other: VcApi = {
      ...api,
      issuer: {
        ...api.issuer,
        department: { ...department, did },
        statusBase: 'https://other.example/status-lists',
      },
    }
    const codesThere = async (one: JsonObject) => codes((await verifyCredential(other, one)).errors)
    expect(await codesThere(document)).toEqual([])
    expect(await codesThere(selective)).toEqual([])
    for (const id of ['urn:sample:2', 'urn:sample:3']) await change({ id }, 'revocation')
    await anchorAll(world)
    expect(await codesThere(document)).toEqual(['status/revoked'])
    expect(await codesThere(selective)).toEqual(['status/revoked'])
  })
})
