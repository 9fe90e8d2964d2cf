import { id } from 'ethers'
import { beforeAll, describe, expect, test } from 'vitest'
import { built, interfaceOf, type Target } from './chain.ts'
import { address, openWorld, titles, zero31, zero32 } from './world.ts'

const w = await openWorld()
const { departments, anchors, statuses, root, bureau, office, spare, until } = w
const fresh = address('e1')
const certificate = id('sample certificate')
const [proposedKey, officeKey] = [id('a proposed key'), id('a confirmed key')]

/** Who may call: the office is the department in question, the bureau its accreditor. */
const roles = {
  administration: undefined,
  administrator: w.admin3,
  'root accreditor': w.rootAccount,
  accreditor: w.bureauAccount,
  department: w.officeAccount,
  'other department': w.otherAccount,
  'proposed account': spare,
  stranger: w.stranger,
} as const
type Role = keyof typeof roles

/** Every state-changing function: arguments that somebody may call it with, and who that is. */
const table: Record<string, { args: unknown[]; may: Role[] }> = {
  'DepartmentRegistry.propose': { args: ['0x'], may: ['administrator'] },
  'DepartmentRegistry.approve': { args: [0], may: ['administrator'] },
  'DepartmentRegistry.object': { args: [0], may: ['administrator'] },
  'DepartmentRegistry.execute': { args: [1], may: ['administrator'] },
  'DepartmentRegistry.setAdministrators': { args: [[w.admin1], 1], may: ['administration'] },
  'DepartmentRegistry.registerRoot': { args: [fresh, spare], may: ['administration'] },
  'DepartmentRegistry.grantRoot': {
    args: [office, titles, 3, 0, until * 2],
    may: ['administration'],
  },
  'DepartmentRegistry.recover': { args: [office, spare], may: ['administration'] },
  'DepartmentRegistry.register': {
    args: [bureau, titles, 0, fresh, spare],
    may: ['accreditor'],
  },
  'DepartmentRegistry.requestRecovery': { args: [office, spare], may: ['accreditor'] },
  'DepartmentRegistry.accredit': {
    args: [bureau, 0, office, titles, 1, 0, until],
    may: ['accreditor'],
  },
  'DepartmentRegistry.withdraw': {
    args: [office, titles, 0, zero32, 0],
    may: ['administration', 'accreditor'],
  },
  'DepartmentRegistry.remove': { args: [office], may: ['administration', 'accreditor'] },
  'DepartmentRegistry.proposeAccount': { args: [office, spare], may: ['department'] },
  'DepartmentRegistry.acceptAccount': { args: [office], may: ['proposed account'] },
  'DepartmentRegistry.proposeKey': {
    args: [office, id('a new key'), 1, certificate],
    may: ['department'],
  },
  'DepartmentRegistry.confirmKey': {
    args: [office, proposedKey, 1, certificate],
    may: ['accreditor'],
  },
  'DepartmentRegistry.retireKey': {
    args: [officeKey],
    may: ['administration', 'accreditor', 'department'],
  },
  'DepartmentRegistry.declareCompromised': {
    args: [officeKey, 0],
    may: ['administration', 'accreditor', 'department'],
  },
  'DepartmentRegistry.refreshAccreditation': {
    args: [w.other, titles, 0],
    may: Object.keys(roles) as Role[],
  },
  'AnchorRegistry.anchor': {
    args: [office, 1, zero31, titles, 16, []],
    may: ['department'],
  },
  'StatusRegistry.change': { args: [office, [], true], may: [] },
}

const targets: Record<string, Target> = {
  DepartmentRegistry: departments,
  AnchorRegistry: anchors,
  StatusRegistry: statuses,
}

const changing = Object.keys(targets).flatMap((name) =>
  interfaceOf(name)
    .fragments.filter((one) => one.type === 'function')
    .map((one) => JSON.parse(one.format('json')))
    .filter((one) => !['view', 'pure'].includes(one.stateMutability))
    .map((one) => `${name}.${one.name}`),
)

beforeAll(async () => {
  const call = interfaceOf('DepartmentRegistry').encodeFunctionData('registerRoot', [
    address('e2'),
    spare,
  ])
  // Where any administrator decides alone and at once.
  const registry = await w.deploy(
    'DepartmentRegistry',
    w.admin1,
    [w.admin1, w.admin2, w.admin3],
    1,
    0,
  )
  targets['one of three'] = registry
  await w.send(w.admin1, registry, 'propose', call)
  await w.send(w.admin1, registry, 'propose', call)
  await w.send(w.officeAccount, departments, 'proposeKey', office, officeKey, 1, certificate)
  await w.send(w.bureauAccount, departments, 'confirmKey', office, officeKey, 1, certificate)
  await w.send(w.officeAccount, departments, 'proposeKey', office, proposedKey, 1, certificate)
  await w.send(w.officeAccount, departments, 'proposeAccount', office, spare)
  await w.send(w.bureauAccount, departments, 'requestRecovery', office, spare)
  const later = [root, 0, w.other, titles, 1, w.now() + 5, until]
  await w.send(w.rootAccount, departments, 'accredit', ...later)
  w.wait(10)
})

describe('E1: every function against every role', () => {
  test('no state-changing function is missing from the table, and none too many', () => {
    expect(changing.toSorted()).toEqual(Object.keys(table).toSorted())
    const tested = Object.keys(targets).filter((name) => name !== 'one of three')
    expect(Object.keys(built).toSorted()).toEqual([...tested, 'EthereumDIDRegistry'].toSorted())
  })

  for (const [name, { args, may }] of Object.entries(table)) {
    const [contract, method] = name.split('.') as [string, string]
    for (const [role, account] of Object.entries(roles) as [Role, string | undefined][]) {
      const allowed = may.includes(role)
      test(`${name} ${allowed ? 'is open to' : 'is closed to'} the ${role}`, () =>
        w.aside(async () => {
          const isAdministrators = ['propose', 'approve', 'object', 'execute'].includes(method)
          const target = isAdministrators ? targets['one of three']! : targets[contract]!
          if (account === undefined) {
            if (contract !== 'DepartmentRegistry') return
            if (allowed) await w.govern(method, ...args)
            else expect(await w.governRefused(method, ...args)).toMatch(refusal)
          } else if (allowed) {
            await w.send(account, target, method, ...args)
          } else {
            expect(await w.refused(account, target, method, ...args)).toMatch(refusal)
          }
        }))
    }
  }
})

const refusal =
  /^(DepartmentRegistryNotAllowed|DepartmentRegistryNotPending|AdministrationNotAdministrator|AdministrationNotSelf|AnchorRegistryNotAccount|StatusRegistryNotAnchorRegistry)\(/
