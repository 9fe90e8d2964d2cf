import type { Context } from 'hono'
import { routePath } from 'hono/route'
import type { Hosted } from '../wire/service.ts'
import type { Env } from './chassis.ts'

/**
 * Appends a line for one management call: who, method and route template, what it was about, how it was
 * answered, and the purpose that was stated.
 */
export function auditOf(
  { audit, clock }: Pick<Hosted, 'audit' | 'clock'>,
  c: Context<Env>,
): Env['Variables']['audit'] {
  return async (actor, { subject, purpose }, status, code) => {
    await audit?.append([
      {
        at: clock(),
        actor,
        action: `${c.req.method} ${routePath(c, -1)}`,
        subject: subject ?? c.var.requestId,
        detail: {
          status,
          request: c.var.requestId,
          ...(code !== undefined && { code }),
          ...(purpose !== undefined && { purpose }),
        },
      },
    ])
  }
}
