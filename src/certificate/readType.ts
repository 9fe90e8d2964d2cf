import type { Json, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { type CertificateType, checkKinds, type Field } from './model.ts'
import { type Allowed, array, object, oneOf, text, wholeNumber } from './shape.ts'

// Members that a credential payload or its contexts already give a meaning.
const reserved = new Set(
  `id type iss sub aud exp nbf iat jti cnf vct status salt weir vc vp act proof issuer description
  constructor credential_subject verifiable_credential`.split(/\s+/),
)

const typeMembers: Allowed = {
  required: ['id', 'version', 'uri', 'names', 'identifier', 'validity', 'fields', 'layout'],
  optional: ['note', 'holderCode'],
}
const fieldMembers: Allowed = {
  required: ['name', 'labels', 'type', 'disclosure', 'required'],
  optional: `pattern codes check checkBy maxLength minItems maxItems fields`.split(' '),
}

/**
 * Reads the definition of a certificate type and refuses one that does not hold together: unknown
 * members, names twice or reserved, an identifier that is not always visible, a layout that leaves
 * a field out.
 *
 * @returns the definition, frozen.
 * @throws {InputError} `type/malformed`, `type/bad-name`, `type/bad-pattern`, `type/bad-reference`,
 *   `type/bad-layout`, each with `path`.
 */
export function readType(json: Json): CertificateType {
  const type = object(json, 'type', typeMembers)
  const id = text(type.id, 'id', /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)
  const version = wholeNumber(type.version, 'version', 1, 9999)
  if (type.uri !== `urn:weir:certificate:${id}:${version}`) malformed('uri')
  readLabels(type.names, 'names')
  if (type.note !== undefined) readLabels(type.note, 'note')
  readFields(type.fields, 'fields', 1)
  const definition = structuredClone(json) as unknown as CertificateType
  readIdentifier(definition, type.identifier)
  readValidity(definition, type.validity)
  if (type.holderCode !== undefined) readHolderCode(definition, type.holderCode)
  readLayout(definition, type.layout)
  return freeze(definition)
}

function malformed(path: string): never {
  throw new InputError('type/malformed', { path })
}

function badReference(path: string): never {
  throw new InputError('type/bad-reference', { path })
}

function readLabels(json: Json | undefined, path: string): void {
  const labels = object(json, path, { required: ['zh', 'en'], optional: [] })
  text(labels.zh, `${path}.zh`, /^.{1,200}$/u)
  text(labels.en, `${path}.en`, /^.{1,200}$/u)
}

function readFields(json: Json | undefined, path: string, depth: number): void {
  const names = new Set<string>()
  const labels = new Set<string>()
  array(json, path, 1, 100).forEach((item, index) => {
    const at = `${path}.${index}`
    const field = object(item, at, fieldMembers)
    const name = text(field.name, `${at}.name`, /^[a-z][a-z0-9_]{0,59}$/)
    if (reserved.has(name) || names.has(name))
      throw new InputError('type/bad-name', { path: `${at}.name` })
    names.add(name)
    readLabels(field.labels, `${at}.labels`)
    const { zh, en } = field.labels as JsonObject
    if (labels.has(zh as string) || labels.has(en as string))
      throw new InputError('type/bad-name', { path: `${at}.labels` })
    labels.add(zh as string).add(en as string)
    readField(field, at, depth)
  })
  for (const [index, item] of (json as JsonObject[]).entries())
    readCheckBy(item, json as JsonObject[], `${path}.${index}.checkBy`)
}

function readField(field: JsonObject, at: string, depth: number): void {
  const types = ['string', 'date', 'date-time', 'number', 'list', 'objects'] as const
  const type = oneOf(field.type, `${at}.type`, types)
  const disclosure = oneOf(field.disclosure, `${at}.disclosure`, ['P', 'S', 'R'])
  if (typeof field.required !== 'boolean') malformed(`${at}.required`)
  const isText = type === 'string' || type === 'list'
  if (field.maxLength !== undefined) {
    if (!isText) malformed(`${at}.maxLength`)
    wholeNumber(field.maxLength, `${at}.maxLength`, 1, 10_000)
  }
  if (field.check !== undefined) {
    if (!isText || field.pattern !== undefined) malformed(`${at}.check`)
    oneOf(field.check, `${at}.check`, checkKinds)
  }
  if (field.pattern !== undefined) readPattern(field.pattern, `${at}.pattern`, type)
  if (field.codes !== undefined) {
    if (!isText) malformed(`${at}.codes`)
    array(field.codes, `${at}.codes`, 1, 1000).forEach((code, index) => {
      text(code, `${at}.codes.${index}`, /^\S.{0,99}$/u)
    })
  }
  const isMany = type === 'list' || type === 'objects'
  for (const bound of ['minItems', 'maxItems']) {
    if (field[bound] === undefined) continue
    if (!isMany) malformed(`${at}.${bound}`)
    wholeNumber(field[bound], `${at}.${bound}`, 0, 1000)
  }
  if ((type === 'objects') !== (field.fields !== undefined)) malformed(`${at}.fields`)
  if (type !== 'objects') return
  // One level is what forms and tables of departments need, and what `parties.1.name` can say.
  if (depth > 1 || disclosure !== 'P') malformed(at)
  readFields(field.fields, `${at}.fields`, depth + 1)
}

function readPattern(json: Json, path: string, type: string): void {
  const pattern = text(json, path, /^\^[^\n]{1,300}\$$/)
  // A repeated group that itself repeats can take exponential time.
  const isRepeatedRepeat = /[+*}]\)(?:[+*]|\{)/.test(pattern)
  if (isRepeatedRepeat || (type !== 'string' && type !== 'list' && type !== 'number'))
    throw new InputError('type/bad-pattern', { path })
  try {
    new RegExp(pattern, 'u')
  } catch (cause) {
    throw new InputError('type/bad-pattern', { path, cause })
  }
}

function readCheckBy(field: JsonObject, siblings: readonly JsonObject[], path: string): void {
  if (field.checkBy === undefined) return
  const by = object(field.checkBy, path, { required: ['field', 'checks'], optional: [] })
  const sibling = siblings.find(({ name }) => name === by.field)
  const codes = sibling?.codes
  if (!Array.isArray(codes) || field.type !== 'string' || field.check !== undefined)
    badReference(path)
  const checks = object(by.checks, `${path}.checks`, { required: [], optional: codes as string[] })
  for (const kind of Object.values(checks)) oneOf(kind, `${path}.checks`, checkKinds)
}

function topField(type: CertificateType, name: Json | undefined): Field | undefined {
  return type.fields.find((field) => field.name === name)
}

function readIdentifier(type: CertificateType, json: Json | undefined): void {
  const rule = object(json, 'identifier', {
    required: ['kind'],
    optional: ['field', 'prefix', 'typeCode'],
  })
  const members = { field: 'field', assigned: 'prefix', 'e-licence': 'typeCode' } as const
  const kind = oneOf(rule.kind, 'identifier.kind', ['field', 'assigned', 'e-licence'])
  object(json, 'identifier', { required: ['kind', members[kind]], optional: [] })
  if (kind === 'assigned') text(rule.prefix, 'identifier.prefix', /^[A-Z]{2,4}$/)
  if (kind === 'e-licence') text(rule.typeCode, 'identifier.typeCode', /^[0-9A-Z]{21}$/)
  if (kind !== 'field') return
  const field = topField(type, rule.field)
  // The identifier stands in the open in every copy, so its claim must too.
  if (field?.type !== 'string' || field.disclosure !== 'P' || !field.required)
    badReference('identifier.field')
}

function readValidity(type: CertificateType, json: Json | undefined): void {
  const rule = object(json, 'validity', {
    required: ['kind'],
    optional: ['from', 'until', 'seconds'],
  })
  const kind = oneOf(rule.kind, 'validity.kind', ['none', 'fields', 'max'])
  const wanted = { none: [], fields: ['from', 'until'], max: ['seconds'] }[kind]
  object(json, 'validity', { required: ['kind'], optional: wanted })
  if (kind === 'max') wholeNumber(rule.seconds, 'validity.seconds', 1, 3_155_760_000)
  for (const member of ['from', 'until'])
    if (rule[member] !== undefined && topField(type, rule[member])?.type !== 'date')
      badReference(`validity.${member}`)
}

function readHolderCode(type: CertificateType, json: Json): void {
  const code = object(json, 'holderCode', { required: ['path'], optional: ['kind'] })
  const path = text(code.path, 'holderCode.path', /^[a-z0-9_]+(?:\.[a-z0-9_]+)?$/)
  if (code.kind !== undefined) oneOf(code.kind, 'holderCode.kind', ['001', '111'])
  const [name, member] = path.split('.')
  const field = topField(type, name!)
  const named =
    member === undefined ? field : field?.fields?.find((nested) => nested.name === member)
  if (named?.type !== 'string') badReference('holderCode.path')
}

function readLayout(type: CertificateType, json: Json | undefined): void {
  const shown: string[] = []
  array(json, 'layout', 1, 50).forEach((item, index) => {
    const at = `layout.${index}`
    const section = object(item, at, { required: ['labels', 'fields'], optional: [] })
    readLabels(section.labels, `${at}.labels`)
    for (const name of array(section.fields, `${at}.fields`, 1, 100))
      shown.push(text(name, `${at}.fields`, /^/))
  })
  const names = type.fields.map(({ name }) => name)
  const isComplete = shown.length === names.length && names.every((name) => shown.includes(name))
  if (!isComplete) throw new InputError('type/bad-layout', { path: 'layout' })
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freeze(member)
    Object.freeze(value)
  }
  return value
}
