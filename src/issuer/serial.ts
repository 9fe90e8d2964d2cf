import { randomBytes } from '#primitives'
import type { Assigned } from '../certificate/identifier.ts'
import type { Issuer } from './model.ts'

const alphabet = '0123456789ABCDEFGHJKLMNPQRSTUVWX'

/**
 * A serial for a certificate whose number is not one of its claims: the day in Beijing and 12 random
 * characters (60 bits), so that it tells neither the holder nor how many were issued.
 */
export function assign(issuer: Issuer, version: number): Assigned {
  const day = new Date(issuer.clock().getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  const random = Array.from(randomBytes(12), (byte) => alphabet[byte % 32]).join('')
  const { code } = issuer.department
  return { serial: day.replaceAll('-', '') + random, version, ...(code && { issuerCode: code }) }
}
