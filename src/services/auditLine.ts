import type { Context } from 'hono'
import { routePath } from 'hono/route'
import type { Service } from '../wire/service.ts'
import type { Env } from './chassis.ts'

/**
 * Appends a line for one management call: who, method and route template, what it was about, how it was
 * answered, and the purpose that was stated.
 */
export function auditOf(
  { department, clock }: Pick<Service, 'department' | 'clock'>,
  c: Context<Env>,
): Env['Variables']['audit'] {
  return (actor, { subject, purpose }, status, code) =>
    department.store.audit.append([
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
