import type { Detail } from '../../errors.ts'
import { note } from '../../issuer/note.ts'
import type { Issuance } from './model.ts'

/** A line in the department's audit log about an offer, named by its id; no claims. */
export async function audit(
  { issuer }: Issuance,
  actor: string,
  action: string,
  offer: string,
  detail: Detail = {},
): Promise<void> {
  await note({ ...issuer, actor }, action, offer, detail)
}
