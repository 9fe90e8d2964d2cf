import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { isUrl, refuse } from './read.ts'

const settings = ['@protected', '@version', '@vocab']
const termMembers = ['@id', '@type', '@container', '@context', '@protected', '@language']
const containers = ['@set', '@list', '@language', '@graph']

/** Keywords that a document may use itself: texts with a language, and collections. */
const bodyKeywords = ['@value', '@language', '@direction', '@list', '@set']

/**
 * Refuses documents whose words could be exchanged without breaking a proof. A proof over RDF signs what
 * words stand for, not the words: whoever adds a context can rename members. So a context written into
 * the document may only give a word an IRI that ends with the word itself, may alias no keyword and
 * drop nothing; and no context stands deeper in the document, except that of a presented credential.
 *
 * @throws {InputError} `vcdm/bad-context`, `vcdm/bad-property`
 * @see VC Data Integrity 1.0, sections 2.4.1 (context validation and injection)
 */
export function requirePlainWords(document: JsonObject): void {
  const contexts = document['@context']
  for (const [index, context] of (Array.isArray(contexts) ? contexts : [contexts]).entries()) {
    if (isJsonObject(context)) checkInline(context, `@context/${index}`)
  }
  const { '@context': _, verifiableCredential, ...rest } = document
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith('@')) throw refuse('vcdm/bad-property', '', 'keyword')
    checkBody(value, name)
  }
  if (verifiableCredential === undefined) return
  const list = Array.isArray(verifiableCredential) ? verifiableCredential : [verifiableCredential]
  for (const one of list) if (isJsonObject(one)) requirePlainWords(one)
}

function checkInline(context: JsonObject, path: string): void {
  const inner = context['@context']
  if (inner !== undefined) {
    if (!isJsonObject(inner) || Object.keys(context).length !== 1) {
      throw refuse('vcdm/bad-context', path)
    }
    checkInline(inner, path)
    return
  }
  for (const [term, definition] of Object.entries(context)) {
    if (term.startsWith('@')) {
      if (!settings.includes(term)) throw refuse('vcdm/bad-context', path, 'keyword')
    } else checkTerm(term, definition, path)
  }
}

function checkTerm(term: string, definition: Json, path: string): void {
  const iri = isJsonObject(definition) ? definition['@id'] : definition
  const isKeyword = (term === 'id' && iri === '@id') || (term === 'type' && iri === '@type')
  if (isKeyword) return
  if (!isUrl(iri) || !endsWith(iri, term)) throw refuse('vcdm/bad-context', path, 'other word')
  if (!isJsonObject(definition)) return
  for (const member of Object.keys(definition)) {
    if (!termMembers.includes(member)) throw refuse('vcdm/bad-context', path, 'member')
  }
  const container = definition['@container']
  for (const one of [container ?? []].flat()) {
    if (!containers.includes(one as string)) throw refuse('vcdm/bad-context', path, 'container')
  }
  const scoped = definition['@context']
  if (scoped === undefined) return
  if (!isJsonObject(scoped)) throw refuse('vcdm/bad-context', path, 'scoped')
  checkInline(scoped, path)
}

/** A prefix is no word of its own: it ends where words begin. */
function endsWith(iri: string, term: string): boolean {
  const last = iri.slice(
    Math.max(iri.lastIndexOf('#'), iri.lastIndexOf('/'), iri.lastIndexOf(':')) + 1,
  )
  return last === '' || last === term
}

function checkBody(value: Json, path: string): void {
  if (value === null) throw refuse('vcdm/bad-property', path, 'null')
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) checkBody(one, `${path}/${index}`)
  } else if (isJsonObject(value)) {
    for (const [member, inner] of Object.entries(value)) {
      const isTypedText = member === '@type' && '@value' in value
      if (member === '@context') throw refuse('vcdm/bad-context', path, 'inside')
      if (member.startsWith('@') && !bodyKeywords.includes(member) && !isTypedText) {
        throw refuse('vcdm/bad-property', path, 'keyword')
      }
      checkBody(inner, `${path}/${member}`)
    }
  }
}
