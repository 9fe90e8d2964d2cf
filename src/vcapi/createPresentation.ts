import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { checkPresentation } from '../vcdm/presentation.ts'
import { refuse } from '../vcdm/read.ts'
import type { VcApi } from './model.ts'

/**
 * Makes a verifiable presentation of this service's did:key.
 *
 * @param answer the verifier's challenge and domain.
 * @throws {InputError} `vcdm/...`, `integrity/...`; `vcdm/bad-holder` if it names another holder.
 * @see VC-API 0.7, section 3.4 (create presentation)
 */
export async function createPresentation(
  { integrity, clock }: Pick<VcApi, 'integrity' | 'clock'>,
  presentation: Json,
  answer: { readonly challenge?: string; readonly domain?: string } = {},
): Promise<JsonObject> {
  if (!isJsonObject(presentation)) throw refuse('vcdm/bad-property', 'presentation')
  const { holder } = checkPresentation(presentation)
  if (holder !== undefined && holder !== integrity.did) throw refuse('vcdm/bad-holder', 'holder')
  const own = holder === undefined ? { ...presentation, holder: integrity.did } : presentation
  return integrity.secure(own, { ...answer, purpose: 'authentication', created: clock() })
}
