import { describe, expect, test } from 'vitest'
import { line, shown } from './chain.ts'
import { address, day, licences, openWorld, titles, zero, zero32 } from './world.ts'

const w = await openWorld()
const { departments, root, rootAccount, bureau, bureauAccount, office, officeAccount } = w
const { other, otherAccount, stranger, until } = w
const it = (name: string, body: () => Promise<void>) => test(name, () => w.aside(body))
const fresh = address('e1')
const record = (department: string, type: string, index: number) =>
  w.read(departments, 'accreditationOf', department, type, index)
const inForce = (department: string, type: string, index: number) =>
  w.read(departments, 'inForce', department, type, index)
const accreditedUntil = async (department: string) =>
  Number((await w.read(departments, 'writerOf', department)).slice(1, -1).split(',')[1])
const accredit = (from: string, ...args: unknown[]) =>
  w.send(from, departments, 'accredit', ...args)
const noAccredit = (from: string, ...args: unknown[]) =>
  w.refused(from, departments, 'accredit', ...args)

/** A further department under `by`, ready to be accredited and to accredit. */
async function further(by: string, account: string, digits: string, own: string): Promise<string> {
  const department = address(digits)
  await w.send(account, departments, 'register', by, titles, 0, department, own)
  await w.send(own, departments, 'acceptAccount', department)
  return department
}

describe('a root accreditation', () => {
  it('is granted by the administration and stands on nothing', async () => {
    const done = await w.govern('grantRoot', other, licences, 3, 0, until)
    expect(done.events).toEqual([
      line('Accredited', other, licences, 0, 3, done.time, until, 0, zero, 0),
    ])
    expect(await record(other, licences, 0)).toBe(shown([done.time, until, 0, 3, 0, zero, 0]))
    expect(await w.read(departments, 'accreditationCount', other, licences)).toBe('1')
    expect(await inForce(other, licences, 0)).toBe('true')
    expect(await accreditedUntil(other)).toBe(until)
  })

  it('needs a registered department, a type, rights and a time ahead', async () => {
    const at = w.now() + day
    const wrong: [unknown[], string][] = [
      [[fresh, titles, 3, 0, until], line('DepartmentRegistryUnknown', fresh)],
      [[other, zero32, 3, 0, until], line('DepartmentRegistryZero')],
      [[other, titles, 0, 0, until], line('DepartmentRegistryBadRights', 0)],
      [[other, titles, 4, 0, until], line('DepartmentRegistryBadRights', 4)],
      [[other, titles, 1, at - 1, until], line('DepartmentRegistryBadTime', at - 1)],
      [[other, titles, 1, at, at], line('DepartmentRegistryBadTime', at)],
      [[other, titles, 1, 0, at], line('DepartmentRegistryBadTime', at)],
      [[other, titles, 1, 0, 0], line('DepartmentRegistryBadTime', 0)],
    ]
    for (const [args, error] of wrong) {
      await w.aside(async () => expect(await w.governRefused('grantRoot', ...args)).toBe(error))
    }
    await w.aside(() => w.govern('grantRoot', other, titles, 1, at, at + 1).then(() => {}))
    await w.aside(() => w.govern('grantRoot', other, titles, 2, 0, at + 1).then(() => {}))
  })
})

describe('an accreditation', () => {
  it('rests on a record of the accreditor, one link deeper', async () => {
    const done = await accredit(bureauAccount, bureau, 0, other, titles, 1, 0, until - 1)
    expect(done.events).toEqual([
      line('Accredited', other, titles, 0, 1, done.time, until - 1, 2, bureau, 0),
    ])
    expect(await record(other, titles, 0)).toBe(shown([done.time, until - 1, 0, 1, 2, bureau, 0]))
    const second = await accredit(rootAccount, root, 0, other, titles, 1, 0, until)
    expect(second.events[0]).toContain(`,1,1,${second.time},${until},1,${root},0)`)
    expect(await w.read(departments, 'accreditationCount', other, titles)).toBe('2')
    expect(await accreditedUntil(other)).toBe(until)
    await accredit(rootAccount, root, 0, other, titles, 1, 0, until - 5)
    expect(await accreditedUntil(other)).toBe(until)
  })

  it('is the accreditor’s account’s to give', async () => {
    for (const who of [officeAccount, rootAccount, stranger]) {
      expect(await noAccredit(who, bureau, 0, other, titles, 1, 0, until)).toBe(
        line('DepartmentRegistryNotAllowed', bureau, who),
      )
    }
    expect(await noAccredit(stranger, fresh, 0, other, titles, 1, 0, until)).toBe(
      line('DepartmentRegistryUnknown', fresh),
    )
    expect(await noAccredit(bureauAccount, bureau, 0, fresh, titles, 1, 0, until)).toBe(
      line('DepartmentRegistryUnknown', fresh),
    )
  })

  it('F8: stays within the scope of what it rests on', async () => {
    await accredit(rootAccount, root, 0, other, titles, 2, 0, until - day)
    const out = line('DepartmentRegistryOutOfScope', other, titles, 0)
    const from = (...args: unknown[]) => noAccredit(otherAccount, other, 0, office, ...args)
    expect(await from(titles, 1, 0, until - day)).toBe(out)
    expect(await from(titles, 3, 0, until - day)).toBe(out)
    expect(await from(titles, 2, 0, until - day + 1)).toBe(out)
    expect(await from(licences, 2, 0, until - day)).toBe(
      line('DepartmentRegistryNotInForce', other, licences, 0),
    )
    expect(await noAccredit(otherAccount, other, 1, office, titles, 2, 0, until - day)).toBe(
      line('DepartmentRegistryNotInForce', other, titles, 1),
    )
    expect(await noAccredit(officeAccount, office, 0, other, titles, 1, 0, until)).toBe(
      line('DepartmentRegistryOutOfScope', office, titles, 0),
    )
    expect(await from(titles, 0, 0, until - day)).toBe(line('DepartmentRegistryBadRights', 0))
    await accredit(otherAccount, other, 0, office, titles, 2, 0, until - day)
  })

  it('F8: never stands deeper than four links', async () => {
    const accounts = [bureauAccount, ...w.accounts.slice(9, 13)]
    let by = bureau
    let index = 0
    for (let depth = 2; depth <= 5; depth++) {
      const own = accounts[depth - 1]!
      const below = await further(root, rootAccount, `f${depth}`, own)
      const args = [by, index, below, titles, 3, 0, until]
      if (depth === 5) {
        expect(await noAccredit(accounts[depth - 2]!, ...args)).toBe(
          line('DepartmentRegistryTooDeep', by, 5),
        )
      } else {
        const done = await accredit(accounts[depth - 2]!, ...args)
        expect(done.events[0]).toContain(`,${depth},${by},${index})`)
        expect(await inForce(below, titles, 0)).toBe('true')
      }
      ;[by, index] = [below, 0]
    }
  })

  it('F8: never rests on its own department, near or far', async () => {
    const cycle = (department: string, by: string) =>
      line('DepartmentRegistryCycle', department, by)
    expect(await noAccredit(rootAccount, root, 0, root, titles, 1, 0, until)).toBe(
      cycle(root, root),
    )
    expect(await noAccredit(bureauAccount, bureau, 0, bureau, titles, 1, 0, until)).toBe(
      cycle(bureau, bureau),
    )
    expect(await noAccredit(bureauAccount, bureau, 0, root, titles, 1, 0, until)).toBe(
      cycle(root, bureau),
    )
    await accredit(bureauAccount, bureau, 0, office, titles, 3, 0, until)
    expect(await noAccredit(officeAccount, office, 1, root, titles, 1, 0, until)).toBe(
      cycle(root, office),
    )
    expect(await noAccredit(officeAccount, office, 1, bureau, titles, 1, 0, until)).toBe(
      cycle(bureau, office),
    )
    await accredit(officeAccount, office, 1, other, titles, 1, 0, until)
  })

  it('follows the record that it names, not another of the same accreditor', async () => {
    await accredit(rootAccount, root, 0, bureau, titles, 2, 0, until - day)
    await accredit(bureauAccount, bureau, 1, other, titles, 2, 0, until - day)
    await w.send(rootAccount, departments, 'withdraw', bureau, titles, 0, zero32, 0)
    expect(await inForce(other, titles, 0)).toBe('true')
    expect(await inForce(office, titles, 0)).toBe('false')
    expect(await noAccredit(bureauAccount, bureau, 0, other, titles, 1, 0, until)).toBe(
      line('DepartmentRegistryNotInForce', bureau, titles, 0),
    )
  })
})

describe('E10: an accreditation holds', () => {
  it('from its first second to the one before its last', async () => {
    const [from, end] = [w.now() + 100, w.now() + 200]
    await accredit(rootAccount, root, 0, other, titles, 3, from, end)
    expect(await accreditedUntil(other)).toBe(0)
    const refresh = () => w.refused(stranger, departments, 'refreshAccreditation', other, titles, 0)
    const not = line('DepartmentRegistryNotInForce', other, titles, 0)
    const child = [other, 0, office, titles, 1, 0, end]
    w.wait(99)
    expect(await refresh()).toBe(not)
    expect(await noAccredit(otherAccount, ...child)).toBe(not)
    expect(await inForce(other, titles, 0)).toBe('false')
    w.wait(1)
    const done = await w.send(stranger, departments, 'refreshAccreditation', other, titles, 0)
    expect(done.events).toEqual([line('AccreditationRefreshed', other, end)])
    expect(await accreditedUntil(other)).toBe(end)
    expect(await inForce(other, titles, 0)).toBe('true')
    await w.aside(() => accredit(otherAccount, ...child).then(() => {}))
    w.wait(98)
    await w.aside(() => accredit(otherAccount, ...child).then(() => {}))
    w.wait(2)
    expect(await noAccredit(otherAccount, ...child)).toBe(not)
    expect(await refresh()).toBe(not)
    await w.request('evm_setNextBlockTimestamp', w.now())
    await w.request('evm_mine')
    expect(await inForce(other, titles, 0)).toBe('false')
  })

  it('only while every link to its root holds', async () => {
    expect(await inForce(office, titles, 0)).toBe('true')
    await w.aside(async () => {
      await w.govern('withdraw', root, titles, 0, zero32, 0)
      for (const one of [root, bureau, office]) expect(await inForce(one, titles, 0)).toBe('false')
    })
    await w.send(rootAccount, departments, 'withdraw', bureau, titles, 0, zero32, 0)
    expect(await inForce(office, titles, 0)).toBe('false')
    expect(await inForce(root, titles, 0)).toBe('true')
    expect(await w.refused(stranger, departments, 'refreshAccreditation', office, titles, 0)).toBe(
      line('DepartmentRegistryNotInForce', office, titles, 0),
    )
  })

  it('raises the time up to which its department may anchor, and never without effect', async () => {
    expect(await w.refused(stranger, departments, 'refreshAccreditation', office, titles, 0)).toBe(
      line('DepartmentRegistryBadTime', until),
    )
    await accredit(rootAccount, root, 0, other, titles, 2, 0, until)
    expect(await accreditedUntil(other)).toBe(0)
    expect(await w.refused(stranger, departments, 'refreshAccreditation', other, titles, 0)).toBe(
      line('DepartmentRegistryBadRights', 2),
    )
    expect(await w.refused(stranger, departments, 'refreshAccreditation', other, titles, 1)).toBe(
      line('DepartmentRegistryNotInForce', other, titles, 1),
    )
  })
})

describe('withdrawing', () => {
  it('ends the record and the department’s anchoring at once', async () => {
    const before = await record(office, titles, 0)
    const done = await w.send(bureauAccount, departments, 'withdraw', office, titles, 0, zero32, 0)
    expect(done.events).toEqual([line('AccreditationWithdrawn', office, titles, 0, 0)])
    expect(await record(office, titles, 0)).toBe(before.replace(',0,1,', `,${done.time},1,`))
    expect(await accreditedUntil(office)).toBe(0)
    expect(
      await w.refused(bureauAccount, departments, 'withdraw', office, titles, 0, zero32, 0),
    ).toBe(line('DepartmentRegistryNotInForce', office, titles, 0))
  })

  it('leaves the department what another record in force allows', async () => {
    await accredit(bureauAccount, bureau, 0, office, titles, 1, 0, until - day)
    await accredit(bureauAccount, bureau, 0, office, titles, 2, 0, until)
    const keep = (...args: unknown[]) =>
      w.refused(bureauAccount, departments, 'withdraw', office, titles, 0, ...args)
    expect(await keep(titles, 0)).toBe(line('DepartmentRegistryNotInForce', office, titles, 0))
    expect(await keep(titles, 2)).toBe(line('DepartmentRegistryBadRights', 2))
    expect(await keep(titles, 3)).toBe(line('DepartmentRegistryNotInForce', office, titles, 3))
    expect(await keep(licences, 0)).toBe(line('DepartmentRegistryNotInForce', office, licences, 0))
    const done = await w.send(bureauAccount, departments, 'withdraw', office, titles, 0, titles, 1)
    expect(done.events).toEqual([line('AccreditationWithdrawn', office, titles, 0, until - day)])
    expect(await accreditedUntil(office)).toBe(until - day)
  })

  it('that names nothing to keep is corrected by anybody', async () => {
    await accredit(bureauAccount, bureau, 0, office, titles, 1, 0, until - day)
    await w.send(bureauAccount, departments, 'withdraw', office, titles, 0, zero32, 0)
    const done = await w.send(stranger, departments, 'refreshAccreditation', office, titles, 1)
    expect(done.events).toEqual([line('AccreditationRefreshed', office, until - day)])
  })

  it('is for whom it rests on and the administration', async () => {
    const args = [office, titles, 0, zero32, 0]
    for (const who of [officeAccount, rootAccount, otherAccount, stranger]) {
      expect(await w.refused(who, departments, 'withdraw', ...args)).toBe(
        line('DepartmentRegistryNotAllowed', office, who),
      )
    }
    expect(await w.refused(rootAccount, departments, 'withdraw', root, titles, 0, zero32, 0)).toBe(
      line('DepartmentRegistryNotAllowed', root, rootAccount),
    )
    expect(
      await w.refused(bureauAccount, departments, 'withdraw', office, titles, 1, zero32, 0),
    ).toBe(line('DepartmentRegistryNotInForce', office, titles, 1))
    const done = await w.govern('withdraw', ...args)
    expect(done.events).toEqual([line('AccreditationWithdrawn', office, titles, 0, 0)])
  })
})

it('views answer zero for records that are not there', async () => {
  expect(await record(office, titles, 1)).toBe(shown([0, 0, 0, 0, 0, zero, 0]))
  expect(await w.read(departments, 'accreditationCount', office, licences)).toBe('0')
  expect(await inForce(office, titles, 1)).toBe('false')
  expect(await inForce(fresh, titles, 0)).toBe('false')
})
