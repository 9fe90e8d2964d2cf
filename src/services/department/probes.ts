import { chainProbe } from '../chainProbe.ts'
import type { RouteGroup } from '../chassis.ts'

/** What a department needs to be ready: its store, a key that it may sign with, the chain. */
export const addDepartmentProbes: RouteGroup = (_, service) => {
  const { department, sessions, clock, chain, probes } = service
  const { address, issuer } = department
  probes.push(
    {
      name: 'store',
      check: async () => (await sessions.get(address, 'probe', 'probe', clock())) === undefined,
    },
    {
      name: 'keys',
      check: async () => {
        const key = await (await chain.cold.view()).key(issuer.signer.key.thumbprint)
        return key !== undefined && !key.retiredAt && !key.compromisedSince
      },
    },
    chainProbe(service),
  )
}
