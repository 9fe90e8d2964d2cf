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
 * the document may only give a word an IRI that ends with the word itself, or begins or ends as no other
 * word of the document does (`expirationDate` for `expiration`); it may alias no keyword and drop nothing;
 * and no context stands deeper in the document, except that of a presented credential.
 *
 * @throws {InputError} `vcdm/bad-context`, `vcdm/bad-property`
 * @see VC Data Integrity 1.0, sections 2.4.1 (context validation and injection)
 */
export function requirePlainWords(document: JsonObject): void {
  const contexts = document['@context']
  const words: Word[] = []
  for (const [index, context] of (Array.isArray(contexts) ? contexts : [contexts]).entries()) {
    if (isJsonObject(context)) checkInline(context, `@context/${index}`, words)
  }
  checkWords(words)
  const { '@context': _, verifiableCredential, ...rest } = document
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith('@')) throw refuse('vcdm/bad-property', '', 'keyword')
    if (words.length > 0 && isAddress(name)) throw refuse('vcdm/bad-property', '', 'address')
    checkBody(value, name, words.length > 0)
  }
  if (verifiableCredential === undefined) return
  const list = Array.isArray(verifiableCredential) ? verifiableCredential : [verifiableCredential]
  for (const one of list) if (isJsonObject(one)) requirePlainWords(one)
}

/** A word that the document gives a meaning, and the name that its IRI ends with. */
type Word = { readonly term: string; readonly name: string; readonly path: string }

/** Shorter ones begin too many others. */
const shortestStem = 4

/** Whether one of two names is the beginning of the other. */
function isRelated(a: string, b: string): boolean {
  const stem = a.length < b.length ? a : b
  return stem.length >= shortestStem && a.startsWith(stem) && b.startsWith(stem)
}

/** A word with another name may be mistaken for no other word. */
function checkWords(words: readonly Word[]): void {
  for (const { term, name, path } of words) {
    if (term === name) continue
    const others = words.filter((other) => other.term !== term || other.name !== name)
    const isAmbiguous = others.some(
      (other) => isRelated(other.term, name) || isRelated(term, other.name) || other.name === name,
    )
    if (!isRelated(term, name) || isAmbiguous) throw refuse('vcdm/bad-context', path, 'other word')
  }
}

function checkInline(context: JsonObject, path: string, words: Word[]): void {
  const inner = context['@context']
  if (inner !== undefined) {
    if (!isJsonObject(inner) || Object.keys(context).length !== 1) {
      throw refuse('vcdm/bad-context', path)
    }
    checkInline(inner, path, words)
    return
  }
  for (const [term, definition] of Object.entries(context)) {
    if (term.startsWith('@')) {
      if (!settings.includes(term)) throw refuse('vcdm/bad-context', path, 'keyword')
      const isVocabulary = typeof definition === 'string' && /[#/:]$/.test(definition)
      if (term === '@vocab' && definition !== null && !isVocabulary) {
        throw refuse('vcdm/bad-context', path, 'vocabulary')
      }
    } else checkTerm(term, definition, path, words)
  }
}

function checkTerm(term: string, definition: Json, path: string, words: Word[]): void {
  const iri = isJsonObject(definition) ? definition['@id'] : definition
  const isKeyword = (term === 'id' && iri === '@id') || (term === 'type' && iri === '@type')
  if (isKeyword) return
  if (!isUrl(iri)) throw refuse('vcdm/bad-context', path, 'other word')
  const name = nameOf(iri)
  // A prefix is no word of its own: it ends where words begin.
  if (name !== '') words.push({ term, name, path })
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
  checkInline(scoped, path, words)
}

/** What stands behind the last `#`, `/` or `:`. */
function nameOf(iri: string): string {
  return iri.slice(Math.max(iri.lastIndexOf('#'), iri.lastIndexOf('/'), iri.lastIndexOf(':')) + 1)
}

/** A member named by an address would be a second name for a word. */
function isAddress(name: string): boolean {
  return /[:/#?]/.test(name)
}

function checkBody(value: Json, path: string, hasWords: boolean): void {
  if (value === null) throw refuse('vcdm/bad-property', path, 'null')
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) checkBody(one, `${path}/${index}`, hasWords)
  } else if (isJsonObject(value)) {
    for (const [member, inner] of Object.entries(value)) {
      const isTypedText = member === '@type' && '@value' in value
      if (hasWords && isAddress(member)) throw refuse('vcdm/bad-property', path, 'address')
      if (member === '@context') throw refuse('vcdm/bad-context', path, 'inside')
      if (member.startsWith('@') && !bodyKeywords.includes(member) && !isTypedText) {
        throw refuse('vcdm/bad-property', path, 'keyword')
      }
      checkBody(inner, `${path}/${member}`, hasWords)
    }
  }
}
