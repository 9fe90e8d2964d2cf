import { findType } from '../certificate/types.ts'
import { InputError } from '../errors.ts'
import { departmentOf, type Home } from '../wire/home.ts'

/**
 * A department's address, given as such or by its name in this home.
 *
 * @returns lower-case `0x` hex.
 * @throws {InputError} `configuration/missing` for an unknown name, or one that has no address yet.
 */
export function addressOf(home: Home, nameOrAddress: string): string {
  if (/^0x[0-9a-fA-F]{40}$/.test(nameOrAddress)) return nameOrAddress.toLowerCase()
  const { address } = departmentOf(home, nameOrAddress)
  if (address === undefined) {
    throw new InputError('configuration/missing', { department: nameOrAddress })
  }
  return address
}

/** The name of an address in this home; the address itself where it has none. */
export function nameOfAddress(home: Home, address: string): string {
  const { departments } = home.configuration
  const named = Object.entries(departments).find(([, one]) => one.address === address)
  return named?.[0] ?? address
}

/** URIs of certificate types given by id or URI. @throws {InputError} `certificate/unknown-type` */
export function typeUris(idsOrUris: readonly string[]): string[] {
  return idsOrUris.map((one) => findType(one).uri)
}
