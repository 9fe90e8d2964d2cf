import type { JsonObject } from '../credential/model.ts'
import type { CertificateType, Field } from './model.ts'
import { credentialTypeName } from './names.ts'

const xsd = 'http://www.w3.org/2001/XMLSchema#'

// VC Data Model 2.0's own context protects `name`; only the same definition may be given again.
const shared: Readonly<Record<string, string>> = { name: 'https://schema.org/name' }

/**
 * The JSON-LD 1.1 context of a certificate type: every claim an IRI below the type's URI, dates
 * typed, lists in order. It also names what Weir adds beside the claims, so that nothing is dropped; the
 * claims of a JWT have their words in the base context, which protects them.
 */
export function jsonLdContext(type: CertificateType): JsonObject {
  const base = `${type.uri}#`
  const context: JsonObject = {
    '@version': 1.1,
    '@protected': true,
    [credentialTypeName(type)]: type.uri,
  }
  context.weir = { '@id': 'urn:weir:vocabulary#weir', '@type': '@json' }
  context.salt = 'urn:weir:vocabulary#salt'
  for (const field of type.fields) context[field.name] = term(field, base)
  return { '@context': context }
}

function term(field: Field, base: string): JsonObject | string {
  const id = shared[field.name] ?? base + field.name
  if (field.type === 'date') return { '@id': id, '@type': `${xsd}date` }
  if (field.type === 'date-time') return { '@id': id, '@type': `${xsd}dateTime` }
  if (field.type === 'list') return { '@id': id, '@container': '@list' }
  if (field.type !== 'objects') return id
  const nested: JsonObject = {}
  for (const member of field.fields!) nested[member.name] = term(member, `${id}.`)
  return { '@id': id, '@container': '@list', '@context': nested }
}
