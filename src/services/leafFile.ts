import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { LeafFile } from '../ports/mirror.ts'
import type { Env } from './chassis.ts'
import { problems } from './problem.ts'

/** What a client that has the file already may say. */
export const leafHeaders = z.object({ 'if-none-match': z.string().max(1000).optional() })

/** How a leaf file is answered, for `createRoute`. */
export const leafResponses = {
  200: {
    description: 'The leaves',
    content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
  },
  304: { description: 'As you have it' },
  ...problems(400, 404, 503),
}

/** A leaf file as an immutable resource, named by its root. */
export function answerLeaves(
  c: Context<Env>,
  { root, leaves }: Pick<LeafFile, 'root' | 'leaves'>,
): Response {
  const tag = `"${root.slice(2)}"`
  const headers = {
    ETag: tag,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Access-Control-Allow-Origin': '*',
  }
  const known = (c.req.header('if-none-match') ?? '').split(',').map((one) => one.trim())
  if (known.some((one) => one === tag || one === `W/${tag}` || one === '*')) {
    return c.body(null, 304, headers)
  }
  return c.body(new Uint8Array(leaves), 200, {
    ...headers,
    'Content-Type': 'application/octet-stream',
  })
}
