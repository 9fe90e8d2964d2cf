import { drain } from '../../issuer/drain.ts'
import type { Service } from '../../wire/service.ts'
import type { Loop } from '../loops.ts'

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
    name: 'purge',
    everyMs: 60_000,
    run: ({ sessions, clock }) => sessions.purge(clock()),
  },
]
