import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose'
import { type OidcConfiguration, type Role, roles } from '../configuration/model.ts'
import { parseJsonObject } from '../credential/json.ts'
import { OutsideError, TrustError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fetch } from '../ports/fetch.ts'
import type { Actor } from './chassis.ts'

/** Asymmetric only: a key set of a stranger never becomes a shared secret. */
const algorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'RS256', 'RS384', 'EdDSA']

/**
 * Checks access tokens of one login service: signature under its key set, issuer, audience, times; roles
 * are those of the claim that are ours.
 *
 * @returns a function that answers who sent a token. @throws {TrustError} `service/unauthenticated`
 * @throws {OutsideError} of Fetch where the login service does not answer.
 */
export function oidcAuthenticator(
  { issuer, audience, jwksUri, rolesClaim = 'roles' }: OidcConfiguration,
  fetch: Fetch,
  clock: Clock,
): (token: string) => Promise<Actor> {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined
  const open = async () => {
    const address = jwksUri ?? (await discover(issuer, fetch))
    return createRemoteJWKSet(new URL(address), {
      [customFetch]: async (url) => {
        const { status, body } = await fetch({ url: String(url) })
        return new Response(Buffer.from(body), { status })
      },
    })
  }
  return async (token) => {
    keys ??= open()
    try {
      const { payload } = await jwtVerify(token, await keys, {
        issuer,
        audience,
        algorithms,
        currentDate: clock(),
        clockTolerance: 60,
        requiredClaims: ['exp', 'sub'],
      })
      return {
        name: `oidc:${String(payload.sub).slice(0, 200)}`,
        roles: rolesIn(payload, rolesClaim),
      }
    } catch (error) {
      if (error instanceof OutsideError) {
        keys = undefined
        throw error
      }
      if (error instanceof errors.JWKSTimeout) throw new OutsideError('fetch/timeout')
      throw new TrustError('service/unauthenticated')
    }
  }
}

/** OpenID Connect Discovery 1.0, section 4. */
async function discover(issuer: string, fetch: Fetch): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const { status, body } = await fetch({ url })
  if (status !== 200) throw new OutsideError('fetch/failed', { status })
  const found = parseJsonObject(body)
  if (found.issuer !== issuer || typeof found.jwks_uri !== 'string') {
    throw new OutsideError('fetch/failed', { reason: 'discovery' })
  }
  return found.jwks_uri
}

function rolesIn(payload: JWTPayload, claim: string): readonly Role[] {
  const value = Object.hasOwn(payload, claim) ? payload[claim] : undefined
  const named = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : []
  return roles.filter((role) => named.includes(role))
}
