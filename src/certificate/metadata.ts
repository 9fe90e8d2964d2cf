import type { Json, JsonObject } from '../credential/model.ts'
import type { CertificateType, Field, Labels } from './model.ts'

/**
 * The SD-JWT VC type metadata of a certificate type, names and labels in Chinese and English.
 * Claims of class P never become disclosures, S and R always do.
 *
 * @see draft-ietf-oauth-sd-jwt-vc, Type Metadata
 */
export function typeMetadata(type: CertificateType): JsonObject {
  return {
    vct: type.uri,
    name: type.names.en,
    display: inBoth('name', type.names),
    claims: type.fields.flatMap((field) => claim(field, [])),
  }
}

function inBoth(member: 'name' | 'label', labels: Labels): Json[] {
  return [
    { locale: 'zh-CN', [member]: labels.zh },
    { locale: 'en', [member]: labels.en },
  ]
}

function claim(field: Field, parent: readonly Json[]): JsonObject[] {
  const path = [...parent, field.name]
  const own: JsonObject = {
    path,
    display: inBoth('label', field.labels),
    mandatory: field.required,
    sd: field.disclosure === 'P' ? 'never' : 'always',
  }
  if (field.type !== 'objects') return [own]
  // null selects every element of the array.
  return [own, ...field.fields!.flatMap((member) => claim(member, [...path, null]))]
}
