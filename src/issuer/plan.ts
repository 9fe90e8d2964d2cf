import { randomBytes } from '#primitives'
import { type DraftRequest, drafts } from '../certificate/draft.ts'
import { certificateIdentifier } from '../certificate/identifier.ts'
import type { CredentialDraft, PreparedCredential, StatusPosition } from '../credential/model.ts'
import { InputError, TrustError } from '../errors.ts'
import type { PlannedCopy } from '../ports/certificates.ts'
import type { Issuer } from './model.ts'
import { orderOf } from './order.ts'
import { reach } from './reach.ts'
import { requireFreshSalts } from './repeats.ts'
import type { CheckedRequest } from './request.ts'
import { assign } from './serial.ts'
import { base64Of } from './x5c.ts'

/** A planned copy and the store's number. */
export type Plan = PlannedCopy & { readonly id: number }

/** What was drawn up for one request, or why it cannot be. */
type Drawn =
  | { readonly copies: readonly PlannedCopy[] }
  | { readonly error: InputError | TrustError }

/**
 * Plans certificates: reserves status entries, identifiers and salts, encodes and lints what will be
 * signed, and stores it, before anything is signed.
 *
 * @returns plans in the order of the requests; a request that cannot be encoded has an error.
 * @throws {TrustError} `issue/repeated-randomness`
 * @throws {InputError} `store/duplicate` if one of the idempotency keys was taken meanwhile.
 */
export async function plan(
  issuer: Issuer,
  requests: readonly CheckedRequest[],
): Promise<({ readonly plans: readonly Plan[] } | { readonly error: InputError | TrustError })[]> {
  const positions = await reserve(issuer, requests)
  await reach(issuer, 'issue/reserved')
  const drawn = await draw(issuer, requests, positions)
  await reach(issuer, 'issue/prepared')
  const copies = drawn.flatMap((one) => ('copies' in one ? one.copies : []))
  const ids = copies.length === 0 ? [] : await issuer.certificates.plan(copies)
  await reach(issuer, 'issue/planned')
  let at = 0
  return drawn.map((one) =>
    'copies' in one ? { plans: one.copies.map((copy) => ({ ...copy, id: ids[at++]! })) } : one,
  )
}

/** One status entry for each copy; its formats share it. */
async function reserve(
  issuer: Issuer,
  requests: readonly CheckedRequest[],
): Promise<StatusPosition[][]> {
  const count = requests.reduce((sum, request) => sum + request.holders.length, 0)
  const entries = await issuer.lists.allocate(issuer.department.address, count)
  let at = 0
  return requests.map(({ holders }) =>
    holders.map(() => {
      const { list, counter, key } = entries[at++]!
      return { list, index: orderOf(key)(counter) }
    }),
  )
}

type Draft = Omit<PlannedCopy, keyof PreparedCredential> & { readonly draft: CredentialDraft }

async function draw(
  issuer: Issuer,
  requests: readonly CheckedRequest[],
  positions: readonly StatusPosition[][],
): Promise<Drawn[]> {
  const drafted = requests.map((request, at) =>
    attempt(() => ({ drafts: draftsOf(issuer, request, positions[at]!) })),
  )
  const all = drafted.flatMap((one) => ('drafts' in one ? one.drafts : []))
  try {
    const prepared = await issuer.workers.prepare(all.map(({ draft }) => draft))
    let at = 0
    return drafted.map((one) =>
      'drafts' in one ? { copies: one.drafts.map((draft) => join(draft, prepared[at++]!)) } : one,
    )
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (requests.length === 1) return [{ error }]
    // One of them cannot be encoded: find out which, so that the others go on.
    const alone: Drawn[] = []
    for (const one of drafted) {
      if ('error' in one) alone.push(one)
      else alone.push(await drawOne(issuer, one.drafts))
    }
    return alone
  }
}

async function drawOne(issuer: Issuer, all: readonly Draft[]): Promise<Drawn> {
  try {
    const prepared = await issuer.workers.prepare(all.map(({ draft }) => draft))
    return { copies: all.map((draft, at) => join(draft, prepared[at]!)) }
  } catch (error) {
    if (isRefusal(error)) return { error }
    throw error
  }
}

function draftsOf(
  issuer: Issuer,
  checked: CheckedRequest,
  positions: readonly StatusPosition[],
): Draft[] {
  const { request, type, claims, formats, holders, replaced } = checked
  const { did, kid, x5c, thumbprint } = issuer.signer.key
  const { idempotencyKey } = request
  const isOwnNumber = type.identifier.kind === 'field'
  const assigned = isOwnNumber ? undefined : assign(issuer, (replaced?.version ?? 0) + 1)
  const certificate = request.certificate ?? certificateIdentifier(type, claims, assigned)
  const plannedAt = issuer.clock()
  const shared: Omit<DraftRequest, 'copies' | 'status' | 'holder'> = {
    claims,
    issuer: { did, kid, ...(x5c.length > 0 && { x5c: base64Of(x5c) }) },
    chain: `eip155:${issuer.chain.identity.chainId}`,
    certificate,
    iat: plannedAt,
    ...(request.validFrom && { validFrom: request.validFrom }),
    ...(request.validUntil && { validUntil: request.validUntil }),
    ...(issuer.statusBase && { listBase: issuer.statusBase }),
  }
  return holders.flatMap((holder, copy) => {
    const status = positions[copy]!
    const salts = formats.map(() => randomBytes(32))
    requireFreshSalts(issuer.signer, salts)
    const copies = formats.map((format, at) => {
      const old = replacedBy(checked, copy, format)
      return { format, salt: salts[at]!, ...(old !== undefined && { replaces: old }) }
    })
    return drafts(type, { ...shared, status, copies, ...(holder && { holder }) }).map(
      (draft, at) => ({
        draft,
        issuer: issuer.department.address,
        idempotencyKey,
        requestHash: checked.hash,
        copy,
        certificateType: type.uri,
        certificate,
        list: status.list,
        index: status.index,
        keyThumbprint: thumbprint,
        replaces: copies[at]?.replaces,
        plannedAt,
      }),
    )
  })
}

/** The copy and format that takes the old one's place; where there is no such, the old one's first. */
function replacedBy({ replaced }: CheckedRequest, copy: number, format: string) {
  const old = replaced?.fingerprints
  const same = old?.find((one) => one.copy === copy && one.format === format)
  return (same ?? old?.[0])?.fingerprint
}

function join({ draft: _, ...copy }: Draft, prepared: PreparedCredential): PlannedCopy {
  return { ...copy, ...prepared }
}

function attempt<T>(make: () => T): T | { error: InputError | TrustError } {
  try {
    return make()
  } catch (error) {
    if (isRefusal(error) && error.code !== 'issue/repeated-randomness') return { error }
    throw error
  }
}

/** Whether this request is to blame, and not the outside. */
export function isRefusal(error: unknown): error is InputError | TrustError {
  return error instanceof InputError || error instanceof TrustError
}
