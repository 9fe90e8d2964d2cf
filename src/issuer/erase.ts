import { InputError } from '../errors.ts'
import type { AuditEntry } from '../ports/audit.ts'
import type { ErasureStore } from '../ports/certificates.ts'
import { hex } from '../primitives/bytes.ts'
import type { Issuer } from './model.ts'
import { note } from './note.ts'
import { type CertificateName, copiesOf, type Grounds, requireGrounds } from './status.ts'

const action = 'credential/erased'

/** Action of the audit line that names a backup in its `file`. */
export const backedUp = 'store/backed-up'

/** Audit lines read at a time. */
const pageSize = 1_000

/** What was forgotten. */
export type Erasure = {
  /** Fingerprints of the copies, hex; they and their statuses stay. */
  readonly fingerprints: readonly string[]
  /** Backups that were made since the certificate was planned: they still hold it. */
  readonly backups: readonly string[]
}

/**
 * Forgets what a certificate says: claims, salt, disclosures, signatures and identifier of all copies leave
 * the store. Without the salt nobody can tell any more whose the anchored fingerprint is. Fingerprint and
 * status stay: holders who kept their copies can still show them, and the status can still change, by
 * fingerprint. A request under the old idempotency key is a new one afterwards.
 *
 * The audit line comes first, so that a crash leaves no empty row without one.
 *
 * @throws {InputError} `status/unknown-certificate`, `status/needs-grounds`, `status/needs-approver` (two
 * people are needed); `anchor/not-final` while a copy is not final; then nothing changes.
 */
export async function erase(
  issuer: Issuer,
  store: ErasureStore,
  name: CertificateName,
  grounds: Grounds,
): Promise<Erasure> {
  requireGrounds(grounds, true)
  const copies = await copiesOf(issuer, name)
  const open = copies.find((copy) => copy.state !== 'final')
  if (open !== undefined) throw new InputError('anchor/not-final', { state: open.state })
  const fingerprints = copies.map((copy) => hex(copy.fingerprint))
  for (const fingerprint of fingerprints) await note(issuer, action, fingerprint, { ...grounds })
  await store.erase(
    issuer.department.address,
    copies.map((copy) => copy.id),
  )
  const since = Math.min(...copies.map((copy) => copy.plannedAt.getTime()))
  const backups: string[] = []
  for await (const entry of auditLines(issuer)) {
    if (entry.action === backedUp && entry.at.getTime() >= since) {
      backups.push(String(entry.detail.file))
    }
  }
  return { fingerprints, backups }
}

/** Fingerprints (hex) of all copies that the audit log says were erased. */
export async function erasedFingerprints(issuer: Pick<Issuer, 'audit'>): Promise<Set<string>> {
  const erased = new Set<string>()
  for await (const entry of auditLines(issuer))
    if (entry.action === action) erased.add(entry.subject)
  return erased
}

async function* auditLines({ audit }: Pick<Issuer, 'audit'>): AsyncGenerator<AuditEntry> {
  let after = 0
  for (;;) {
    const page = await audit.scan(after, pageSize)
    if (page.length === 0) return
    after = page.at(-1)!.id
    for (const { entry } of page) yield entry
  }
}
