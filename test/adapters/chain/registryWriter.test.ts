import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Mirror } from '../../../src/adapters/chain/mirror.ts'
import { registryWriter } from '../../../src/adapters/chain/registryWriter.ts'
import { Rpc } from '../../../src/adapters/chain/rpc.ts'
import type { AdministrationCall, RegistryCall } from '../../../src/identity/calls.ts'
import { foldErc1056 } from '../../../src/identity/erc1056.ts'
import type { RegistryWriter } from '../../../src/ports/chainWriters.ts'
import {
  chainKinds,
  registerRoot,
  sampleAccount,
  sampleHash,
  startChain,
  type TestChain,
} from '../../support/chain.ts'
import { startChaos } from '../../support/chaosRpc.ts'

const type = sampleHash('urn:weir:certificate:medical-practice-licence:1')
const other = sampleHash('urn:weir:certificate:retirement:1')

describe.each(chainKinds)('writing the registry on %s', (kind) => {
  let chain: TestChain
  let administrator: RegistryWriter
  let root: RegistryWriter
  let clinic: RegistryWriter
  let stranger: RegistryWriter
  let until: Date
  const key = sampleHash('clinic key')

  beforeAll(async () => {
    chain = await startChain(kind)
    const { account } = await registerRoot(chain, 'sample health commission', type)
    root = chain.writer(account)
    administrator = chain.writer(sampleAccount('administrator'))
    clinic = chain.writer(sampleAccount('sample clinic'))
    stranger = chain.writer(sampleAccount('stranger'))
    until = new Date((await chain.now()).getTime() + 30 * 86_400_000)
  })

  afterAll(() => chain.close())

  const view = () => new Mirror(chain.rpc, chain.deployment).view()
  const administer = async (call: AdministrationCall) => {
    const { id } = await administrator.propose(call)
    await administrator.execute(id)
  }
  const claim = () =>
    ({
      department: clinic.account,
      thumbprint: key,
      purpose: 'assertion',
      certificateHash: sampleHash('clinic certificate'),
    }) as const
  const registration = (): RegistryCall => ({
    call: 'register',
    accreditor: root.account,
    by: { certificateType: type, index: 0 },
    department: clinic.account,
    account: clinic.account,
  })
  const accreditation = (): RegistryCall => ({
    call: 'accredit',
    by: { department: root.account, index: 0 },
    department: clinic.account,
    certificateType: type,
    rights: ['issue'],
    from: undefined,
    until,
  })

  test('an accreditor registers, confirms and accredits; each call repeated changes nothing', async () => {
    for (let round = 0; round < 2; round++) {
      await root.write(registration())
      await clinic.write({ call: 'acceptAccount', department: clinic.account })
      await clinic.write({ call: 'proposeKey', ...claim() })
      await root.write({ call: 'confirmKey', ...claim() })
      await root.write(accreditation())
    }
    const now = await view()
    expect(await now.department(clinic.account)).toMatchObject({
      account: clinic.account,
      accreditor: root.account,
    })
    expect(await now.key(key)).toMatchObject({ ...claim(), retiredAt: undefined })
    const chains = await now.accreditations(clinic.account, type)
    expect(chains).toHaveLength(1)
    expect(chains[0]!.map(({ department }) => department)).toEqual([clinic.account, root.account])
  })

  test('a lost reply is answered by reading the chain: written once', async () => {
    const chaos = await startChaos(chain.url)
    const rpc = new Rpc(chaos.url, { timeoutMs: 2000 })
    let lost = 0
    chaos.set({ dropReply: (method) => method === 'eth_sendRawTransaction' && lost++ === 0 })
    const account = sampleAccount('sample health commission')
    const writer = registryWriter(rpc, chain.deployment, account, { everyMs: 5 })
    const second = sampleAccount('second clinic').address
    await writer.write({
      call: 'register',
      accreditor: root.account,
      by: { certificateType: type, index: 0 },
      department: second,
      account: second,
    })
    expect(await (await view()).department(second)).toMatchObject({ accreditor: root.account })
    rpc.close()
    await chaos.close()
  })

  const refusals: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    [
      'a stranger registering',
      () =>
        stranger.write({
          ...registration(),
          department: stranger.account,
          account: stranger.account,
        } as RegistryCall),
      'registry/not-allowed',
    ],
    [
      'a department registered again',
      () => root.write({ ...registration(), account: stranger.account } as RegistryCall),
      'registry/department-exists',
    ],
    [
      'an account that was not proposed',
      () => stranger.write({ call: 'acceptAccount', department: clinic.account }),
      'registry/not-pending',
    ],
    [
      'a key proposed by a stranger',
      () => stranger.write({ call: 'proposeKey', ...claim(), thumbprint: sampleHash('k2') }),
      'registry/not-allowed',
    ],
    [
      'a key registered a second time',
      () => root.write({ call: 'proposeKey', ...claim(), department: root.account }),
      'registry/key-exists',
    ],
    [
      'a key confirmed with another certificate',
      () => root.write({ call: 'confirmKey', ...claim(), thumbprint: sampleHash('k3') }),
      'registry/key-not-proposed',
    ],
    [
      'a key confirmed by the department itself',
      () => clinic.write({ call: 'confirmKey', ...claim(), thumbprint: sampleHash('k3') }),
      'registry/not-allowed',
    ],
    [
      'an unknown key retired',
      () => clinic.write({ call: 'retireKey', thumbprint: sampleHash('none') }),
      'registry/key-unknown',
    ],
    [
      'a key retired by a stranger',
      () => stranger.write({ call: 'retireKey', thumbprint: key }),
      'registry/not-allowed',
    ],
    [
      'a compromise in the future',
      async () =>
        clinic.write({
          call: 'declareCompromised',
          thumbprint: key,
          since: new Date((await chain.now()).getTime() + 9_000_000),
        }),
      'registry/bad-time',
    ],
    [
      'an accreditation for another type',
      () => root.write({ ...accreditation(), certificateType: other } as RegistryCall),
      'registry/not-in-force',
    ],
    [
      'an accreditation longer than its own',
      () =>
        root.write({ ...accreditation(), until: new Date(until.getTime() * 2) } as RegistryCall),
      'registry/out-of-scope',
    ],
    [
      'an accreditation without rights',
      () => root.write({ ...accreditation(), rights: [] } as RegistryCall),
      'registry/bad-rights',
    ],
    [
      'a cycle',
      () => root.write({ ...accreditation(), department: root.account } as RegistryCall),
      'registry/cycle',
    ],
    [
      'a clinic that accredits',
      () =>
        clinic.write({
          ...accreditation(),
          by: { department: clinic.account, index: 0 },
          department: root.account,
        } as RegistryCall),
      'registry/out-of-scope',
    ],
    [
      'a record withdrawn by a stranger',
      () =>
        stranger.write({
          call: 'withdraw',
          department: clinic.account,
          certificateType: type,
          index: 0,
          keep: undefined,
        }),
      'registry/not-allowed',
    ],
    [
      'a record that is not there',
      () =>
        root.write({
          call: 'withdraw',
          department: clinic.account,
          certificateType: type,
          index: 9,
          keep: undefined,
        }),
      'registry/not-in-force',
    ],
    [
      'a proposal of a stranger',
      () => stranger.propose({ call: 'remove', department: clinic.account }),
      'registry/not-allowed',
    ],
    [
      'an operation that is not there',
      () => administrator.execute(999),
      'registry/unknown-operation',
    ],
    [
      'an approval of what is not there',
      () => administrator.approve(999),
      'registry/unknown-operation',
    ],
    [
      'an operation that the registry refuses',
      () =>
        administer({ call: 'registerRoot', department: clinic.account, account: clinic.account }),
      'registry/department-exists',
    ],
  ]

  test.each(refusals)(
    'E1: %s is refused with its code and nothing is sent',
    async (_, attempt, code) => {
      await expect(attempt()).rejects.toMatchObject({ name: 'InputError', code })
    },
  )

  test('calls made at once are all done', async () => {
    const departments = ['a', 'b', 'c', 'd'].map((name) => sampleAccount(`clinic ${name}`).address)
    const calls = departments.map((department) =>
      root.write({ ...registration(), department, account: department } as RegistryCall),
    )
    await Promise.all(calls)
    const now = await view()
    for (const department of departments) {
      expect(await now.department(department)).toMatchObject({ accreditor: root.account })
    }
  })

  test("a published key is in the DID's history", async () => {
    const publicKey = `0x02${'ab'.repeat(32)}`
    const call = {
      call: 'publishKey',
      department: clinic.account,
      publicKey,
      validSeconds: 86_400,
    } as const
    for (let round = 0; round < 2; round++) await clinic.write(call)
    const { head, events } = await new Mirror(chain.rpc, chain.deployment).history(clinic.account)
    expect(events).toHaveLength(1)
    const state = foldErc1056(clinic.account, events, head.time)
    expect(state.keys).toMatchObject([
      { name: 'did/pub/Multikey/veriKey', value: `0x8024${publicKey.slice(2)}` },
    ])
  })

  test('a key is retired and declared compromised; an account moves in two steps', async () => {
    const next = chain.writer(sampleAccount('next account of the clinic'))
    await clinic.write({ call: 'retireKey', thumbprint: key })
    await root.write({ call: 'declareCompromised', thumbprint: key, since: undefined })
    await clinic.write({
      call: 'proposeAccount',
      department: clinic.account,
      account: next.account,
    })
    await next.write({ call: 'acceptAccount', department: clinic.account })
    const now = await view()
    const record = (await now.key(key))!
    expect(record.retiredAt).toBeInstanceOf(Date)
    expect(record.compromisedSince!.getTime()).toBeGreaterThanOrEqual(record.retiredAt!.getTime())
    expect((await now.department(clinic.account))!.account).toBe(next.account)
    await expect(
      clinic.write({ call: 'proposeAccount', department: clinic.account, account: clinic.account }),
    ).rejects.toMatchObject({ code: 'registry/not-allowed' })
  })

  test('recovery needs the accreditor and the administration, and retires all keys', async () => {
    const rescued = chain.writer(sampleAccount('rescued account of the clinic'))
    const call = { department: clinic.account, account: rescued.account } as const
    await expect(administer({ call: 'recover', ...call })).rejects.toMatchObject({
      code: 'registry/not-pending',
    })
    await root.write({ call: 'requestRecovery', ...call })
    await administer({ call: 'recover', ...call })
    await rescued.write({ call: 'acceptAccount', department: clinic.account })
    expect((await (await view()).department(clinic.account))!.account).toBe(rescued.account)
  })

  test('an accreditation is withdrawn and a department removed', async () => {
    const target = { department: clinic.account, certificateType: type, index: 0 }
    await root.write({ call: 'withdraw', ...target, keep: undefined })
    await root.write({ call: 'remove', department: clinic.account })
    const now = await view()
    const record = (await now.accreditations(clinic.account, type))[0]![0]!
    expect(record.withdrawnAt).toBeInstanceOf(Date)
    expect(record.removedAt).toBeInstanceOf(Date)
    expect(await new Mirror(chain.rpc, chain.deployment).compare()).toEqual([])
  })

  test('k of n: an operation waits for its approvals', async () => {
    const second = chain.writer(sampleAccount('second administrator'))
    const administrators = [administrator.account, second.account]
    await administer({ call: 'setAdministrators', administrators, threshold: 2 })
    const call = { call: 'remove', department: sampleAccount('second clinic').address } as const
    const { id, readyAt } = await administrator.propose(call)
    expect(readyAt).toBeUndefined()
    expect(await administrator.propose(call)).toMatchObject({ id })
    await expect(administrator.execute(id)).rejects.toMatchObject({
      code: 'registry/operation-not-ready',
    })
    expect(await second.approve(id)).toMatchObject({ approvals: 2, readyAt: expect.any(Date) })
    await administrator.execute(id)
    await second.execute(id)
    expect(await administrator.operation(id)).toMatchObject({ isClosed: true })
    expect(await administrator.operation(999)).toBeUndefined()
  })
})
