import { isJsonObject } from '../credential/json.ts'
import type { JsonObject } from '../credential/model.ts'
import { readContext } from './context.ts'
import { checkNames } from './names.ts'
import { readParty } from './party.ts'
import { readId, readTypes, refuse } from './read.ts'

/** What a presentation says of itself. */
export type CheckedPresentation = {
  readonly id: string | undefined
  /** Its holder's URL. */
  readonly holder: string | undefined
  /** Credentials and enveloped credentials, each still to be checked. */
  readonly credentials: readonly JsonObject[]
}

const maxCredentials = 16

/**
 * Checks a presentation against the data model; neither its proof nor what it holds is looked at.
 *
 * @throws {InputError} `vcdm/...` with the place at fault.
 * @see VC Data Model 2.0, section 4.13
 */
export function checkPresentation(document: JsonObject): CheckedPresentation {
  readContext(document)
  const types = readTypes(document, '')
  if (!types.includes('VerifiablePresentation')) throw refuse('vcdm/bad-type', 'type')
  const id = readId(document, '')
  checkNames(document)
  const holder =
    document.holder === undefined
      ? undefined
      : readParty(document.holder, 'holder', 'vcdm/bad-holder')
  for (const terms of [document.termsOfUse ?? []].flat()) {
    if (!isJsonObject(terms)) throw refuse('vcdm/bad-property', 'termsOfUse')
    readTypes(terms, 'termsOfUse/')
  }
  return { id, holder, credentials: readCredentials(document) }
}

function readCredentials({ verifiableCredential }: JsonObject): readonly JsonObject[] {
  if (verifiableCredential === undefined) return []
  const list = Array.isArray(verifiableCredential) ? verifiableCredential : [verifiableCredential]
  if (list.length > maxCredentials) throw refuse('vcdm/bad-credential-list', 'verifiableCredential')
  return list.map((one, index) => {
    if (!isJsonObject(one)) {
      throw refuse('vcdm/bad-credential-list', `verifiableCredential/${index}`)
    }
    return one
  })
}
