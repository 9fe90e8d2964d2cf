import type { Detail } from '../errors.ts'
import type { Issuer } from './model.ts'

/** Writes one line to the audit log: who did what to which digest, address or sequence. */
export async function note(
  issuer: Pick<Issuer, 'audit' | 'actor' | 'clock'>,
  action: string,
  subject: string,
  detail: Detail = {},
): Promise<void> {
  const entry = { at: issuer.clock(), actor: issuer.actor ?? 'issuer', action, subject, detail }
  await issuer.audit.append([entry])
}
