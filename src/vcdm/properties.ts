import type { JsonObject } from '../credential/model.ts'
import { readId, readObjects, readTypes, refuse } from './read.ts'

/** Objects that say their type; reserved extension points (section 5.10) too. */
const typed = [
  'credentialStatus',
  'credentialSchema',
  'refreshService',
  'termsOfUse',
  'evidence',
  'confidenceMethod',
  'renderMethod',
] as const

/**
 * Checks the properties that are objects with a type: status, schema, refreshing, terms, evidence.
 *
 * @returns the entries of `credentialStatus`.
 * @throws {InputError} `vcdm/bad-property`, `vcdm/bad-type`, `vcdm/bad-id`
 * @see VC Data Model 2.0, sections 4.10, 4.11, 5.4, 5.5, 5.6 and 5.10
 */
export function checkProperties(document: JsonObject): readonly JsonObject[] {
  for (const property of typed) {
    const objects = readObjects(document[property], property, 'vcdm/bad-property')
    for (const [index, object] of objects.entries()) {
      const path = `${property}/${index}/`
      readTypes(object, path)
      const id = readId(object, path)
      // Section 4.11: a schema is found by its id.
      if (property === 'credentialSchema' && id === undefined) throw refuse('vcdm/bad-id', path)
    }
  }
  return readObjects(document.credentialStatus, 'credentialStatus', 'vcdm/bad-property')
}
