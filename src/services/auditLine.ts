import type { Context } from 'hono'
import { routePath } from 'hono/route'
import type { AuditEntry, AuditStore } from '../ports/audit.ts'
import type { Hosted } from '../wire/service.ts'
import type { Env } from './chassis.ts'

/**
 * The same log, but lines that come while others are being written go together: a flood of calls pays for
 * a few transactions. Each call resolves once its own lines are kept.
 */
export function appendingTogether(audit: Pick<AuditStore, 'append'>): Pick<AuditStore, 'append'> {
  let waiting: AuditEntry[] = []
  let next: Promise<void> | undefined
  let running: Promise<unknown> = Promise.resolve()
  return {
    append: (entries) => {
      waiting.push(...entries)
      if (next !== undefined) return next
      const before = running
      next = (async () => {
        await before.catch(() => undefined)
        const taken = waiting
        waiting = []
        next = undefined
        await audit.append(taken)
      })()
      running = next
      return next
    },
  }
}

/**
 * Appends a line for one management call: who, method and route template, what it was about, how it was
 * answered, and the purpose that was stated.
 */
export function auditOf(
  audit: Pick<AuditStore, 'append'> | undefined,
  { clock }: Pick<Hosted, 'clock'>,
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
