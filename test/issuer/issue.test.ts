import { describe, expect, test } from 'vitest'
import { importPublicKey, verifySignature } from '#primitives'
import { typeOnChain } from '../../src/accreditation/typeName.ts'
import { builtInTypes } from '../../src/certificate/types.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { issue, issueOne } from '../../src/issuer/issue.ts'
import type { Answer, CertificateRequest, Issuer } from '../../src/issuer/model.ts'
import { checkRequest } from '../../src/issuer/request.ts'
import { withdraw } from '../support/chainModel.ts'
import {
  address,
  degreeRequest,
  holderKey,
  newWorld,
  stateType,
  titleRequest,
  titleType,
} from '../support/issuer.ts'

const codeOf = (answer: Answer | undefined) =>
  answer && 'error' in answer ? answer.error.code : 'issued'

const all = async (issuer: Issuer, requests: readonly CertificateRequest[], chunk?: number) =>
  Array.fromAsync(issue(issuer, requests, chunk === undefined ? {} : { chunk }))

describe('issuing', () => {
  test('a title is issued in all four formats that share one status entry', async () => {
    const { issuer } = await newWorld()
    const formats = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc'] as const
    const copies = await issueOne(issuer, titleRequest(1, { formats }))
    expect(copies.map((copy) => copy.format)).toEqual(formats)
    expect(new Set(copies.map((copy) => copy.fingerprint)).size).toBe(4)
    for (const copy of copies) {
      const parsed = parseCredential(copy.token)
      expect(copy.state).toBe('durable')
      expect(parsed.status).toEqual(copies[0]!.status)
      expect(parsed.certificate).toBe('川（2026）样本市不动产权第0000001号')
      const key = importPublicKey(issuer.signer.key.jwk)
      expect(verifySignature(key, parsed.signingInput, parsed.signature)).toBe(true)
    }
  })

  test('each holder key gets a copy with its own status entry and salt', async () => {
    const { issuer } = await newWorld()
    const holderKeys = [holderKey(), holderKey(), holderKey()]
    const copies = await issueOne(issuer, titleRequest(1, { holderKeys }))
    const parsed = copies.map((copy) => parseCredential(copy.token))
    expect(parsed.map((one) => one.holderKey)).toEqual(holderKeys)
    expect(new Set(copies.map((copy) => copy.status.index)).size).toBe(3)
    expect(new Set(parsed.map((one) => one.salt)).size).toBe(3)
  })

  test('a certificate without a number of its own gets one that tells only the day', async () => {
    const { issuer } = await newWorld()
    const claims = {
      title_number: '川（2026）样本市不动产权第0000001号',
      unit_number: '510181001001GB00001F00000001',
      as_of: '2026-01-05T00:00:00Z',
      restrictions: 'none',
      registry: '样本市不动产登记中心',
    }
    const one = { idempotencyKey: 'state-1', type: stateType, claims, formats: ['vc+jwt'] as const }
    const [first] = await issueOne(issuer, one)
    const [second] = await issueOne(issuer, { ...one, idempotencyKey: 'state-2' })
    expect(first!.certificate).toMatch(/^RS-20260105[0-9A-Z]{12}$/)
    expect(second!.certificate).not.toBe(first!.certificate)
  })

  test('many are issued in order, in chunks, with progress', async () => {
    const { issuer } = await newWorld()
    const seen: number[] = []
    const requests = Array.from({ length: 25 }, (_, at) => titleRequest(at + 1))
    const progress = (count: { done: number }) => seen.push(count.done)
    const answers = await Array.fromAsync(issue(issuer, requests, { chunk: 10, progress }))
    expect(answers.map((answer) => answer.idempotencyKey)).toEqual(
      requests.map((request) => request.idempotencyKey),
    )
    expect(answers.map(codeOf)).toEqual(Array(25).fill('issued'))
    expect(seen).toEqual([10, 20, 25])
    const entries = answers.flatMap((answer) =>
      'credentials' in answer ? answer.credentials.map(({ status }) => status.index) : [],
    )
    expect(new Set(entries).size).toBe(25)
  })

  test('requests may come from a stream', async () => {
    const { issuer } = await newWorld()
    async function* rows() {
      yield titleRequest(1)
      yield titleRequest(2)
    }
    const answers = await Array.fromAsync(issue(issuer, rows()))
    expect(answers.map(codeOf)).toEqual(['issued', 'issued'])
  })

  test('a bad row is refused alone, the others are issued', async () => {
    const { issuer } = await newWorld()
    const bad = titleRequest(2, { claims: { ...titleRequest(2).claims, area: 'large' } })
    const answers = await all(issuer, [titleRequest(1), bad, titleRequest(3)])
    expect(answers.map(codeOf)).toEqual(['issued', 'certificate/wrong-form', 'issued'])
  })
})

describe('a request is refused', () => {
  const refused = async (rest: object) => {
    const { issuer } = await newWorld()
    const request = { ...titleRequest(1), ...rest } as CertificateRequest
    return codeOf((await all(issuer, [request]))[0])
  }
  const key = holderKey()

  test.each([
    ['without an idempotency key', { idempotencyKey: '' }, 'issue/bad-request'],
    ['with an endless key', { idempotencyKey: 'x'.repeat(201) }, 'issue/bad-request'],
    ['with a lone surrogate', { idempotencyKey: '\ud800' }, 'issue/bad-request'],
    ['with a number as key', { idempotencyKey: 7 }, 'issue/bad-request'],
    ['for an unknown type', { type: 'no-such-type' }, 'certificate/unknown-type'],
    ['in no format', { formats: [] }, 'issue/bad-request'],
    ['in an unknown format', { formats: ['ldp_vc'] }, 'issue/bad-request'],
    ['twice in one format', { formats: ['vc+jwt', 'vc+jwt'] }, 'issue/bad-request'],
    ['for no holder key', { holderKeys: [] }, 'issue/bad-request'],
    ['for one key twice', { holderKeys: [key, key] }, 'issue/bad-request'],
    ['for a key of another curve', { holderKeys: [{ ...key, crv: 'P-384' }] }, 'issue/bad-request'],
    ['from no date', { validFrom: new Date('x') }, 'issue/bad-request'],
    [
      'until before it starts',
      { validUntil: new Date('2020-01-01T00:00:00Z') },
      'certificate/bad-validity',
    ],
    ['with a claim nobody knows', { claims: { extra: '1' } }, 'certificate/unknown-member'],
    ['without claims', { claims: null }, 'certificate/wrong-form'],
  ])('%s', async (_, rest, code) => {
    expect(await refused(rest)).toBe(code)
  })

  test('F4: for a type that the issuer is not accredited for', async () => {
    const { issuer, model } = await newWorld()
    model.govern((state, time) => withdraw(state, time, address, typeOnChain(titleType)))
    const answers = await all(issuer, [titleRequest(1), degreeRequest(1)])
    expect(answers.map(codeOf)).toEqual(['issue/not-accredited', 'issued'])
  })
})

describe('a repeated request', () => {
  test('G7: gives the same certificate again', async () => {
    const { issuer } = await newWorld()
    const first = await issueOne(issuer, titleRequest(1))
    expect(await issueOne(issuer, titleRequest(1))).toEqual(first)
    expect(await all(issuer, [titleRequest(1), titleRequest(1)])).toEqual([
      { idempotencyKey: 'title-1', credentials: first },
      { idempotencyKey: 'title-1', credentials: first },
    ])
  })

  test('G7: is answered once when it comes many times at once', async () => {
    const { issuer, store } = await newWorld()
    const requests = Array.from({ length: 30 }, () => titleRequest(1))
    const answers = (await Promise.all([all(issuer, requests, 3), all(issuer, requests, 5)])).flat()
    const tokens = answers.map((one) =>
      'credentials' in one ? one.credentials[0]!.token : one.error.code,
    )
    expect(new Set(tokens).size).toBe(1)
    expect(await store.certificates.scan(address, 0, 100)).toHaveLength(1)
  })

  test('G8: under the same key with other data is refused', async () => {
    const { issuer } = await newWorld()
    await issueOne(issuer, titleRequest(1))
    const others: Partial<CertificateRequest>[] = [
      { claims: titleRequest(2).claims },
      { formats: ['dc+sd-jwt'] },
      { holderKeys: [holderKey()] },
      { validUntil: new Date('2030-01-01T00:00:00Z') },
      { certificate: 'another number' },
    ]
    for (const other of others) {
      const [answer] = await all(issuer, [titleRequest(1, other)])
      expect(codeOf(answer)).toBe('issue/idempotency-conflict')
    }
    const both = await all(issuer, [titleRequest(7), titleRequest(7, { formats: ['jwt_vc'] })])
    expect(both.map(codeOf)).toEqual(['issued', 'issue/idempotency-conflict'])
  })

  test('has one digest however its members are ordered', () => {
    const request = titleRequest(1)
    const claims = Object.fromEntries(Object.entries(request.claims).reverse())
    const hash = checkRequest(builtInTypes, request).hash
    expect(checkRequest(builtInTypes, { ...request, claims }).hash).toBe(hash)
    expect(checkRequest(builtInTypes, titleRequest(2)).hash).not.toBe(hash)
  })
})

describe('what was planned is what is signed', () => {
  test('G8: a record changed under the clerk after its plan is issued as it was', async () => {
    const request = titleRequest(1)
    const claims = { ...request.claims }
    const { issuer } = await newWorld({
      at: (step) => {
        if (step === 'issue/checked') claims.location = 'changed'
      },
    })
    const [copy] = await issueOne(issuer, { ...request, claims })
    expect(parseCredential(copy!.token).claims.location).toBe('样本市样本路1号')
  })

  test('G8: a plan that the store gives back changed is not issued', async () => {
    const { issuer, store } = await newWorld()
    const certificates = {
      ...store.certificates,
      byFingerprints: async (...args: Parameters<typeof store.certificates.byFingerprints>) =>
        (await store.certificates.byFingerprints(...args)).map((copy) => ({
          ...copy,
          signingInput: `${copy.signingInput}A`,
        })),
    }
    const promise = issueOne({ ...issuer, certificates }, titleRequest(1))
    await expect(promise).rejects.toMatchObject({ code: 'issue/plan-changed' })
    const [copy] = await store.certificates.scan(address, 0, 10)
    expect(copy).toMatchObject({ state: 'reserved', signature: undefined })
  })

  test('a signature that does not verify is neither stored nor answered', async () => {
    const { issuer, store } = await newWorld()
    const sign = async (...args: Parameters<typeof issuer.signer.sign>) => {
      const [first, ...rest] = await issuer.signer.sign(...args)
      return [first!.map((byte, at) => (at === 40 ? byte ^ 1 : byte)), ...rest]
    }
    const promise = issueOne({ ...issuer, signer: { ...issuer.signer, sign } }, titleRequest(1))
    await expect(promise).rejects.toMatchObject({ code: 'issue/bad-signature' })
    expect((await store.certificates.scan(address, 0, 10))[0]?.state).toBe('reserved')
  })

  test('every signature is verified where the signer is remote, or on request', async () => {
    const { issuer } = await newWorld()
    const counts: number[] = []
    const workers = {
      ...issuer.workers,
      verifySignatures: (...[checks]: Parameters<typeof issuer.workers.verifySignatures>) => {
        counts.push(checks.length)
        return issuer.workers.verifySignatures(checks)
      },
    }
    const watched = { ...issuer, workers }
    const rows = (from: number) => Array.from({ length: 20 }, (_, at) => titleRequest(from + at))
    await all(watched, rows(1))
    await all({ ...watched, signer: { ...issuer.signer, isRemote: true } }, rows(101))
    await Array.fromAsync(issue(watched, rows(201), { verifyEvery: true }))
    expect(counts[0]).toBeLessThanOrEqual(2)
    expect(counts.slice(1)).toEqual([20, 20])
  })

  test('A12: two inputs signed with one nonce stop issuing before anything is stored', async () => {
    const { issuer, store } = await newWorld()
    let first: Uint8Array | undefined
    const sign = async (...args: Parameters<typeof issuer.signer.sign>) => {
      const signatures = await issuer.signer.sign(...args)
      first ??= signatures[0]!
      return signatures.map((signature) =>
        Uint8Array.of(...first!.subarray(0, 32), ...signature.subarray(32)),
      )
    }
    const promise = all({ ...issuer, signer: { ...issuer.signer, sign } }, [
      titleRequest(1),
      titleRequest(2),
    ])
    await expect(promise).rejects.toMatchObject({ code: 'issue/repeated-randomness' })
    expect(await store.certificates.scan(address, 0, 10, 'durable')).toEqual([])
  })
})

describe('an issuer that may not sign', () => {
  test('is refused: unknown, removed, with a key not confirmed, retired or compromised', async () => {
    const { issuer, model } = await newWorld()
    const { thumbprint } = issuer.signer.key
    const refusal = () =>
      issueOne(issuer, titleRequest(1)).then(
        () => 'issued',
        (error) => error.code,
      )
    const other = {
      ...issuer,
      department: { ...issuer.department, address: `0x${'e1'.repeat(20)}` },
    }
    await expect(issueOne(other, titleRequest(1))).rejects.toMatchObject({
      code: 'issue/unknown-department',
    })
    model.govern((state) => {
      const key = state.keys.get(thumbprint)!
      state.keys.set(thumbprint, { ...key, purpose: 'status' })
    })
    expect(await refusal()).toBe('issue/key-not-usable')
    for (const end of ['retiredAt', 'compromisedSince'] as const) {
      model.govern((state, time) => {
        const key = state.keys.get(thumbprint)!
        const open = { retiredAt: undefined, compromisedSince: undefined, purpose: 'assertion' }
        state.keys.set(thumbprint, { ...key, ...open, [end]: time } as typeof key)
      })
      expect(await refusal()).toBe('issue/key-not-usable')
    }
    model.govern((state) => void state.keys.delete(thumbprint))
    expect(await refusal()).toBe('issue/key-not-usable')
    model.govern((state, time) => {
      const department = state.departments.get(address)!
      state.departments.set(address, { ...department, removedAt: time })
    })
    expect(await refusal()).toBe('issue/unknown-department')
  })
})
