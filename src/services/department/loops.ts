import { drain } from '../../issuer/drain.ts'
import { resume } from '../../issuer/resume.ts'
import { collect } from '../../webhook/collect.ts'
import { deliver } from '../../webhook/deliver.ts'
import { lookForKeysMs } from '../../wire/rotate.ts'
import type { Service } from '../../wire/service.ts'
import { webhooksOf } from '../../wire/webhooks.ts'
import type { Loop } from '../loops.ts'

/** How long an operator sees what was delivered or given up. */
const keptDeliveriesMs = 7 * 24 * 3_600_000

/**
 * What a department does by itself, one line each: anchoring what was issued and changed, also after the
 * chain was away, and forgetting what expired.
 */
export const departmentLoops: readonly Loop<Service>[] = [
  {
    name: 'anchor',
    everyMs: 500,
    run: ({ department }, signal) => drain(department.issuer, { signal, patienceMs: 10_000 }),
  },
  {
    // What another process of this department had planned when it died; nobody needs a minute to sign.
    name: 'resume',
    everyMs: 30_000,
    run: ({ department, clock }) => resume(department.issuer, new Date(clock().getTime() - 60_000)),
  },
  {
    // Another process may have rotated a key; `rotateKey` waits for those that look so often.
    name: 'keys',
    everyMs: lookForKeysMs,
    run: async ({ department }) => {
      if (department.configuration.store.kind === 'postgres') await department.renewKeys()
    },
  },
  {
    name: 'webhooks',
    everyMs: 1000,
    run: async (service, signal) => {
      const webhooks = webhooksOf(service)
      while (!signal.aborted && (await collect(webhooks)) > 0);
      await deliver(webhooks, signal)
    },
  },
  {
    name: 'purge',
    everyMs: 60_000,
    run: async ({ sessions, department, clock }) => {
      const now = clock()
      await sessions.purge(now)
      await department.store.webhooks.purgeDeliveries(new Date(now.getTime() - keptDeliveriesMs))
    },
  },
]
