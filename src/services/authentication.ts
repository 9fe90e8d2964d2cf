import { createHash, timingSafeEqual } from 'node:crypto'
import { roles, type TokenConfiguration } from '../configuration/model.ts'
import { TrustError } from '../errors.ts'
import type { Hosted } from '../wire/service.ts'
import type { Actor } from './chassis.ts'
import { oidcAuthenticator } from './oidc.ts'

/** Finds out who sent an `Authorization` header. */
export type Authenticate = (authorization: string | undefined) => Promise<Actor>

/**
 * How a service knows who calls: its tokens, a login service, or everybody on this machine where it is for development.
 * Whatever is wrong with a token, the answer is the same.
 */
export function authenticatorOf({
  configuration: { service },
  isDevelopment,
  clock,
  fetch,
}: Pick<Hosted, 'configuration' | 'isDevelopment' | 'clock' | 'fetch'>): Authenticate {
  if (isDevelopment) {
    return async (authorization) => {
      const name = /^Bearer ([a-z][a-z0-9-]{0,39})$/.exec(authorization ?? '')?.[1]
      return { name: name ?? 'development', roles }
    }
  }
  const tokens = service?.tokens ?? []
  const byLogin = service?.oidc && oidcAuthenticator(service.oidc, fetch, clock)
  return async (authorization) => {
    const token = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(authorization ?? '')?.[1]
    const actor = token === undefined ? undefined : byDigest(tokens, token, clock())
    if (actor !== undefined) return actor
    if (byLogin === undefined || token?.split('.').length !== 3) {
      throw new TrustError('service/unauthenticated')
    }
    return byLogin(token)
  }
}

/** Compares with every token, so that the time tells nothing. */
function byDigest(
  tokens: readonly TokenConfiguration[],
  token: string,
  now: Date,
): Actor | undefined {
  const digest = createHash('sha256').update(token).digest()
  let found: TokenConfiguration | undefined
  for (const known of tokens) {
    if (timingSafeEqual(Buffer.from(known.sha256, 'hex'), digest)) found = known
  }
  if (found === undefined || (found.until !== undefined && new Date(found.until) <= now)) {
    return undefined
  }
  return { name: found.name, roles: found.roles }
}
