import { z } from '@hono/zod-openapi'
import { InputError } from '../../errors.ts'
import { formatEthrDid } from '../../identity/did.ts'
import type { BlockRef } from '../../identity/model.ts'
import { addressOf } from '../../registry/trust.ts'

/** The final block at which an answer is true. */
export const blockSchema = z
  .object({
    number: z.number().int(),
    hash: z.string().regex(/^0x[0-9a-f]{64}$/),
    time: z.iso.datetime(),
  })
  .openapi('Block', { description: 'The final block at which this answer is true' })

/** A moment, or null where it never came. */
export const moment = z.iso.datetime()
export const momentOrNull = moment.nullable()

/** A 32-byte hash of the chain. */
export const hash = z.string().regex(/^0x[0-9a-f]{64}$/)

/** A department as a path or query names it: its DID, or its address. */
export const departmentName = z
  .string()
  .max(200)
  .openapi({ description: 'DID of a department, or its address', example: `0x${'a1'.repeat(20)}` })

/** Number of a batch in a path. */
export const sequenceText = z.string().regex(/^[1-9][0-9]{0,14}$/)

/** A response with a JSON body. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

/** A block as JSON. */
export function blockJson({ number, hash, time }: BlockRef): z.infer<typeof blockSchema> {
  return { number, hash, time: time.toISOString() }
}

/** A moment as JSON. */
export function momentJson(time: Date | undefined): string | null {
  return time === undefined ? null : time.toISOString()
}

/** The address that a path or query means. @throws {InputError} `mirror/not-found` */
export function readDepartment(text: string, chainId: number): string {
  if (/^0x[0-9a-f]{40}$/.test(text)) return text
  const address = addressOf(text, chainId)
  if (address === undefined) throw new InputError('mirror/not-found')
  return address
}

/** The DID of an address. */
export function didOf(address: string, chainId: number): string {
  return formatEthrDid(chainId, address)
}
