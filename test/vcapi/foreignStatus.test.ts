import { promisify } from 'node:util'
import { deflateSync, gzipSync, inflateSync, gunzip as unzip } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/credential/model.ts'
import { InputError, OutsideError } from '../../src/errors.ts'
import type { Fetch } from '../../src/ports/fetch.ts'
import { foreignStatusReader } from '../../src/vcapi/foreignStatus.ts'
import type { VcApi } from '../../src/vcapi/model.ts'
import { verifyCredential } from '../../src/vcapi/verifyCredential.ts'
import { secondImplementation } from '../adapters/dataIntegrity/second.ts'
import { p256Party } from './tokens.ts'
import { codes, credential, newVcApi } from './world.ts'

const list = 'https://lists.other.example/1'
const gunzip = promisify(unzip)

/** A list of 131,072 entries, one of them set. */
function listCredential(issuer: string, set?: number): JsonObject {
  const bits = Buffer.alloc(16_384)
  if (set !== undefined) bits[set >> 3]! |= 0x80 >> (set & 7)
  return credential({
    id: list,
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    issuer,
    credentialSubject: {
      id: `${list}#list`,
      type: 'BitstringStatusList',
      statusPurpose: 'revocation',
      encodedList: `u${gzipSync(bits).toString('base64url')}`,
    },
  })
}

describe('the status of a foreign credential', () => {
  let api: VcApi
  let others: Awaited<ReturnType<typeof secondImplementation>>
  beforeAll(async () => {
    api = (await newVcApi()).api
    others = await secondImplementation()
  })
  const asked: string[] = []
  const serving = (body: () => Promise<unknown>, type = 'application/vc'): VcApi => {
    const fetch: Fetch = async ({ url }) => {
      asked.push(url)
      const answer = await body()
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
      return {
        status: 200,
        headers: { 'content-type': type },
        body: new TextEncoder().encode(text),
      }
    }
    const inflate = async (data: Uint8Array) => new Uint8Array(await gunzip(data))
    const readForeignStatus = foreignStatusReader({ fetch, inflate }, api.integrity, api.clock)
    return { ...api, readForeignStatus }
  }
  const issued = (index = '7') =>
    others.issue(
      credential({
        issuer: others.did,
        credentialStatus: {
          type: 'BitstringStatusListEntry',
          statusPurpose: 'revocation',
          statusListIndex: index,
          statusListCredential: list,
        },
      }),
    )
  const errorsOf = async (served: VcApi, document: JsonObject) =>
    codes((await verifyCredential(served, document)).errors)

  test('counts as its issuer’s own list says', async () => {
    const none = serving(async () => others.issue(listCredential(others.did)))
    expect(await errorsOf(none, await issued())).toEqual([])
    const seventh = serving(async () => others.issue(listCredential(others.did, 7)))
    expect(await errorsOf(seventh, await issued())).toEqual(['status/revoked'])
    expect(await errorsOf(seventh, await issued('8'))).toEqual([])
  })

  test('is read from tokens too', async () => {
    const issuer = p256Party()
    const token = issuer.jws('vc+jwt', {
      ...credential({ issuer: issuer.did }),
      credentialStatus: {
        type: 'BitstringStatusListEntry',
        statusPurpose: 'revocation',
        statusListIndex: '7',
        statusListCredential: list,
      },
    })
    const served = serving(
      async () => issuer.jws('vc+jwt', listCredential(issuer.did, 7)),
      'application/vc+jwt',
    )
    expect(codes((await verifyCredential(served, token)).errors)).toEqual(['status/revoked'])
  })

  test('H8: is read of SD-JWT VCs too', async () => {
    const issuer = p256Party()
    const status = { status_list: { idx: 7, uri: list } }
    const token = `${issuer.jws('dc+sd-jwt', { iss: issuer.did, vct: 'urn:sample', status })}~`
    const listToken = (byte: number) =>
      issuer.jws('statuslist+jwt', {
        iss: issuer.did,
        sub: list,
        iat: Math.floor(api.clock().getTime() / 1000),
        status_list: { bits: 1, lst: deflateSync(Buffer.of(byte)).toString('base64url') },
      })
    const reading = (byte: number) => {
      const inflate = async (data: Uint8Array) => new Uint8Array(inflateSync(data))
      const fetch: Fetch = async () => ({
        status: 200,
        headers: { 'content-type': 'application/statuslist+jwt' },
        body: new TextEncoder().encode(listToken(byte)),
      })
      const readForeignStatus = foreignStatusReader({ fetch, inflate }, api.integrity, api.clock)
      return verifyCredential({ ...api, readForeignStatus }, token)
    }
    // The eighth entry of one bit is the highest bit of the first byte.
    expect(codes((await reading(0x80)).errors)).toEqual(['status/revoked'])
    expect(codes((await reading(0x7f)).errors)).toEqual([])
    const unread = await verifyCredential(api, token)
    expect(codes(unread.warnings)).toContain('vcapi/status-not-read')
  })

  test('is not believed of anybody else, nor of a changed list', async () => {
    const other = await secondImplementation()
    const foreign = serving(async () => other.issue(listCredential(other.did)))
    expect(await errorsOf(foreign, await issued())).toHaveLength(1)
    const changed = serving(async () => ({
      ...(await others.issue(listCredential(others.did))),
      validUntil: '9999-01-01T00:00:00Z',
    }))
    expect(await errorsOf(changed, await issued())).toEqual(['signature/bad'])
  })

  test('is not good where it cannot be read', async () => {
    const gone = serving(async () => {
      throw new OutsideError('fetch/failed')
    })
    expect(await errorsOf(gone, await issued())).toEqual(['vcapi/status-not-read'])
    const forbidden = serving(async () => {
      throw new InputError('fetch/bad-address')
    })
    expect(await errorsOf(forbidden, await issued())).toEqual(['vcapi/status-not-read'])
  })

  test('G: nothing is asked of an address in a document whose proof does not hold', async () => {
    const served = serving(async () => others.issue(listCredential(others.did)))
    asked.length = 0
    const document = await issued()
    expect(await errorsOf(served, { ...document, validFrom: '2026-01-01T00:00:00Z' })).toEqual([
      'signature/bad',
    ])
    expect(asked).toEqual([])
  })
})
