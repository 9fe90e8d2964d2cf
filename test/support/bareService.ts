import { randomBytes } from 'node:crypto'
import { seal, unseal } from '../../src/adapters/keys/envelope.ts'
import { memoryStore } from '../../src/adapters/storage/memory.ts'
import type { ServiceConfiguration } from '../../src/configuration/model.ts'
import type { AuditEntry } from '../../src/ports/audit.ts'
import type { Service } from '../../src/wire/service.ts'

/** As much of a service as the frame needs, on a memory store and without a chain. */
export function bareService(
  configuration: ServiceConfiguration = {},
  rest: Partial<Service> = {},
): { readonly service: Service; readonly lines: AuditEntry[] } {
  const store = memoryStore()
  const lines: AuditEntry[] = []
  const address = `0x${'a1'.repeat(20)}`
  const key = randomBytes(32)
  const keys = {
    seal: (context: string, plain: Uint8Array) => seal(key, context, plain),
    unseal: (context: string, sealed: string) => unseal(key, context, sealed),
  }
  const service = {
    name: 'sample',
    baseUrl: new URL('http://127.0.0.1:1'),
    clock: () => new Date(),
    configuration: { names: { en: 'Sample', zh: '样本' }, service: configuration },
    isDevelopment: false,
    sessions: store.sessions,
    audit: { append: async (added: readonly AuditEntry[]) => void lines.push(...added) },
    department: { address, keys },
    fetch: async () => {
      throw new Error('nothing is fetched here')
    },
    probes: [],
    ...rest,
  }
  return { service: service as unknown as Service, lines }
}
