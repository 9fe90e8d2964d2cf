import { InputError } from '../../errors.ts'
import { parseEthrDid } from '../../identity/did.ts'
import { jwkOfMultikey, multikeyAttribute } from '../../identity/multikey.ts'
import { bytesFromHex } from '../../primitives/bytes.ts'
import type { PublicJwk } from '../../primitives/model.ts'
import type { Deployment } from './deployment.ts'
import { newestBlock } from './finality.ts'
import { readLogs, topicsOf } from './logs.ts'
import type { Rpc } from './rpc.ts'

/** Values of one DID that are looked at, at most; a department has a handful of keys. */
const maxKeys = 1000

/**
 * P-256 keys that a did:ethr ever showed as Multikey attribute, ended ones too, newest first. They count
 * only by their thumbprint in DepartmentRegistry, so this may read blocks that are not final.
 *
 * @returns none for a DID of another chain.
 * @throws {OutsideError} as `Rpc.call`
 */
export async function shownKeys(
  rpc: Rpc,
  { identity, startBlock }: Deployment,
  did: string,
): Promise<PublicJwk[]> {
  const { address, chainId } = parseEthrDid(did)
  if (chainId !== identity.chainId) return []
  const newest = await newestBlock(rpc)
  const logs = await readLogs(
    rpc,
    identity.contracts,
    ['didRegistry'],
    { from: startBlock, to: newest.number },
    topicsOf('didRegistry', 'DIDAttributeChanged', [address]),
  )
  const keys = new Map<string, PublicJwk>()
  for (const { event } of logs.reverse().slice(0, maxKeys)) {
    if (String(event.args.name).toLowerCase() !== multikeyAttribute) continue
    const value = String(event.args.value)
    const key = readable(value)
    if (key !== undefined) keys.set(value, key)
  }
  return [...keys.values()]
}

/** Anybody may write nonsense about its own DID. */
function readable(value: string): PublicJwk | undefined {
  try {
    return jwkOfMultikey(bytesFromHex(value.slice(2)))
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}
