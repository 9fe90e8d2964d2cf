import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { contextOf, isUrl, refuse, type Version } from './read.ts'

const maxContexts = 32

/**
 * Reads `@context`: an ordered set that begins with a base context; the others are URLs or contexts
 * written out. Whether a URL is known is for whoever expands the document to say.
 *
 * @throws {InputError} `vcdm/bad-context`
 * @see VC Data Model 2.0, section 4.3
 */
export function readContext(document: JsonObject): Version {
  const contexts = document['@context']
  if (!Array.isArray(contexts) || contexts.length === 0 || contexts.length > maxContexts) {
    throw refuse('vcdm/bad-context', '@context')
  }
  const [first, ...others] = contexts
  const version = versionOf(first)
  if (version === undefined) throw refuse('vcdm/bad-context', '@context/0', 'base')
  const seen = new Set<Json>([first!])
  for (const [index, context] of others.entries()) {
    if (!isUrl(context) && !isJsonObject(context)) {
      throw refuse('vcdm/bad-context', `@context/${index + 1}`)
    }
    if (versionOf(context) !== undefined || (isUrl(context) && seen.has(context))) {
      throw refuse('vcdm/bad-context', `@context/${index + 1}`, 'twice')
    }
    seen.add(context)
  }
  return version
}

/**
 * Reads `@context` of an envelope, which may be one URL.
 *
 * @throws {InputError} `vcdm/bad-context` if the base context is not there.
 * @see VC Data Model 2.0, section 4.12.1
 */
export function requireEnvelopeContext(document: JsonObject): void {
  const context = document['@context']
  const list = Array.isArray(context) ? context : [context]
  if (!list.includes(contextOf['2.0'])) throw refuse('vcdm/bad-context', '@context', 'base')
}

function versionOf(context: Json | undefined): Version | undefined {
  if (context === contextOf['2.0']) return '2.0'
  return context === contextOf['1.1'] ? '1.1' : undefined
}
