import { judgeAccreditation } from '../accreditation/judge.ts'
import { typeOnChain } from '../accreditation/typeName.ts'
import { TrustError } from '../errors.ts'
import type { KeyRecord } from '../identity/model.ts'
import type { ChainView } from '../ports/chain.ts'
import type { Issuer } from './model.ts'

/** What the chain says about this issuer at one final block, read once for each type and key. */
export type Standing = {
  readonly view: ChainView
  /** Whether the issuer may issue this type now. */
  mayIssue(certificateType: string): Promise<boolean>
  /** Whether a copy signed with this key would be good if it were anchored now. */
  isKeyGood(thumbprint: string): Promise<boolean>
}

/** Reads through one view; see {@link Standing}. */
export function standingAt(issuer: Issuer, view: ChainView): Standing {
  const types = new Map<string, Promise<boolean>>()
  const keys = new Map<string, Promise<boolean>>()
  const department = issuer.department.address
  return {
    view,
    mayIssue: (uri) =>
      once(types, uri, async () => {
        const certificateType = typeOnChain(uri)
        const chains = await view.accreditations(department, certificateType)
        const asked = {
          department,
          certificateType,
          right: 'issue',
          time: view.block.time,
        } as const
        return judgeAccreditation(chains, asked) === 'accreditation/holds'
      }),
    isKeyGood: (thumbprint) =>
      once(keys, thumbprint, async () => isGood(await view.key(thumbprint), department, view)),
  }
}

/**
 * Whether this issuer may sign now: it is registered and its key is confirmed and in use.
 *
 * @throws {TrustError} `issue/unknown-department`, `issue/key-not-usable`
 */
export async function requireStanding(issuer: Issuer): Promise<Standing> {
  const view = await issuer.chain.view()
  const standing = standingAt(issuer, view)
  const { address } = issuer.department
  const record = await view.department(address)
  if (record === undefined || record.removedAt !== undefined) {
    throw new TrustError('issue/unknown-department', { department: address })
  }
  const { did, thumbprint, purpose } = issuer.signer.key
  const own = did === issuer.department.did && purpose === 'assertion'
  if (!own || !(await standing.isKeyGood(thumbprint))) {
    throw new TrustError('issue/key-not-usable', { thumbprint })
  }
  return standing
}

function isGood(key: KeyRecord | undefined, department: string, view: ChainView): boolean {
  return (
    key !== undefined &&
    key.department === department &&
    key.purpose === 'assertion' &&
    key.validFrom <= view.block.time &&
    key.retiredAt === undefined &&
    key.compromisedSince === undefined
  )
}

function once<T>(memory: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const known = memory.get(key)
  if (known !== undefined) return known
  const answer = read()
  memory.set(key, answer)
  return answer
}
