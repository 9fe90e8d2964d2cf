import { createHash } from 'node:crypto'
import type { AuditEntry } from '../../src/ports/audit.ts'
import type { PlannedCopy } from '../../src/ports/certificates.ts'
import type { StatusRequest } from '../../src/ports/lists.ts'
import type { Batch } from '../../src/ports/outbox.ts'

/** Two sample departments that share a database. */
export const issuer = `0x${'a1'.repeat(20)}`
export const otherIssuer = `0x${'b2'.repeat(20)}`

/** 32 bytes that stand for a name. */
export function digest(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(name).digest())
}

/** A plan under an idempotency key, everything else made from that key. */
export function plannedCopy(key: string, rest: Partial<PlannedCopy> = {}): PlannedCopy {
  return {
    issuer,
    idempotencyKey: key,
    requestHash: `hash of ${key}`,
    copy: 1,
    format: 'vc+jwt',
    certificateType: 'urn:weir:certificate:sample:1',
    certificate: `sample ${key}`,
    list: 0,
    index: 7,
    keyThumbprint: `0x${'17'.repeat(32)}`,
    signingInput: `header.${key}`,
    disclosures: [],
    fingerprint: digest(`${rest.issuer ?? issuer} ${key}`),
    replaces: undefined,
    plannedAt: new Date('2026-11-22T08:00:00.123Z'),
    ...rest,
  }
}

/** A signature's 64 bytes, made from a number. */
export function signature(seed: number): Uint8Array {
  return new Uint8Array(64).fill(seed)
}

/** A batch in the making. */
export function builtBatch(sequence: number, rest: Partial<Batch> = {}): Batch {
  return {
    issuer,
    sequence,
    previous: `0x${'00'.repeat(31)}`,
    root: `0x${'0d'.repeat(32)}`,
    size: 16,
    leaves: new Uint8Array(16 * 32).fill(sequence),
    changes: [],
    transaction: undefined,
    state: 'built',
    ...rest,
  }
}

/** A wish to revoke one entry. */
export function request(index: number, rest: Partial<StatusRequest> = {}) {
  return {
    issuer,
    list: 0,
    index,
    to: 'revoked' as const,
    successor: undefined,
    reason: 'R-01',
    legalBasis: 'Sample regulation, article 3',
    operator: 'clerk-1',
    approver: 'clerk-2',
    requestedAt: new Date('2026-11-22T09:00:00Z'),
    ...rest,
  }
}

/** One line for the audit log. */
export function auditLine(action: string, detail: AuditEntry['detail'] = {}): AuditEntry {
  const at = new Date('2026-11-22T10:00:00Z')
  return { at, actor: 'clerk-1', action, subject: 'batch 1', detail }
}
