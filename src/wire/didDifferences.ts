import { InputError } from '../errors.ts'
import { bytesOf, foldErc1056 } from '../identity/erc1056.ts'
import { jwkOfMultikey } from '../identity/multikey.ts'
import { thumbprint } from '../identity/thumbprint.ts'
import type { ChainView } from '../ports/chain.ts'
import type { OpenChain } from './chain.ts'

/**
 * Where did:ethr shows something else than DepartmentRegistry, which alone decides: the account, and keys
 * that are shown without being the department's.
 *
 * @returns `account`, or a key's thumbprint.
 */
export async function didDifferences(
  { mirror }: Pick<OpenChain, 'mirror'>,
  view: ChainView,
  address: string,
): Promise<string[]> {
  const { head, events } = await mirror.history(address)
  const { owner, keys } = foldErc1056(address, events, head.time)
  const record = await view.department(address)
  const differences = record !== undefined && record.account !== owner ? ['account'] : []
  for (const { value } of keys) {
    const name = thumbprintOf(value)
    if (name === undefined) continue
    const key = await view.key(name)
    if (key?.department !== address) differences.push(name)
  }
  return differences
}

/** Anybody may write nonsense about its own DID. */
function thumbprintOf(value: string): string | undefined {
  try {
    return thumbprint(jwkOfMultikey(bytesOf(value)))
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}
