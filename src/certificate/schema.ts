import type { Json, JsonObject } from '../credential/model.ts'
import { checkPatterns } from './checks.ts'
import { defaultMaxItems, defaultMaxLength, formOf } from './form.ts'
import type { CertificateType, Field } from './model.ts'

/**
 * The JSON Schema (2020-12) of a certificate type. As a whole it describes a VC Data Model credential
 * of the type, undisclosed claims left out; `#/$defs/record` describes a record before issue, where
 * every required claim is there. Check digits and the calendar are beyond a schema: `checkClaims`
 * looks at those too.
 */
export function jsonSchema(type: CertificateType): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: type.uri,
    title: type.names.en,
    type: 'object',
    properties: { credentialSubject: { $ref: '#/$defs/subject' } },
    required: ['credentialSubject'],
    $defs: {
      record: members(type.fields, true),
      subject: members(type.fields, false, { id: { type: 'string' } }),
    },
  }
}

function members(fields: readonly Field[], isRecord: boolean, more: JsonObject = {}): JsonObject {
  const properties: JsonObject = { ...more }
  for (const field of fields) properties[field.name] = value(field, isRecord)
  const required = fields
    .filter((field) => field.required && (isRecord || field.disclosure === 'P'))
    .map(({ name }) => name)
  const schema: JsonObject = { type: 'object', properties, required, additionalProperties: false }
  const chosen = fields.flatMap(chosenForms)
  if (chosen.length > 0) schema.allOf = chosen
  return schema
}

// A form that depends on the value of a sibling: `checkBy`.
function chosenForms({ name, checkBy }: Field): JsonObject[] {
  if (checkBy === undefined) return []
  const having = (member: string, value: JsonObject): JsonObject => ({
    type: 'object',
    properties: { [member]: value },
  })
  return Object.entries(checkBy.checks).map(([code, kind]) => ({
    if: { ...having(checkBy.field, { const: code }), required: [checkBy.field] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema names it so
    then: having(name, { type: 'string', pattern: checkPatterns[kind] }),
  }))
}

function value(field: Field, isRecord: boolean): JsonObject {
  const title: JsonObject = { title: field.labels.en }
  if (field.type !== 'list' && field.type !== 'objects') return { ...title, ...text(field) }
  const items: Json = field.type === 'list' ? text(field) : members(field.fields!, isRecord)
  const { minItems = 1, maxItems = defaultMaxItems } = field
  return { ...title, type: 'array', items, minItems, maxItems }
}

function text(field: Field): JsonObject {
  const { maxLength = defaultMaxLength, codes } = field
  const schema: JsonObject = { type: 'string', pattern: formOf(field), maxLength }
  if (codes !== undefined) schema.enum = [...codes]
  return schema
}
