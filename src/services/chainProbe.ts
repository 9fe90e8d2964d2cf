import type { AccreditorService } from '../wire/accreditorService.ts'
import type { Probe } from '../wire/service.ts'

/** The newest final block may be so old before a service says that it does not see the chain. */
const maxHeadAgeMs = 15 * 60_000

/** Whether the chain answers and goes on. */
export function chainProbe({ chain, clock }: Pick<AccreditorService, 'chain' | 'clock'>): Probe {
  return {
    name: 'chain',
    check: async () => {
      const { block } = await chain.cold.view()
      return clock().getTime() - block.time.getTime() < maxHeadAgeMs
    },
  }
}
