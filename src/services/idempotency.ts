import { createHash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { parseJsonObject } from '../credential/json.ts'
import type { JsonObject } from '../credential/model.ts'
import { InputError, OutsideError } from '../errors.ts'
import type { Service } from '../wire/service.ts'
import type { Env } from './chassis.ts'

const kind = 'idempotency'
const keptMs = 24 * 3_600_000
/** A crash in the middle frees the key after so long. */
const workingMs = 60_000

/**
 * Lets a management POST be sent again: with the same `Idempotency-Key` the same caller gets the stored
 * answer for 24 hours and nothing is done twice. Without the header nothing changes. Put it in a route's
 * `middleware` behind `requires`; `newApp` moves it behind the body.
 *
 * Answers hold one-time codes, salts and what certificates say: they are kept sealed, so that reading the
 * store opens no offer, and nothing of an erased certificate can be read there.
 *
 * @throws {InputError} `request/other-idempotent` where the key came with another body.
 * @throws {OutsideError} `request/in-progress` while the first call runs.
 */
export function idempotent({
  sessions,
  department: { address, keys },
  clock,
}: Pick<Service, 'sessions' | 'department' | 'clock'>): MiddlewareHandler<Env> & Idempotent {
  const middleware: MiddlewareHandler<Env> = async (c, next) => {
    const key = c.req.header('idempotency-key')
    if (key === undefined) return next()
    if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
      throw new InputError('request/malformed', { at: 'idempotency-key' })
    }
    const name = digest(`${c.var.actor.name}\n${c.req.method} ${c.req.path}\n${key}`)
    const request = digest(await c.req.text())
    const context = `weir/idempotent/1 ${name}`
    const sealed = (value: JsonObject) => ({
      sealed: keys.seal(context, Buffer.from(JSON.stringify(value))),
    })
    const begun = { kind, name, value: sealed({ request }), expiresAt: later(clock(), workingMs) }
    for (;;) {
      const known = await sessions.get(address, kind, name, clock())
      if (known !== undefined) {
        const {
          request: first,
          status,
          body,
          type,
        } = opened(keys.unseal(context, String(known.value.sealed)))
        if (first !== request) throw new InputError('request/other-idempotent')
        if (typeof status !== 'number') throw new OutsideError('request/in-progress')
        const headers = { 'Content-Type': String(type), 'Idempotency-Replayed': 'true' }
        return c.body(String(body), status as ContentfulStatusCode, headers)
      }
      try {
        await sessions.add(address, [begun])
        break
      } catch (error) {
        // Somebody else was first, or an ended one is in the way: look again.
        if (!(error instanceof InputError && error.code === 'store/duplicate')) throw error
        await sessions.purge(clock())
      }
    }
    await next()
    const answer = c.res.clone()
    if (answer.status >= 500 || answer.status === 429) {
      await sessions.take(address, kind, name, clock())
      return
    }
    const type = answer.headers.get('content-type') ?? 'application/json'
    const value = sealed({ request, status: answer.status, body: await answer.text(), type })
    await sessions.replace(address, {
      ...begun,
      version: 1,
      value,
      expiresAt: later(clock(), keptMs),
    })
  }
  return Object.assign(middleware, { isIdempotent: true as const })
}

/** How `newApp` knows it. */
export type Idempotent = { readonly isIdempotent: true }

function opened(plain: Uint8Array): JsonObject {
  return parseJsonObject(plain, { maxLength: Number.MAX_SAFE_INTEGER })
}

function later(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
