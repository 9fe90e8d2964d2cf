import { encodeBase64url, randomBytes } from '#primitives'
import type { CredentialDraft, JsonObject } from '../credential/model.ts'
import { parseCredential } from '../credential/parse.ts'
import { assembleToken } from '../credential/token.ts'
import type { CopyRecord } from '../ports/certificates.ts'
import type { QueuedCopy } from '../ports/outbox.ts'
import { hex } from '../primitives/bytes.ts'
import type { Issuer } from './model.ts'
import { note } from './note.ts'
import { reach } from './reach.ts'
import { requireFreshSalts } from './repeats.ts'
import { signPlans } from './sign.ts'
import { requireStanding, type Standing } from './standing.ts'
import { base64Of } from './x5c.ts'

/** Copies that are read and signed together. */
const pageSize = 500

/**
 * Signs anew, with the signer's key, what was signed with a key that was retired or declared compromised
 * before it was anchored. Status entry, claims and identifier stay; salt, signing time and fingerprint
 * are new, so holders fetch these copies again. What a batch holds already is left alone.
 *
 * @returns how many copies were signed.
 * @throws as `issue`.
 * @see DESIGN, key at the time
 */
export async function signAnew(issuer: Issuer): Promise<number> {
  const standing = await requireStanding(issuer)
  const { address } = issuer.department
  let count = 0
  let after = 0
  for (;;) {
    const page = await issuer.queue.waiting(address, after, pageSize)
    if (page.length === 0) return count
    after = page.at(-1)!.id
    const stale = await staleOf(standing, page)
    if (stale.length === 0) continue
    const fingerprints = stale.map((copy) => copy.fingerprint)
    const copies = await issuer.certificates.byFingerprints(address, fingerprints)
    await renew(issuer, copies)
    count += copies.length
  }
}

async function staleOf(standing: Standing, page: readonly QueuedCopy[]): Promise<QueuedCopy[]> {
  const stale: QueuedCopy[] = []
  for (const copy of page) {
    if (!(await standing.isKeyGood(copy.keyThumbprint))) stale.push(copy)
  }
  return stale
}

/**
 * Plans these copies anew under the signer's key and signs them. A successor that waits and names one
 * of them by its old fingerprint is drawn up again too.
 *
 * @param copies in no batch.
 */
export async function renew(issuer: Issuer, copies: readonly CopyRecord[]): Promise<void> {
  if (copies.length === 0) return
  const successors = await successorsOf(issuer, copies)
  const renamed = new Map<string, string>()
  for (const generation of [copies, successors]) {
    for (let at = 0; at < generation.length; at += pageSize) {
      await renewChunk(issuer, generation.slice(at, at + pageSize), renamed)
    }
  }
}

async function renewChunk(
  issuer: Issuer,
  copies: readonly CopyRecord[],
  renamed: Map<string, string>,
): Promise<void> {
  const plannedAt = issuer.clock()
  const keyThumbprint = issuer.signer.key.thumbprint
  const successors = copies.map(({ replaces }) => replaces && (renamed.get(replaces) ?? replaces))
  const drafts = copies.map((copy, at) => redraw(issuer, copy, plannedAt, successors[at]))
  const prepared = await issuer.workers.prepare(drafts)
  await reach(issuer, 'anew/prepared')
  const plans = copies.map((copy, at) => ({
    ...copy,
    ...prepared[at]!,
    was: copy.fingerprint,
    keyThumbprint,
    plannedAt,
    replaces: successors[at],
  }))
  await issuer.queue.replan(plans)
  await reach(issuer, 'anew/planned')
  for (const [at, copy] of copies.entries()) {
    const fingerprint = hex(plans[at]!.fingerprint)
    renamed.set(hex(copy.fingerprint), fingerprint)
    await note(issuer, 'issue/signed-anew', fingerprint, { before: hex(copy.fingerprint) })
  }
  await signPlans(issuer, plans)
}

/** The stored plan as a draft again, under the signer's key. */
function redraw(
  issuer: Issuer,
  copy: CopyRecord,
  plannedAt: Date,
  replaces: string | undefined,
): CredentialDraft {
  const { format, header, payload, disclosures } = parseCredential(
    assembleToken(copy, copy.signature ?? new Uint8Array(64)),
  )
  const { kid, x5c } = issuer.signer.key
  const salt = randomBytes(32)
  requireFreshSalts(issuer.signer, [salt])
  const iat = Math.floor(plannedAt.getTime() / 1000)
  const weir = { ...(payload.weir as JsonObject), ...(replaces !== undefined && { replaces }) }
  const isByCertificate = header.x5c !== undefined && x5c.length > 0
  return {
    format,
    header: isByCertificate ? { ...header, x5c: [...base64Of(x5c)] } : { ...header, kid },
    payload: { ...payload, iat, salt: encodeBase64url(salt), weir },
    disclosable: disclosures.map(({ path }) => pointer(path)),
  }
}

/** RFC 6901. */
function pointer(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Copies in no batch that replace one of these. */
async function successorsOf(issuer: Issuer, copies: readonly CopyRecord[]): Promise<CopyRecord[]> {
  const old = new Set(copies.map((copy) => hex(copy.fingerprint)))
  const { address } = issuer.department
  const pending = await issuer.lists.pendingRequests(address, 10_000)
  const keys = [...new Set(pending.flatMap((request) => request.successor ?? []))]
  const successors = await issuer.certificates.byKeys(address, keys)
  return successors.filter(
    (copy) =>
      copy.replaces !== undefined &&
      old.has(copy.replaces) &&
      copy.sequence === undefined &&
      !copies.some((one) => one.id === copy.id),
  )
}
