import { judgeAccreditation } from '../accreditation/judge.ts'
import type { AccreditationRight } from '../accreditation/model.ts'
import { typeOnChain } from '../accreditation/typeName.ts'
import { InputError, isWeirError } from '../errors.ts'
import { canonicalEthrDid, parseEthrDid } from '../identity/did.ts'
import type { BlockRef } from '../identity/model.ts'
import { pastOf } from './lookUp.ts'
import type { Registry } from './model.ts'

/** What a query asks, in the words of the Trust Registry Query Protocol, camel case. */
export type TrustQuery = {
  readonly kind: 'authorization' | 'recognition'
  readonly entity: string
  readonly authority: string
  readonly action: string
  readonly resource: string
  readonly time: Date | undefined
}

/** What the registry says. */
export type TrustStatement = {
  readonly isGranted: boolean
  readonly evaluatedAt: Date
  readonly block: BlockRef
}

/** Clocks may differ so much, in milliseconds. */
const skew = 60_000

const rights: Readonly<Record<TrustQuery['kind'], Readonly<Record<string, AccreditationRight>>>> = {
  authorization: { issue: 'issue' },
  recognition: { recognize: 'accredit', accredit: 'accredit' },
}

/**
 * Whether an entity has a right for a certificate type by an authority: one of its accreditations held at
 * the time in every link, and the authority stands above it in that chain, or the entity is itself the root.
 *
 * Authorization knows the action `issue`; recognition, whether the authority lets the entity accredit
 * others, `recognize` or `accredit`. The resource is the certificate type's URI.
 *
 * @throws {InputError} `mirror/unknown-authority`, `mirror/unknown-entity` where no such department was
 *   registered, `mirror/unknown-action`, `mirror/future-time`.
 * @throws {OutsideError} `mirror/not-ready`
 * @see ToIP Trust Registry Query Protocol 2.0
 */
export async function stateTrust(
  registry: Pick<Registry, 'chain' | 'clock'>,
  query: TrustQuery,
): Promise<TrustStatement> {
  const { view } = pastOf(registry)
  // What the newest block says holds is asked about even where our clock is behind the chain's.
  const now = new Date(Math.max(registry.clock().getTime(), view.block.time.getTime()))
  const time = query.time ?? now
  const right = Object.hasOwn(rights[query.kind], query.action)
    ? rights[query.kind][query.action]
    : undefined
  if (right === undefined) throw new InputError('mirror/unknown-action')
  if (time.getTime() > now.getTime() + skew) throw new InputError('mirror/future-time')
  const { chainId } = registry.chain.identity
  const authority = addressOf(query.authority, chainId)
  if (authority === undefined || (await view.department(authority)) === undefined) {
    throw new InputError('mirror/unknown-authority')
  }
  const entity = addressOf(query.entity, chainId)
  if (entity === undefined || (await view.department(entity)) === undefined) {
    throw new InputError('mirror/unknown-entity')
  }
  const certificateType = typeOnChain(query.resource)
  const chains = await view.accreditations(entity, certificateType)
  const byAuthority = chains.filter(([own, ...above]) =>
    above.length === 0
      ? own?.department === authority
      : above.some(({ department }) => department === authority),
  )
  const asked = { department: entity, certificateType, right, time }
  const isGranted = judgeAccreditation(byAuthority, asked) === 'accreditation/holds'
  return { isGranted, evaluatedAt: now, block: view.block }
}

/** The address of a DID of this chain, in any letter case; undefined for any other name. */
export function addressOf(did: string, chainId: number): string | undefined {
  try {
    const parsed = parseEthrDid(canonicalEthrDid(did))
    return parsed.chainId === chainId ? parsed.address : undefined
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}
