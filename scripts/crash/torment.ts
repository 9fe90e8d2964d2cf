import { setTimeout as pause } from 'node:timers/promises'
import type { Chaos } from '../../test/support/chaosRpc.ts'
import type { Random } from '../samples/random.ts'
import type { ChainHandle } from './chain.ts'

/** Milliseconds after a victim's start within which the chain is broken. */
const withinMs = 800

/**
 * How the way to the chain behaves for one victim: in one of three, replies are lost (30 % of what was
 * sent, 3 % of what was read) and transactions vanish.
 */
export function lies(own: Random): Chaos {
  if (own.below(3) > 0) return {}
  const isSending = (method: string) => method === 'eth_sendRawTransaction'
  return {
    dropReply: (method) => own.below(100) < (isSending(method) ? 30 : 3),
    swallow: (method) =>
      isSending(method) && own.below(100) < 20 ? { result: `0x${'00'.repeat(32)}` } : undefined,
  }
}

/** Breaks the chain while a victim works, in four of ten; resolves once the chain can start again. */
export async function torment(node: ChainHandle, own: Random): Promise<void> {
  const what = own.below(20)
  const afterMs = own.below(withinMs)
  if (what > 7) return
  await pause(afterMs)
  if (what < 2) node.order('kill')
  else if (what < 4) node.order('reorganise')
  else if (what < 6) node.order('drop')
  else await node.killSupervisor()
}
