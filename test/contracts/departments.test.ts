import { describe, expect, test } from 'vitest'
import { line, shown } from './chain.ts'
import { address, departmentLine, licences, openWorld, titles, zero } from './world.ts'

const w = await openWorld()
const { departments, root, rootAccount, bureau, bureauAccount, office, officeAccount } = w
const { other, otherAccount, stranger, spare } = w
const it = (name: string, body: () => Promise<void>) => test(name, () => w.aside(body))
const fresh = address('e1')
const department = (name: string) => w.read(departments, 'departmentOf', name)
const writer = (name: string) => w.read(departments, 'writerOf', name)

describe('registering', () => {
  it('a root is the administration’s act and the account’s acceptance', async () => {
    const done = await w.govern('registerRoot', fresh, spare)
    expect(done.events).toEqual([line('DepartmentRegistered', fresh, zero, spare)])
    expect(await department(fresh)).toBe(
      departmentLine({ registeredAt: done.time, pendingAccount: spare }),
    )
    expect(await writer(fresh)).toBe(shown([zero, 0]))
    expect(await w.refused(stranger, departments, 'acceptAccount', fresh)).toBe(
      line('DepartmentRegistryNotPending', fresh, stranger),
    )
    const accepted = await w.send(spare, departments, 'acceptAccount', fresh)
    expect(accepted.events).toEqual([line('AccountChanged', fresh, spare)])
    expect(await department(fresh)).toBe(
      departmentLine({ registeredAt: done.time, account: spare }),
    )
    expect(await w.refused(spare, departments, 'acceptAccount', fresh)).toBe(
      line('DepartmentRegistryNotPending', fresh, spare),
    )
  })

  it('a department is its accreditor’s act, which must be accredited to accredit', async () => {
    const args = [bureau, titles, 0, fresh, spare]
    const done = await w.send(bureauAccount, departments, 'register', ...args)
    expect(done.events).toEqual([line('DepartmentRegistered', fresh, bureau, spare)])
    expect(await department(fresh)).toBe(
      departmentLine({ accreditor: bureau, registeredAt: done.time, pendingAccount: spare }),
    )
    expect(await w.refused(bureauAccount, departments, 'register', ...args)).toBe(
      line('DepartmentRegistryExists', fresh),
    )
  })

  it('is refused without a record in force that has the right to accredit', async () => {
    const by = (...args: unknown[]) => w.refused(officeAccount, departments, 'register', ...args)
    expect(await by(office, titles, 0, fresh, spare)).toBe(
      line('DepartmentRegistryOutOfScope', office, titles, 0),
    )
    expect(await by(office, titles, 1, fresh, spare)).toBe(
      line('DepartmentRegistryNotInForce', office, titles, 1),
    )
    expect(await by(office, licences, 0, fresh, spare)).toBe(
      line('DepartmentRegistryNotInForce', office, licences, 0),
    )
    expect(await by(bureau, titles, 0, fresh, spare)).toBe(
      line('DepartmentRegistryNotAllowed', bureau, officeAccount),
    )
    expect(await by(address('e9'), titles, 0, fresh, spare)).toBe(
      line('DepartmentRegistryUnknown', address('e9')),
    )
  })

  it('C9: refuses did:ethr:0x0, an account of zero and a second registration', async () => {
    const wrong: [unknown[], string][] = [
      [[zero, spare], line('DepartmentRegistryZero')],
      [[fresh, zero], line('DepartmentRegistryZero')],
      [[office, spare], line('DepartmentRegistryExists', office)],
    ]
    for (const [args, error] of wrong) {
      expect(await w.governRefused('registerRoot', ...args)).toBe(error)
      expect(await w.refused(rootAccount, departments, 'register', root, titles, 0, ...args)).toBe(
        error,
      )
    }
  })
})

describe('an account', () => {
  it('hands over in two steps', async () => {
    const done = await w.send(officeAccount, departments, 'proposeAccount', office, spare)
    expect(done.events).toEqual([line('AccountProposed', office, spare)])
    expect(await writer(office)).toBe(shown([officeAccount, w.until]))
    await w.send(spare, departments, 'acceptAccount', office)
    expect(await writer(office)).toBe(shown([spare, w.until]))
    expect(await w.refused(officeAccount, departments, 'proposeAccount', office, spare)).toBe(
      line('DepartmentRegistryNotAllowed', office, officeAccount),
    )
  })

  it('cannot hand over to nobody', async () => {
    expect(await w.refused(officeAccount, departments, 'proposeAccount', office, zero)).toBe(
      line('DepartmentRegistryZero'),
    )
    expect(await w.refused(stranger, departments, 'acceptAccount', fresh)).toBe(
      line('DepartmentRegistryNotPending', fresh, stranger),
    )
    expect(await w.refused(officeAccount, departments, 'proposeAccount', fresh, spare)).toBe(
      line('DepartmentRegistryUnknown', fresh),
    )
  })
})

describe('recovery', () => {
  it('needs the accreditor’s request and the administration’s decision for the same account', async () => {
    expect(await w.governRefused('recover', office, spare)).toBe(
      line('DepartmentRegistryNotPending', office, spare),
    )
    const asked = await w.send(bureauAccount, departments, 'requestRecovery', office, spare)
    expect(asked.events).toEqual([line('RecoveryRequested', office, spare)])
    expect(await w.read(departments, 'recoveryRequestOf', office)).toBe(spare)
    expect(await w.governRefused('recover', office, stranger)).toBe(
      line('DepartmentRegistryNotPending', office, stranger),
    )
    const { registeredAt } = { registeredAt: (await department(office)).split(',')[4] }
    const done = await w.govern('recover', office, spare)
    expect(done.events).toEqual([line('DepartmentRecovered', office, spare, 0)])
    expect(await w.read(departments, 'recoveredAt', office, 0)).toBe(String(done.time))
    expect(await w.read(departments, 'recoveredAt', office, 1)).toBe('0')
    expect(await w.read(departments, 'recoveryRequestOf', office)).toBe(zero)
    expect(await department(office)).toBe(
      departmentLine({
        accreditedUntil: w.until,
        epoch: 1,
        accreditor: bureau,
        registeredAt: Number(registeredAt),
        pendingAccount: spare,
      }),
    )
    expect(await w.refused(officeAccount, departments, 'proposeAccount', office, stranger)).toBe(
      line('DepartmentRegistryNotAllowed', office, officeAccount),
    )
    await w.send(spare, departments, 'acceptAccount', office)
    expect(await writer(office)).toBe(shown([spare, w.until]))
    expect(await w.governRefused('recover', office, spare)).toBe(
      line('DepartmentRegistryNotPending', office, spare),
    )
  })

  it('drops an account that the thief had proposed', async () => {
    await w.send(officeAccount, departments, 'proposeAccount', office, stranger)
    await w.send(bureauAccount, departments, 'requestRecovery', office, spare)
    await w.govern('recover', office, spare)
    expect(await w.refused(stranger, departments, 'acceptAccount', office)).toBe(
      line('DepartmentRegistryNotPending', office, stranger),
    )
  })

  it('of a root is the administration’s alone', async () => {
    const done = await w.govern('recover', other, spare)
    expect(done.events).toEqual([line('DepartmentRecovered', other, spare, 0)])
    const again = await w.govern('recover', other, stranger)
    expect(again.events).toEqual([line('DepartmentRecovered', other, stranger, 1)])
    expect(await w.read(departments, 'recoveredAt', other, 1)).toBe(String(again.time))
  })

  it('can be asked for by the accreditor alone, and taken back', async () => {
    for (const who of [officeAccount, rootAccount, stranger]) {
      expect(await w.refused(who, departments, 'requestRecovery', office, spare)).toBe(
        line('DepartmentRegistryNotAllowed', office, who),
      )
    }
    expect(await w.refused(bureauAccount, departments, 'requestRecovery', fresh, spare)).toBe(
      line('DepartmentRegistryUnknown', fresh),
    )
    await w.send(bureauAccount, departments, 'requestRecovery', office, spare)
    await w.send(bureauAccount, departments, 'requestRecovery', office, zero)
    expect(await w.governRefused('recover', office, spare)).toBe(
      line('DepartmentRegistryNotPending', office, spare),
    )
    expect(await w.governRefused('recover', office, zero)).toBe(line('DepartmentRegistryZero'))
    expect(await w.governRefused('recover', fresh, spare)).toBe(
      line('DepartmentRegistryUnknown', fresh),
    )
  })

  it('of a department whose accreditor was removed is the administration’s alone', async () => {
    await w.send(rootAccount, departments, 'remove', bureau)
    expect(await w.refused(bureauAccount, departments, 'requestRecovery', office, spare)).toBe(
      line('DepartmentRegistryNotAllowed', office, bureauAccount),
    )
    await w.govern('recover', office, spare)
    await w.send(spare, departments, 'acceptAccount', office)
  })

  it('stands still while the accreditor itself has no account', async () => {
    await w.send(rootAccount, departments, 'requestRecovery', bureau, spare)
    await w.govern('recover', bureau, spare)
    expect(await w.refused(bureauAccount, departments, 'requestRecovery', office, spare)).toBe(
      line('DepartmentRegistryNotAllowed', office, bureauAccount),
    )
    expect(await w.governRefused('recover', office, spare)).toBe(
      line('DepartmentRegistryNotPending', office, spare),
    )
  })
})

describe('E10: a removed department', () => {
  it('is told in one event, keeps its account and loses its accreditation', async () => {
    const done = await w.send(bureauAccount, departments, 'remove', office)
    expect(done.events).toEqual([line('DepartmentRemoved', office)])
    expect(await writer(office)).toBe(shown([officeAccount, 0]))
    expect((await department(office)).endsWith(`,${zero},${done.time}]`)).toBe(true)
    expect(await w.read(departments, 'inForce', office, titles, 0)).toBe('false')
    expect(await w.refused(bureauAccount, departments, 'remove', office)).toBe(
      line('DepartmentRegistryRemoved', office),
    )
    expect(await w.refused(stranger, departments, 'refreshAccreditation', office, titles, 0)).toBe(
      line('DepartmentRegistryNotInForce', office, titles, 0),
    )
  })

  it('takes everything below it down, and only its accreditor or the administration does it', async () => {
    for (const who of [officeAccount, rootAccount, otherAccount, stranger]) {
      expect(await w.refused(who, departments, 'remove', office)).toBe(
        line('DepartmentRegistryNotAllowed', office, who),
      )
    }
    const done = await w.govern('remove', bureau)
    expect(done.events).toEqual([line('DepartmentRemoved', bureau)])
    expect(await w.read(departments, 'inForce', bureau, titles, 0)).toBe('false')
    expect(await w.read(departments, 'inForce', office, titles, 0)).toBe('false')
    expect(await w.read(departments, 'inForce', root, titles, 0)).toBe('true')
    expect(await w.governRefused('remove', fresh)).toBe(line('DepartmentRegistryUnknown', fresh))
  })

  it('can do nothing more but hand its account on', async () => {
    await w.send(rootAccount, departments, 'remove', bureau)
    const key = [bureau, titles, 1, titles]
    for (const [name, ...args] of [
      ['register', bureau, titles, 0, fresh, spare],
      ['accredit', bureau, 0, office, titles, 1, 0, w.until],
      ['proposeKey', ...key],
      ['proposeAccount', bureau, spare],
    ] as [string, ...unknown[]][]) {
      expect(await w.refused(bureauAccount, departments, name, ...args)).toBe(
        line('DepartmentRegistryRemoved', bureau),
      )
    }
    expect(await w.refused(rootAccount, departments, 'confirmKey', ...key)).toBe(
      line('DepartmentRegistryRemoved', bureau),
    )
    expect(
      await w.refused(bureauAccount, departments, 'withdraw', office, titles, 0, titles, 0),
    ).toBe(line('DepartmentRegistryNotAllowed', office, bureauAccount))
    expect(
      await w.refused(rootAccount, departments, 'accredit', root, 0, bureau, titles, 1, 0, w.until),
    ).toBe(line('DepartmentRegistryRemoved', bureau))
    await w.send(rootAccount, departments, 'requestRecovery', bureau, spare)
    await w.govern('recover', bureau, spare)
    await w.send(spare, departments, 'acceptAccount', bureau)
    expect(await writer(bureau)).toBe(shown([spare, 0]))
  })
})

it('views answer zero for what is not there', async () => {
  expect(await department(fresh)).toBe(departmentLine({}))
  expect(await writer(fresh)).toBe(shown([zero, 0]))
  expect(await w.read(departments, 'recoveryRequestOf', fresh)).toBe(zero)
  expect(await w.read(departments, 'recoveredAt', fresh, 0)).toBe('0')
})
