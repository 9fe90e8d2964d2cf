import * as dns from 'node:dns'
import type { LookupFunction } from 'node:net'
import { InputError } from '../../errors.ts'

/** All addresses of a host name. Rejects, or answers an empty list, where there are none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

/**
 * Asks the DNS itself, with short patience: a name from outside whose servers hang would otherwise hold
 * the threads that also read files.
 */
export function dnsResolve(): Resolve {
  const resolver = new dns.promises.Resolver({ timeout: 2000, tries: 2 })
  return async (hostname) => {
    const found = await Promise.allSettled([
      resolver.resolve4(hostname),
      resolver.resolve6(hostname),
    ])
    return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  }
}

/** Asks the operating system, hosts file included: for names that the operator wrote. */
export const systemResolve: Resolve = async (hostname) =>
  (await dns.promises.lookup(hostname, { all: true })).map(({ address }) => address)

/**
 * A look-up for one connection: resolves once, refuses if one of the addresses may not be reached, and
 * hands over exactly the addresses it judged, so that a second answer of the DNS is never asked for.
 */
export function pinningLookup(
  resolve: Resolve,
  allows: (hostname: string, address: string) => boolean,
): LookupFunction {
  return (hostname, options, done) => {
    const fail = (error: Error) => done(error as NodeJS.ErrnoException, [])
    resolve(hostname).then((found) => {
      if (found.length === 0) return fail(new Error('the name has no address'))
      if (!found.every((address) => allows(hostname, address)))
        return fail(new InputError('fetch/bad-address', { reason: 'private' }))
      const addresses = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      if (options.all) return done(null, addresses)
      done(null, addresses[0]!.address, addresses[0]!.family)
    }, fail)
  }
}
