import { describe, expect, test } from 'vitest'
import { interfaceOf, line, shown } from './chain.ts'
import { address, day, openWorld, zero } from './world.ts'

const w = await openWorld()
const { admin1, admin2, admin3, departments, stranger } = w
const it = (name: string, body: () => Promise<void>) => test(name, () => w.aside(body))
const encode = (name: string, ...args: unknown[]) =>
  interfaceOf('DepartmentRegistry').encodeFunctionData(name, args)
const registration = encode('registerRoot', address('e1'), stranger)
const next = async () => Number(await w.read(departments, 'operationCount'))
const operation = (id: number) => w.read(departments, 'operationOf', id)

describe('a proposal', () => {
  it('carries its proposer’s approval and is told in one event', async () => {
    const id = await next()
    const done = await w.send(admin1, departments, 'propose', registration)
    expect(done.events).toEqual([line('OperationProposed', id, admin1, registration)])
    expect(await operation(id)).toBe(shown([registration, 1, 0, 0, false]))
    expect(await next()).toBe(id + 1)
  })

  it('is refused from anyone who is no administrator', async () => {
    for (const name of ['approve', 'object', 'execute']) {
      expect(await w.refused(stranger, departments, name, 0)).toBe(
        line('AdministrationNotAdministrator', stranger),
      )
    }
    expect(await w.refused(stranger, departments, 'propose', registration)).toBe(
      line('AdministrationNotAdministrator', stranger),
    )
  })

  it('that does not exist can be neither approved, objected to nor executed', async () => {
    const id = await next()
    for (const name of ['approve', 'object', 'execute']) {
      expect(await w.refused(admin1, departments, name, id)).toBe(
        line('AdministrationUnknownOperation', id),
      )
    }
    expect(await operation(id)).toBe(shown(['0x', 0, 0, 0, false]))
  })
})

describe('approval', () => {
  it('counts each administrator once', async () => {
    const id = await next()
    await w.send(admin1, departments, 'propose', registration)
    expect(await w.refused(admin1, departments, 'approve', id)).toBe(
      line('AdministrationAlreadyApproved', id, admin1),
    )
    const done = await w.send(admin2, departments, 'approve', id)
    expect(done.events).toEqual([line('OperationApproved', id, admin2)])
    expect(await operation(id)).toBe(shown([registration, 2, 0, done.time + day, false]))
    expect(await w.refused(admin2, departments, 'approve', id)).toBe(
      line('AdministrationAlreadyApproved', id, admin2),
    )
  })

  it('beyond the threshold does not put the delay off', async () => {
    const id = await next()
    await w.send(admin1, departments, 'propose', registration)
    const { time } = await w.send(admin2, departments, 'approve', id)
    w.wait(5)
    await w.send(admin3, departments, 'approve', id)
    expect(await operation(id)).toBe(shown([registration, 3, 0, time + day, false]))
  })
})

describe('execution', () => {
  it('waits for the threshold', async () => {
    const id = await next()
    await w.send(admin1, departments, 'propose', registration)
    w.wait(10 * day)
    expect(await w.refused(admin1, departments, 'execute', id)).toBe(
      line('AdministrationNotReady', id, 0),
    )
  })

  it('waits for the delay to its last second', async () => {
    const id = await next()
    await w.send(admin1, departments, 'propose', registration)
    const { time } = await w.send(admin2, departments, 'approve', id)
    w.wait(day - 1)
    expect(await w.refused(admin1, departments, 'execute', id)).toBe(
      line('AdministrationNotReady', id, time + day),
    )
    w.wait(1)
    const done = await w.send(admin3, departments, 'execute', id)
    expect(done.time).toBe(time + day)
    expect(done.events).toEqual([
      line('OperationExecuted', id),
      line('DepartmentRegistered', address('e1'), zero, stranger),
    ])
  })

  it('happens once', async () => {
    const id = await w.approved('registerRoot', address('e1'), stranger)
    await w.send(admin1, departments, 'execute', id)
    for (const name of ['execute', 'approve', 'object']) {
      expect(await w.refused(admin3, departments, name, id)).toBe(line('AdministrationClosed', id))
    }
    const stored = await operation(id)
    expect(stored.endsWith(',true]')).toBe(true)
  })

  it('of a failing call changes nothing, gives the reason and can be tried again', async () => {
    const id = await w.approved('registerRoot', zero, stranger)
    const reason = interfaceOf('DepartmentRegistry').encodeErrorResult('DepartmentRegistryZero')
    expect(await w.refused(admin1, departments, 'execute', id)).toBe(
      line('AdministrationFailed', id, reason),
    )
    expect((await operation(id)).endsWith(',false]')).toBe(true)
  })

  it('cannot be entered from within an operation', async () => {
    const own = interfaceOf('DepartmentRegistry').encodeErrorResult(
      'AdministrationNotAdministrator',
      [departments.address],
    )
    const id = await w.approved('execute', 0)
    expect(await w.refused(admin1, departments, 'execute', id)).toBe(
      line('AdministrationFailed', id, own),
    )
  })
})

describe('objection', () => {
  it('of one among three stops nothing that two carry, of two stops it for good', async () => {
    const id = await w.approved('registerRoot', address('e1'), stranger)
    const first = await w.send(admin3, departments, 'object', id)
    expect(first.events).toEqual([line('OperationObjected', id, admin3, false)])
    expect(await w.refused(admin3, departments, 'object', id)).toBe(
      line('AdministrationAlreadyObjected', id, admin3),
    )
    await w.aside(() => w.send(admin1, departments, 'execute', id))
    const second = await w.send(admin1, departments, 'object', id)
    expect(second.events).toEqual([line('OperationObjected', id, admin1, true)])
    expect(await w.refused(admin2, departments, 'execute', id)).toBe(
      line('AdministrationClosed', id),
    )
    expect(await w.refused(admin2, departments, 'object', id)).toBe(
      line('AdministrationClosed', id),
    )
  })
})

describe('E2: the administrators', () => {
  it('are changed only by themselves, together and after the delay', async () => {
    const done = await w.govern('setAdministrators', [admin3, stranger], 1)
    expect(done.events).toEqual([line('AdministratorsChanged', [admin3, stranger], 1)])
    expect(await w.read(departments, 'administrators')).toBe(shown([admin3, stranger]))
    expect(await w.read(departments, 'threshold')).toBe('1')
    expect(await w.refused(admin1, departments, 'propose', registration)).toBe(
      line('AdministrationNotAdministrator', admin1),
    )
    const id = await next()
    const alone = await w.send(stranger, departments, 'propose', registration)
    expect(await operation(id)).toBe(shown([registration, 1, 0, alone.time + day, false]))
    expect(await w.refused(admin1, departments, 'setAdministrators', [admin1], 1)).toBe(
      line('AdministrationNotSelf', admin1),
    )
  })

  it('close every open operation when they change, and stay able to act', async () => {
    const open = await w.approved('registerRoot', address('e1'), stranger)
    await w.govern('setAdministrators', [admin1, admin2, stranger], 2)
    expect(await operation(open)).toContain(',true]')
    for (const name of ['execute', 'approve', 'object']) {
      expect(await w.refused(admin1, departments, name, open)).toBe(
        line('AdministrationClosed', open),
      )
    }
    const done = await w.govern('registerRoot', address('e1'), stranger)
    expect(done.events).toHaveLength(1)
  })

  it('never become fewer than the threshold, none, double, nobody or more than 32', async () => {
    const many = Array.from({ length: 33 }, (_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}`)
    const refusals: [string[], number, string][] = [
      [[], 0, line('AdministrationBadThreshold', 0, 0)],
      [[admin1], 0, line('AdministrationBadThreshold', 0, 1)],
      [[admin1], 2, line('AdministrationBadThreshold', 2, 1)],
      [many, 1, line('AdministrationBadThreshold', 1, 33)],
      [[admin1, admin2, admin1], 1, line('AdministrationDuplicate', admin1)],
      [[admin1, zero], 1, line('AdministrationDuplicate', zero)],
    ]
    for (const [who, threshold, error] of refusals) {
      expect(await w.governRefused('setAdministrators', who, threshold)).toBe(error)
    }
    await w.govern('setAdministrators', many.slice(0, 32), 32)
    expect(await w.read(departments, 'threshold')).toBe('32')
  })

  it('are checked at deployment as well, which tells them in an event', async () => {
    const bad = w.deploy('DepartmentRegistry', admin1, [admin1], 2, 0)
    await expect(bad).rejects.toThrow()
    const fresh = await w.deploy('DepartmentRegistry', admin1, [admin1], 1, 0)
    expect(fresh.done.events).toEqual([line('AdministratorsChanged', [admin1], 1)])
    expect(await w.read(fresh, 'delay')).toBe('0')
    expect(await w.read(departments, 'delay')).toBe(String(day))
  })

  it('without a delay execute in the block in which the threshold is reached', async () => {
    const fresh = await w.deploy('DepartmentRegistry', admin1, [admin1], 1, 0)
    await w.send(admin1, fresh, 'propose', registration)
    const done = await w.send(admin1, fresh, 'execute', 0)
    expect(done.events).toHaveLength(2)
  })
})
