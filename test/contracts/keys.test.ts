import { id } from 'ethers'
import { describe, expect, test } from 'vitest'
import { line, shown } from './chain.ts'
import { address, openWorld, titles, zero, zero32 } from './world.ts'

const w = await openWorld()
const { departments, root, rootAccount, bureauAccount, office, officeAccount, other } = w
const { otherAccount, stranger, spare } = w
const it = (name: string, body: () => Promise<void>) => test(name, () => w.aside(body))
const [thumbprint, certificate] = [id('sample key'), id('sample certificate')]
const nothing = shown([zero, 0, 0, zero32, 0, 0, 0])
const args = [office, thumbprint, 1, certificate]
const key = () => w.read(departments, 'keyOf', thumbprint)
const propose = () => w.send(officeAccount, departments, 'proposeKey', ...args)
const confirm = () => w.send(bureauAccount, departments, 'confirmKey', ...args)
const add = () => propose().then(confirm)

describe('adding a key', () => {
  it('takes the department’s proposal and its accreditor’s confirmation', async () => {
    const proposed = await propose()
    expect(proposed.events).toEqual([line('KeyProposed', ...args)])
    expect(await w.read(departments, 'proposedKeyOf', office, thumbprint)).toBe(
      shown([certificate, 0, 1]),
    )
    expect(await key()).toBe(nothing)
    const confirmed = await confirm()
    expect(confirmed.events).toEqual([line('KeyConfirmed', ...args, 0)])
    expect(await key()).toBe(shown([office, 1, 0, certificate, confirmed.time, 0, 0]))
    expect(await w.read(departments, 'proposedKeyOf', office, thumbprint)).toBe(
      shown([zero32, 0, 0]),
    )
  })

  it('is refused for a purpose, thumbprint or certificate that cannot be', async () => {
    const by = (...wrong: unknown[]) =>
      w.refused(officeAccount, departments, 'proposeKey', ...wrong)
    expect(await by(office, thumbprint, 0, certificate)).toBe(
      line('DepartmentRegistryBadPurpose', 0),
    )
    expect(await by(office, thumbprint, 4, certificate)).toBe(
      line('DepartmentRegistryBadPurpose', 4),
    )
    expect(await by(office, zero32, 1, certificate)).toBe(line('DepartmentRegistryZero'))
    expect(await by(office, thumbprint, 1, zero32)).toBe(line('DepartmentRegistryZero'))
    for (const purpose of [2, 3]) {
      await w.send(
        officeAccount,
        departments,
        'proposeKey',
        office,
        thumbprint,
        purpose,
        certificate,
      )
    }
  })

  it('needs the department’s own account', async () => {
    for (const who of [bureauAccount, otherAccount, stranger]) {
      expect(await w.refused(who, departments, 'proposeKey', ...args)).toBe(
        line('DepartmentRegistryNotAllowed', office, who),
      )
    }
    expect(
      await w.refused(
        officeAccount,
        departments,
        'proposeKey',
        address('e1'),
        thumbprint,
        1,
        certificate,
      ),
    ).toBe(line('DepartmentRegistryUnknown', address('e1')))
  })

  it('confirms what was proposed and nothing else', async () => {
    const by = (...wrong: unknown[]) =>
      w.refused(bureauAccount, departments, 'confirmKey', ...wrong)
    const not = (...which: unknown[]) => line('DepartmentRegistryKeyNotProposed', ...which)
    expect(await by(...args)).toBe(not(thumbprint, 1, certificate))
    expect(await by(office, thumbprint, 0, zero32)).toBe(not(thumbprint, 0, zero32))
    await propose()
    expect(await by(office, thumbprint, 2, certificate)).toBe(not(thumbprint, 2, certificate))
    expect(await by(office, thumbprint, 1, titles)).toBe(not(thumbprint, 1, titles))
    expect(await by(office, titles, 1, certificate)).toBe(not(titles, 1, certificate))
    for (const who of [officeAccount, rootAccount, otherAccount, stranger]) {
      expect(await w.refused(who, departments, 'confirmKey', ...args)).toBe(
        line('DepartmentRegistryNotAllowed', office, who),
      )
    }
    expect(await by(address('e1'), thumbprint, 1, certificate)).toBe(
      line('DepartmentRegistryUnknown', address('e1')),
    )
  })

  it('of a root is confirmed by the administration', async () => {
    await w.send(rootAccount, departments, 'proposeKey', root, thumbprint, 2, certificate)
    const done = await w.govern('confirmKey', root, thumbprint, 2, certificate)
    expect(done.events).toEqual([line('KeyConfirmed', root, thumbprint, 2, certificate, 0)])
    expect(await w.governRefused('confirmKey', ...args)).toBe(
      line('DepartmentRegistryNotAllowed', office, departments.address),
    )
  })

  it('of a department whose accreditor was removed is confirmed by the administration', async () => {
    await propose()
    await w.send(rootAccount, departments, 'remove', w.bureau)
    expect(await w.refused(bureauAccount, departments, 'confirmKey', ...args)).toBe(
      line('DepartmentRegistryNotAllowed', office, bureauAccount),
    )
    await w.govern('confirmKey', ...args)
  })
})

describe('a thumbprint', () => {
  it('is registered once, ever', async () => {
    await w.send(rootAccount, departments, 'proposeKey', root, thumbprint, 1, certificate)
    await add()
    const exists = line('DepartmentRegistryKeyExists', thumbprint)
    expect(await w.refused(officeAccount, departments, 'proposeKey', ...args)).toBe(exists)
    expect(await w.refused(bureauAccount, departments, 'confirmKey', ...args)).toBe(exists)
    expect(await w.governRefused('confirmKey', root, thumbprint, 1, certificate)).toBe(exists)
    await w.send(officeAccount, departments, 'retireKey', thumbprint)
    expect(await w.refused(officeAccount, departments, 'proposeKey', ...args)).toBe(exists)
  })

  it('E5: that another department proposes first stays free for its owner', async () => {
    await w.send(otherAccount, departments, 'proposeKey', other, thumbprint, 1, certificate)
    await add()
    expect(await key()).toContain(office)
  })
})

describe('retiring', () => {
  for (const [who, act] of [
    ['the department', () => w.send(officeAccount, departments, 'retireKey', thumbprint)],
    ['its accreditor', () => w.send(bureauAccount, departments, 'retireKey', thumbprint)],
    ['the administration', () => w.govern('retireKey', thumbprint)],
  ] as const) {
    it(`is open to ${who}, and happens once`, async () => {
      const { time: from } = await add()
      w.wait(60)
      const done = await act()
      expect(done.events).toEqual([line('KeyRetired', office, thumbprint)])
      expect(await key()).toBe(shown([office, 1, 0, certificate, from, done.time, 0]))
      expect(await w.refused(officeAccount, departments, 'retireKey', thumbprint)).toBe(
        line('DepartmentRegistryKeyRetired', thumbprint),
      )
    })
  }

  it('is closed to everyone else and to keys that are not there', async () => {
    expect(await w.refused(officeAccount, departments, 'retireKey', thumbprint)).toBe(
      line('DepartmentRegistryKeyUnknown', thumbprint),
    )
    expect(await w.refused(officeAccount, departments, 'declareCompromised', thumbprint, 0)).toBe(
      line('DepartmentRegistryKeyUnknown', thumbprint),
    )
    await add()
    for (const who of [rootAccount, otherAccount, stranger]) {
      const not = line('DepartmentRegistryNotAllowed', office, who)
      expect(await w.refused(who, departments, 'retireKey', thumbprint)).toBe(not)
      expect(await w.refused(who, departments, 'declareCompromised', thumbprint, 0)).toBe(not)
    }
  })
})

describe('C2: a compromise', () => {
  it('counts from now when no time is given', async () => {
    const { time: from } = await add()
    w.wait(60)
    const done = await w.send(officeAccount, departments, 'declareCompromised', thumbprint, 0)
    expect(done.events).toEqual([line('KeyCompromised', office, thumbprint, done.time)])
    expect(await key()).toBe(shown([office, 1, 0, certificate, from, 0, done.time]))
  })

  it('only moves earlier and never lies ahead', async () => {
    const { time } = await add()
    w.wait(100)
    const by = (since: number) =>
      w.refused(bureauAccount, departments, 'declareCompromised', thumbprint, since)
    const bad = (since: number) => line('DepartmentRegistryBadTime', since)
    expect(await by(w.now() + 1)).toBe(bad(w.now() + 1))
    await w.send(officeAccount, departments, 'declareCompromised', thumbprint, w.now())
    await w.send(officeAccount, departments, 'declareCompromised', thumbprint, time + 50)
    expect(await by(time + 50)).toBe(bad(time + 50))
    expect(await by(time + 51)).toBe(bad(time + 51))
    expect(await by(0)).toBe(bad(w.now()))
    await w.send(bureauAccount, departments, 'declareCompromised', thumbprint, time + 49)
    const last = await w.govern('declareCompromised', thumbprint, 1)
    expect(last.events).toEqual([line('KeyCompromised', office, thumbprint, 1)])
  })

  it('can be declared of a retired key and of a removed department’s', async () => {
    const { time: from } = await add()
    const retired = await w.send(officeAccount, departments, 'retireKey', thumbprint)
    await w.send(bureauAccount, departments, 'remove', office)
    const done = await w.send(bureauAccount, departments, 'declareCompromised', thumbprint, from)
    expect(done.events).toEqual([line('KeyCompromised', office, thumbprint, from)])
    expect(await key()).toBe(shown([office, 1, 0, certificate, from, retired.time, from]))
  })
})

describe('C7: a recovery', () => {
  it('retires every key of the former epoch and voids what was proposed', async () => {
    await add()
    const pending = [office, titles, 1, certificate]
    await w.send(officeAccount, departments, 'proposeKey', ...pending)
    await w.send(bureauAccount, departments, 'requestRecovery', office, spare)
    const { time } = await w.govern('recover', office, spare)
    expect(await w.read(departments, 'recoveredAt', office, 0)).toBe(String(time))
    expect(await w.refused(bureauAccount, departments, 'retireKey', thumbprint)).toBe(
      line('DepartmentRegistryKeyRetired', thumbprint),
    )
    expect(await w.refused(bureauAccount, departments, 'confirmKey', ...pending)).toBe(
      line('DepartmentRegistryKeyNotProposed', titles, 1, certificate),
    )
    await w.send(spare, departments, 'acceptAccount', office)
    await w.send(spare, departments, 'proposeKey', ...pending)
    const next = await w.send(bureauAccount, departments, 'confirmKey', ...pending)
    expect(next.events).toEqual([line('KeyConfirmed', ...pending, 1)])
    await w.send(spare, departments, 'retireKey', titles)
  })

  it('marks no key compromised unless told since when', async () => {
    const { time: from } = await add()
    await w.send(bureauAccount, departments, 'requestRecovery', office, spare)
    await w.govern('recover', office, spare)
    expect(await key()).toBe(shown([office, 1, 0, certificate, from, 0, 0]))
    await w.send(bureauAccount, departments, 'declareCompromised', thumbprint, from)
  })
})
