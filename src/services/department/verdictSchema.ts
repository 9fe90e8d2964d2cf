import { z } from '@hono/zod-openapi'

const check = z.object({ name: z.string(), outcome: z.string(), code: z.string() })

/** A verdict as it is answered: every check with its code, no claims. */
export const verdictSchema = z
  .object({
    outcome: z.enum(['valid', 'invalid', 'unknown']),
    at: z.string(),
    checks: z.array(check),
    credentials: z.array(
      z.object({ fingerprint: z.string(), outcome: z.string(), checks: z.array(check) }),
    ),
  })
  .openapi('Verdict')
