import type { ErrorDescription } from 'ethers'
import { type Code, InputError, OutsideError } from '../../errors.ts'
import { interfaces } from './abi.ts'
import { RpcRefusal } from './rpc.ts'

/** Our code for each error of DepartmentRegistry and its administration. */
const registryCodes: Readonly<Record<string, Code>> = Object.assign(Object.create(null), {
  AdministrationAlreadyApproved: 'registry/already-approved',
  AdministrationAlreadyObjected: 'registry/already-objected',
  AdministrationBadThreshold: 'registry/bad-threshold',
  AdministrationClosed: 'registry/operation-closed',
  AdministrationDuplicate: 'registry/duplicate-administrator',
  AdministrationFailed: 'registry/operation-failed',
  AdministrationNotAdministrator: 'registry/not-allowed',
  AdministrationNotReady: 'registry/operation-not-ready',
  AdministrationNotSelf: 'registry/not-allowed',
  AdministrationUnknownOperation: 'registry/unknown-operation',
  DepartmentRegistryBadPurpose: 'registry/bad-purpose',
  DepartmentRegistryBadRights: 'registry/bad-rights',
  DepartmentRegistryBadTime: 'registry/bad-time',
  DepartmentRegistryCycle: 'registry/cycle',
  DepartmentRegistryExists: 'registry/department-exists',
  DepartmentRegistryKeyExists: 'registry/key-exists',
  DepartmentRegistryKeyNotProposed: 'registry/key-not-proposed',
  DepartmentRegistryKeyRetired: 'registry/key-retired',
  DepartmentRegistryKeyUnknown: 'registry/key-unknown',
  DepartmentRegistryNotAllowed: 'registry/not-allowed',
  DepartmentRegistryNotInForce: 'registry/not-in-force',
  DepartmentRegistryNotPending: 'registry/not-pending',
  DepartmentRegistryOutOfScope: 'registry/out-of-scope',
  DepartmentRegistryRemoved: 'registry/department-removed',
  DepartmentRegistryTooDeep: 'registry/too-deep',
  DepartmentRegistryUnknown: 'registry/unknown-department',
  DepartmentRegistryZero: 'registry/zero',
} satisfies Record<string, Code>)

/**
 * A node's refusal of a call as one of our errors: a contract's own error by its name, the inner one
 * where an administration's operation failed; anything else stays as it is.
 */
export function registryError(error: unknown): unknown {
  const found = contractError(error)
  if (found === undefined) return error
  const inner = found.name === 'AdministrationFailed' ? parse(String(found.args[1])) : undefined
  const code = registryCodes[(inner ?? found).name]
  if (code === undefined) return error
  return new InputError(code, { ...factsOf(inner ?? found), cause: error })
}

/** The same for AnchorRegistry: `chain/would-revert`, with the contract's words. */
export function anchorError(error: unknown): unknown {
  if (!(error instanceof RpcRefusal)) return error
  const found = contractError(error)
  if (found === undefined && !/revert/i.test(error.reason)) return error
  const facts = found === undefined ? {} : factsOf(found)
  return new OutsideError('chain/would-revert', { ...facts, cause: error })
}

function contractError(error: unknown): ErrorDescription | undefined {
  return error instanceof RpcRefusal && error.data !== undefined ? parse(error.data) : undefined
}

function parse(data: string): ErrorDescription | undefined {
  for (const each of Object.values(interfaces)) {
    try {
      const found = each.parseError(data)
      if (found !== null) return found
    } catch {
      // A name with other arguments is no error of ours.
    }
  }
  return undefined
}

function factsOf({ name, args, fragment }: ErrorDescription): Record<string, string> {
  const values = fragment.inputs.map((input, place) => [input.name, String(args[place])])
  return { error: name, ...Object.fromEntries(values) }
}
