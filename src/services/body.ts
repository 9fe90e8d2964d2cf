import type { MiddlewareHandler } from 'hono'
import { decodeUtf8 } from '#primitives'
import { parseJson } from '../credential/json.ts'
import { InputError, isWeirError } from '../errors.ts'
import type { Env } from './chassis.ts'

/** Most bytes of a body. */
export const maxBodyBytes = 1_048_576
/** Most parameters of a form: more than any protocol names, few enough to cost nothing. */
const maxParameters = 100
const limits = { maxLength: maxBodyBytes, maxDepth: 32, maxNodes: 100_000 }

/**
 * Reads a body once, up to its limit, and JSON strictly (see `parseJson`), before any schema sees it.
 *
 * @param mediaTypes those that the route takes, without parameters.
 * @param isRequired whether the route can do nothing without one.
 * @throws {InputError} `request/media-type`, `request/too-large`, `json/...`; `request/malformed` for a form of
 *   more than 100 parameters.
 */
export function readBody(
  mediaTypes: readonly string[],
  isRequired: boolean,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!isRequired && c.req.header('content-type') === undefined) return next()
    const mediaType = (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
    if (!mediaTypes.includes(mediaType)) throw new InputError('request/media-type')
    const length = c.req.header('content-length')
    if (Number(length ?? 0) > maxBodyBytes) {
      throw new InputError('request/too-large', { maxBytes: maxBodyBytes })
    }
    // The server holds a body to the length that its headers say; without one each part is counted.
    const read = () =>
      length === undefined ? readAll(c.req.raw.body) : c.req.raw.arrayBuffer().then(asBytes)
    const bytes = await c.var.receiving(() => read().catch(brokenOff))
    if (/[/+]json$/.test(mediaType)) parseJson(bytes, limits)
    else if (mediaType === 'application/x-www-form-urlencoded') requireFewParameters(bytes)
    c.req.bodyCache.text = Promise.resolve(textOf(bytes)) as never
    await next()
  }
}

function requireFewParameters(form: Uint8Array): void {
  let count = 1
  for (let at = form.indexOf(0x26); at >= 0; at = form.indexOf(0x26, at + 1)) {
    count += 1
    if (count > maxParameters) throw new InputError('request/malformed', { at: 'body' })
  }
}

function asBytes(buffer: ArrayBuffer): Uint8Array {
  return new Uint8Array(buffer)
}

/** Whoever hangs up in the middle of a body has sent a bad one. */
function brokenOff(cause: unknown): never {
  throw isWeirError(cause) ? cause : new InputError('request/malformed', { at: 'body', cause })
}

async function readAll(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > maxBodyBytes) throw new InputError('request/too-large', { maxBytes: maxBodyBytes })
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function textOf(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    throw new InputError('json/ill-formed-text', { cause })
  }
}
