import { beforeAll, describe, expect, test } from 'vitest'
import { generateKeyPair, importPrivateKey, sign } from '#primitives'
import type { AccreditationChain } from '../../src/accreditation/model.ts'
import { typeOnChain } from '../../src/accreditation/typeName.ts'
import { accredit, withdraw } from '../../src/accreditor/accredit.ts'
import { confirmKey, endKey, type KeySubmission } from '../../src/accreditor/keys.ts'
import type { Accreditor } from '../../src/accreditor/model.ts'
import {
  registerDepartment,
  removeDepartment,
  requestRecovery,
} from '../../src/accreditor/register.ts'
import { memoryStore } from '../../src/adapters/storage/memory.ts'
import type { RegistryCall } from '../../src/identity/calls.ts'
import { formatEthrDid } from '../../src/identity/did.ts'
import {
  certifyKey,
  createDevelopmentAuthority,
  type DevelopmentAuthority,
  issueCrls,
} from '../../src/identity/x509/authority.ts'
import { readLeaf } from '../../src/identity/x509/leaf.ts'
import { type KeyProposal, keyProposalInput } from '../../src/identity/x509/proposal.ts'
import { chainModel } from '../support/chainModel.ts'

const own = `0x${'a1'.repeat(20)}`
const other = `0x${'b2'.repeat(20)}`
const ours = `0x${'c3'.repeat(20)}`
const theirs = `0x${'d4'.repeat(20)}`
const fresh = `0x${'e5'.repeat(20)}`
const type = 'urn:weir:certificate:real-estate-title:1'
const second = 'urn:weir:certificate:business-licence:1'
const until = new Date('2028-01-01T00:00:00Z')

let authority: DevelopmentAuthority
let stranger: DevelopmentAuthority
let crls: Uint8Array[]
const now = new Date('2026-01-05T00:00:03Z')
beforeAll(async () => {
  const options = { organisation: 'Sample District', now, days: 365 }
  authority = await createDevelopmentAuthority(options)
  stranger = await createDevelopmentAuthority(options)
  crls = await issueCrls(authority, { revoked: [], now, days: 7 })
})

/** An accreditor with one record for `type`, a department in its care and one in another's. */
function setting(depth = 1) {
  const model = chainModel()
  const calls: RegistryCall[] = []
  const link = (at: number, from: Date) => ({
    department: at === 0 ? own : `0x${String(at).padStart(40, '0')}`,
    certificateType: typeOnChain(type),
    index: 0,
    rights: ['issue', 'accredit'] as const,
    from,
    until,
    withdrawnAt: undefined,
    removedAt: undefined,
    depth: depth - at,
    by:
      at === depth ? undefined : { department: `0x${String(at + 1).padStart(40, '0')}`, index: 0 },
  })
  model.govern((state, time) => {
    const record = { registeredAt: time, removedAt: undefined }
    for (const [department, accreditor] of [
      [own, undefined],
      [ours, own],
      [theirs, other],
    ] as const) {
      state.departments.set(department, { department, account: department, accreditor, ...record })
    }
    const chain: AccreditationChain = Array.from({ length: depth + 1 }, (_, at) => link(at, time))
    state.accreditations.set(`${own} ${typeOnChain(type)}`, [chain])
  })
  const accreditor: Accreditor = {
    address: own,
    chain: {
      ...model.chain,
      identity: {
        ...model.chain.identity,
        contracts: {
          ...model.chain.identity.contracts,
          departmentRegistry: `0x${'99'.repeat(20)}`,
        },
      },
    },
    registry: {
      account: own,
      write: async (call) => void calls.push(call),
      propose: async () => ({ id: 0, approvals: 1, readyAt: undefined, isClosed: false }),
      approve: async () => ({ id: 0, approvals: 1, readyAt: undefined, isClosed: false }),
      execute: async () => {},
      operation: async () => undefined,
    },
    roots: [authority.root],
    audit: memoryStore().audit,
    clock: () => now,
  }
  return { accreditor, model, calls }
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error) => error.code,
  )

describe('registering', () => {
  test('a department is registered on the accreditor’s own record', async () => {
    const { accreditor, calls } = setting()
    await registerDepartment(accreditor, { department: fresh, account: other, type })
    expect(calls).toEqual([
      {
        call: 'register',
        accreditor: own,
        by: { certificateType: typeOnChain(type), index: 0 },
        department: fresh,
        account: other,
      },
    ])
    const [line] = await accreditor.audit.scan(0, 10)
    expect(line?.entry).toMatchObject({ action: 'accreditor/register', subject: fresh })
  })

  test('once is enough; another’s department and an unaccredited type are refused', async () => {
    const { accreditor, calls } = setting()
    const wish = { department: fresh, account: other, type }
    expect(await codeOf(registerDepartment(accreditor, { ...wish, department: ours }))).toBe('done')
    expect(await codeOf(registerDepartment(accreditor, { ...wish, department: theirs }))).toBe(
      'accreditor/not-ours',
    )
    expect(await codeOf(registerDepartment(accreditor, { ...wish, type: second }))).toBe(
      'accreditor/out-of-scope',
    )
    const zero = `0x${'00'.repeat(20)}`
    expect(await codeOf(registerDepartment(accreditor, { ...wish, department: zero }))).toBe(
      'did/zero-address',
    )
    for (const account of ['nobody', fresh.toUpperCase()]) {
      expect(await codeOf(registerDepartment(accreditor, { ...wish, account }))).toMatch(/^did\//)
    }
    expect(calls).toEqual([])
  })

  test('recovery and removal are for the accreditor’s own departments', async () => {
    const { accreditor, calls } = setting()
    await requestRecovery(accreditor, { department: ours, account: fresh })
    await removeDepartment(accreditor, ours)
    expect(calls.map(({ call }) => call)).toEqual(['requestRecovery', 'remove'])
    for (const [department, code] of [
      [theirs, 'accreditor/not-ours'],
      [fresh, 'accreditor/unknown-department'],
    ] as const) {
      expect(await codeOf(requestRecovery(accreditor, { department, account: other }))).toBe(code)
      expect(await codeOf(removeDepartment(accreditor, department))).toBe(code)
    }
    expect(calls).toHaveLength(2)
  })
})

describe('accrediting', () => {
  const wish = { department: ours, type, rights: ['issue'] as const, until }

  test('a right is given on the accreditor’s own record', async () => {
    const { accreditor, calls } = setting()
    await accredit(accreditor, wish)
    expect(calls).toEqual([
      {
        call: 'accredit',
        by: { department: own, index: 0 },
        department: ours,
        certificateType: typeOnChain(type),
        rights: ['issue'],
        from: undefined,
        until,
      },
    ])
  })

  test('repeating what is in force already writes nothing', async () => {
    const { accreditor, model, calls } = setting()
    model.govern((state, time) => {
      const [parent] = state.accreditations.get(`${own} ${typeOnChain(type)}`)!
      const by = { department: own, index: 0 }
      const record = {
        ...parent![0]!,
        department: ours,
        depth: 2,
        by,
        rights: ['issue'] as const,
        from: time,
      }
      state.accreditations.set(`${ours} ${typeOnChain(type)}`, [[record, ...parent!]])
    })
    await accredit(accreditor, wish)
    expect(calls).toEqual([])
    await accredit(accreditor, { ...wish, until: new Date('2027-06-01T00:00:00Z') })
    expect(calls).toHaveLength(1)
  })

  test('F8: neither another type, nor longer, nor itself, nor deeper than four', async () => {
    const { accreditor, calls } = setting()
    for (const wider of [
      { type: second },
      { until: new Date('2028-01-01T00:00:01Z') },
      { department: own },
    ]) {
      expect(await codeOf(accredit(accreditor, { ...wish, ...wider }))).toBe(
        'accreditor/out-of-scope',
      )
    }
    const deep = setting(4)
    expect(await codeOf(accredit(deep.accreditor, wish))).toBe('accreditor/out-of-scope')
    expect([...calls, ...deep.calls]).toEqual([])
  })

  test('nobody unknown, nothing without rights, nothing that ends before it begins', async () => {
    const { accreditor, calls } = setting()
    const unknown = accredit(accreditor, { ...wish, department: fresh })
    expect(await codeOf(unknown)).toBe('accreditor/unknown-department')
    for (const bad of [
      { rights: [] },
      { rights: ['issue', 'issue'] },
      { rights: ['rule'] },
      { until: new Date('2020-01-01T00:00:00Z') },
      { until: new Date('x') },
      { from: new Date('2020-01-01T00:00:00Z') },
    ]) {
      expect(await codeOf(accredit(accreditor, { ...wish, ...bad } as typeof wish))).toBe(
        'accreditor/bad-wish',
      )
    }
    expect(calls).toEqual([])
  })

  test('withdrawing names each record that this accreditor gave, and no other', async () => {
    const { accreditor, model, calls } = setting()
    model.govern((state) => {
      const [parent] = state.accreditations.get(`${own} ${typeOnChain(type)}`)!
      const by = { department: own, index: 0 }
      const base = { ...parent![0]!, department: ours, depth: 2, by }
      const records = [
        base,
        { ...base, index: 1, by: { department: other, index: 0 } },
        { ...base, index: 2 },
      ]
      state.accreditations.set(
        `${ours} ${typeOnChain(type)}`,
        records.map((record) => [record, ...parent!]),
      )
    })
    expect(await withdraw(accreditor, { department: ours, type })).toBe(2)
    expect(calls).toMatchObject([{ index: 0 }, { index: 2, keep: undefined }])
    const nothing = withdraw(accreditor, { department: ours, type: second })
    expect(await codeOf(nothing)).toBe('accreditor/nothing-to-withdraw')
  })
})

describe('confirming a key', () => {
  const keys = generateKeyPair()
  const submission = async (
    accreditor: Accreditor,
    change: {
      by?: DevelopmentAuthority
      subject?: string
      proposal?: Partial<KeyProposal>
      signer?: typeof keys
      days?: number
    } = {},
  ): Promise<KeySubmission> => {
    const { chainId, contracts } = accreditor.chain.identity
    const did = formatEthrDid(chainId, ours)
    const leaf = await certifyKey(change.by ?? authority, {
      did: change.subject ?? did,
      publicJwk: keys.publicJwk,
      organisation: '示例局',
      now,
      days: 90,
    })
    const { thumbprint, certificateHash } = readLeaf(leaf)
    const proposal: KeyProposal = {
      did,
      chainId,
      registry: contracts.departmentRegistry,
      purpose: 'assertion',
      thumbprint,
      certificateHash,
      ...change.proposal,
    }
    const { privateJwk } = change.signer ?? keys
    return {
      department: ours,
      purpose: 'assertion',
      leaf,
      intermediates: [authority.intermediate],
      crls,
      signature: sign(importPrivateKey(privateJwk), keyProposalInput(proposal)),
    }
  }

  test('F6: a key is confirmed with exactly what was checked', async () => {
    const { accreditor, calls } = setting()
    const handed = await submission(accreditor)
    const thumbprint = await confirmKey(accreditor, handed)
    const { certificateHash } = readLeaf(handed.leaf)
    expect(calls).toEqual([
      { call: 'confirmKey', department: ours, thumbprint, purpose: 'assertion', certificateHash },
    ])
  })

  test('F6: a certificate, key or proposal of somebody or somewhere else is refused', async () => {
    const { accreditor, calls } = setting()
    const refusal = async (
      change: Parameters<typeof submission>[1],
      rest: Partial<KeySubmission> = {},
    ) => codeOf(confirmKey(accreditor, { ...(await submission(accreditor, change)), ...rest }))
    const elsewhere = formatEthrDid(accreditor.chain.identity.chainId, theirs)
    expect(await refusal({ subject: elsewhere })).toBe('certificate/other-subject')
    expect(await refusal({ signer: generateKeyPair() })).toBe('certificate/no-possession')
    for (const proposal of [
      { did: elsewhere },
      { chainId: 1 },
      { registry: `0x${'98'.repeat(20)}` },
      { purpose: 'status' as const },
    ]) {
      expect(await refusal({ proposal })).toBe('certificate/no-possession')
    }
    expect(await refusal({}, { purpose: 'request' })).toBe('certificate/no-possession')
    expect(await refusal({}, { department: theirs })).toBe('accreditor/not-ours')
    expect(await refusal({}, { department: fresh })).toBe('accreditor/unknown-department')
    expect(await refusal({ by: stranger })).toMatch(/^certificate\//)
    expect(await refusal({}, { leaf: new Uint8Array([1, 2, 3]) })).toBe('certificate/malformed')
    expect(calls).toEqual([])
  })

  test('F3: a revoked certificate, or no current list, is refused', async () => {
    const { accreditor, calls } = setting()
    const handed = await submission(accreditor)
    const { serial } = readLeaf(handed.leaf)
    const revoked = await issueCrls(authority, { revoked: [serial], now, days: 7 })
    expect(await codeOf(confirmKey(accreditor, { ...handed, crls: revoked }))).toBe(
      'certificate/revoked',
    )
    expect(await codeOf(confirmKey(accreditor, { ...handed, crls: [] }))).toBe(
      'certificate/crl-missing',
    )
    expect(calls).toEqual([])
  })

  test('a key that is registered already: the same again is fine, another’s is refused', async () => {
    const { accreditor, model, calls } = setting()
    const handed = await submission(accreditor)
    const { thumbprint, certificateHash } = readLeaf(handed.leaf)
    const put = (department: string) =>
      model.govern((state, time) => {
        const window = { validFrom: time, retiredAt: undefined, compromisedSince: undefined }
        const key = { department, thumbprint, purpose: 'assertion' as const, certificateHash }
        state.keys.set(thumbprint, { ...key, ...window })
      })
    put(ours)
    expect(await confirmKey(accreditor, handed)).toBe(thumbprint)
    put(theirs)
    expect(await codeOf(confirmKey(accreditor, handed))).toBe('accreditor/key-taken')
    expect(calls).toEqual([])
    expect(await codeOf(endKey(accreditor, thumbprint, { kind: 'retired' }))).toBe(
      'accreditor/not-ours',
    )
    put(ours)
    const since = new Date('2026-01-04T00:00:00Z')
    await endKey(accreditor, thumbprint, { kind: 'retired' })
    await endKey(accreditor, thumbprint, { kind: 'compromised', since })
    expect(calls).toEqual([
      { call: 'retireKey', thumbprint },
      { call: 'declareCompromised', thumbprint, since },
    ])
    expect(await codeOf(endKey(accreditor, `0x${'00'.repeat(32)}`, { kind: 'retired' }))).toBe(
      'accreditor/unknown-key',
    )
  })
})
