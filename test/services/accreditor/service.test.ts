import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { typeOnChain } from '../../../src/accreditation/typeName.ts'
import type { KeySubmission } from '../../../src/accreditor/keys.ts'
import { findType } from '../../../src/certificate/types.ts'
import type { KeyPurpose } from '../../../src/identity/model.ts'
import { readLeaf } from '../../../src/identity/x509/leaf.ts'
import { type OpenChain, openChain } from '../../../src/wire/chain.ts'
import { openKeyOwner } from '../../../src/wire/keyOwner.ts'
import { addKey, type KeyOwner } from '../../../src/wire/keys.ts'
import { startTestAccreditor, type TestAccreditor } from '../../support/accreditorService.ts'
import { startTestDistrict, type TestDistrict } from '../../support/service.ts'

const name = 'registration-centre'
const other = 'citizen-services'
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

describe('an accreditor’s service', () => {
  let district: TestDistrict
  let accreditor: TestAccreditor
  let chain: OpenChain
  let owner: KeyOwner
  beforeAll(async () => {
    district = await startTestDistrict([name, other])
    accreditor = await startTestAccreditor(district.home)
    chain = await openChain(district.home, 'test')
    owner = await openKeyOwner(district.home, chain, name, new Date())
  }, 120_000)
  afterAll(async () => {
    chain?.close()
    await accreditor?.close()
    await district?.close()
  })

  const post = async (path: string, body: unknown) => {
    const answer = await fetch(new URL(path, accreditor.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer head-1' },
      body: JSON.stringify(body),
    })
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test expects
    return { status: answer.status, body: (await answer.json()) as any }
  }
  const refusal = async (path: string, body: unknown) => {
    const answer = await post(path, body)
    return `${answer.status} ${answer.body.code}`
  }
  const jsonOf = ({ leaf, intermediates, crls, signature, ...plain }: KeySubmission) => ({
    ...plain,
    leaf: base64(leaf),
    intermediates: intermediates.map(base64),
    crls: crls.map(base64),
    signature: base64(signature),
  })
  const confirm = (submission: KeySubmission) => post('/key-confirmations', jsonOf(submission))

  /** What a department would hand in for its next key; proposed on the chain unless told. */
  async function submissionFor(purpose: KeyPurpose, isProposed = true): Promise<KeySubmission> {
    let handed: KeySubmission | undefined
    const registry = isProposed ? owner.registry : { ...owner.registry, write: async () => {} }
    const stop = new Error('handed in')
    const added = addKey({ ...owner, registry } as KeyOwner, purpose, new Date(), async (one) => {
      handed = one
      throw stop
    })
    await expect(added).rejects.toBe(stop)
    return handed!
  }

  test('F6: confirms a key that a department proposed, and the same again changes nothing', async () => {
    const submission = await submissionFor('assertion')
    const { thumbprint } = readLeaf(submission.leaf)
    expect(await confirm(submission)).toEqual({ status: 201, body: { thumbprint } })
    expect(await confirm(submission)).toEqual({ status: 201, body: { thumbprint } })
    const record = await (await chain.cold.view()).key(thumbprint)
    expect(record).toMatchObject({ department: owner.address, purpose: 'assertion' })
  })

  test('F6: refuses a key with a code that says why, and nothing is written', async () => {
    const good = await submissionFor('status')
    const { address } = district.home.configuration.departments[other]!
    const changed = good.signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte))
    const refused = async (change: Partial<KeySubmission>) =>
      refusal('/key-confirmations', jsonOf({ ...good, ...change }))
    expect(await refused({ signature: changed })).toBe('422 certificate/no-possession')
    expect(await refused({ department: address! })).toBe('422 certificate/other-subject')
    expect(await refused({ purpose: 'request' })).toBe('422 certificate/no-possession')
    expect(await refused({ crls: [] })).toBe('422 certificate/crl-missing')
    expect(await refused({ leaf: good.intermediates[0]! })).toMatch(/^422 certificate\//)
    expect(await refused({ leaf: Uint8Array.of(1, 2, 3) })).toBe('422 certificate/malformed')
    const nobody = `0x${'ab'.repeat(20)}`
    expect(await refused({ department: nobody })).toBe('422 accreditor/unknown-department')
    expect(await refusal('/key-confirmations', { ...jsonOf(good), more: 1 })).toBe(
      '400 request/malformed',
    )
    const { thumbprint } = readLeaf(good.leaf)
    expect(await (await chain.cold.view()).key(thumbprint)).toBeUndefined()
  })

  test('F6: refuses a key that the department did not propose on the chain', async () => {
    const submission = await submissionFor('request', false)
    expect(await refusal('/key-confirmations', jsonOf(submission))).toBe(
      '400 registry/key-not-proposed',
    )
  })

  test('ends keys: retired, or compromised since a moment; an unknown one is refused', async () => {
    const submission = await submissionFor('status')
    const { thumbprint } = readLeaf(submission.leaf)
    const path = `/keys/${thumbprint}/end`
    expect(await refusal(path, { kind: 'retired' })).toBe('422 accreditor/unknown-key')
    await confirm(submission)
    expect(await refusal(path, { kind: 'lost' })).toBe('400 request/malformed')
    expect(await post(path, { kind: 'retired' })).toEqual({ status: 200, body: { thumbprint } })
    const at = async () => (await chain.cold.view()).key(thumbprint)
    expect((await at())?.retiredAt).toBeInstanceOf(Date)
    const since = (await at())!.validFrom
    const lost = { kind: 'compromised', since: since.toISOString() }
    expect((await post(path, lost)).status).toBe(200)
    expect((await at())?.compromisedSince).toEqual(since)
  })

  test('accredits a department for a type, and withdraws it; beyond its own scope it does not', async () => {
    const type = 'degree-certificate'
    const { address } = district.home.configuration.departments[name]!
    const until = new Date(Date.now() + 86_400_000).toISOString()
    const wish = { department: address, type, until }
    const { uri } = findType(type)
    expect(await post('/accreditations', wish)).toEqual({
      status: 201,
      body: { department: address, type: uri },
    })
    const records = async () => {
      const view = await chain.cold.view()
      const chains = await view.accreditations(address!, typeOnChain(uri))
      return chains.flatMap(([record]) => (record && !record.withdrawnAt ? [record.rights] : []))
    }
    expect(await records()).toEqual([['issue']])
    const gone = { department: address, type }
    expect(await post('/accreditations/withdrawals', gone)).toEqual({
      status: 200,
      body: { records: 1 },
    })
    expect(await records()).toEqual([])
    expect(await refusal('/accreditations/withdrawals', gone)).toBe(
      '400 accreditor/nothing-to-withdraw',
    )
    expect(await refusal('/accreditations', { ...wish, until: '2999-01-01T00:00:00Z' })).toBe(
      '422 accreditor/out-of-scope',
    )
    expect(await refusal('/accreditations', { ...wish, until: '2001-01-01T00:00:00Z' })).toBe(
      '400 accreditor/bad-wish',
    )
    expect(await refusal('/accreditations', { ...wish, type: 'none' })).toBe(
      '422 certificate/unknown-type',
    )
    expect(await refusal('/accreditations', { ...wish, rights: [] })).toBe('400 request/malformed')
  })
})
