import { encodeBytes32String } from 'ethers'
import type { AdministrationCall, RegistryCall } from '../../identity/calls.ts'
import { interfaces } from './abi.ts'
import { multikeyAttribute, secondsOf } from './effects.ts'
import { bitsOf, purposes } from './records.ts'

const zero = `0x${'0'.repeat(64)}`

/** A call as the contract takes it. */
export function encodeCall(call: RegistryCall | AdministrationCall): {
  readonly contract: 'departmentRegistry' | 'didRegistry'
  readonly data: string
} {
  const args = argumentsOf(call)
  if (call.call === 'publishKey') {
    const data = interfaces.didRegistry.encodeFunctionData('setAttribute', args)
    return { contract: 'didRegistry', data }
  }
  const data = interfaces.departmentRegistry.encodeFunctionData(call.call, args)
  return { contract: 'departmentRegistry', data }
}

function argumentsOf(call: RegistryCall | AdministrationCall): unknown[] {
  switch (call.call) {
    case 'register': {
      const { accreditor, by, department, account } = call
      return [accreditor, by.certificateType, by.index, department, account]
    }
    case 'accredit': {
      const { by, department, certificateType, rights } = call
      const [from, until] = windowOf(call)
      return [by.department, by.index, department, certificateType, bitsOf(rights), from, until]
    }
    case 'grantRoot': {
      const { department, certificateType, rights } = call
      return [department, certificateType, bitsOf(rights), ...windowOf(call)]
    }
    case 'proposeKey':
    case 'confirmKey': {
      const purpose = purposes.indexOf(call.purpose) + 1
      return [call.department, call.thumbprint, purpose, call.certificateHash]
    }
    case 'registerRoot':
    case 'recover':
    case 'requestRecovery':
    case 'proposeAccount':
      return [call.department, call.account]
    case 'acceptAccount':
    case 'remove':
      return [call.department]
    case 'retireKey':
      return [call.thumbprint]
    case 'declareCompromised':
      return [call.thumbprint, call.since === undefined ? 0n : secondsOf(call.since)]
    case 'withdraw': {
      const { department, certificateType, index, keep } = call
      return [department, certificateType, index, keep?.certificateType ?? zero, keep?.index ?? 0]
    }
    case 'refreshAccreditation':
      return [call.department, call.certificateType, call.index]
    case 'setAdministrators':
      return [call.administrators, call.threshold]
    case 'publishKey': {
      const value = `${multikeyAttribute.prefix}${call.publicKey.slice(2)}`
      const name = encodeBytes32String(multikeyAttribute.name)
      return [call.department, name, value, call.validSeconds]
    }
  }
}

function windowOf({ from, until }: { from: Date | undefined; until: Date }): [bigint, bigint] {
  return [from === undefined ? 0n : secondsOf(from), secondsOf(until)]
}
