import type { Webhooks } from '../webhook/model.ts'
import type { Service } from './service.ts'

/** The webhooks of a department's service. */
export function webhooksOf(
  service: Pick<Service, 'department' | 'fetch' | 'clock' | 'isDevelopment'>,
): Webhooks {
  const { department, fetch, clock, isDevelopment } = service
  const { store, keys, address } = department
  const { certificates, queue, outbox, audit, webhooks } = store
  return {
    department: address,
    store: webhooks,
    certificates,
    queue,
    outbox,
    audit,
    fetch,
    sealer: keys,
    clock,
    isDevelopment,
  }
}
