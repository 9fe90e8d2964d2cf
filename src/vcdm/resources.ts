import type { JsonObject } from '../credential/model.ts'
import { equalBytes } from '../primitives/bytes.ts'
import { type Hash, readMultibaseDigest, readSri, type StatedDigest } from './digest.ts'
import { readId, readObjects, refuse } from './read.ts'

/** Digests of the documents that are kept here, by address; undefined: not kept. */
export type KnownDigests = (id: string) => Readonly<Record<Hash, Uint8Array>> | undefined

/**
 * Checks `relatedResource`: each is named once and with a digest, and the digest is right where the
 * resource is kept here. Nothing is fetched.
 *
 * @returns the ids of those that are not kept here.
 * @throws {InputError} `vcdm/bad-resource`, `vcdm/bad-id`
 * @see VC Data Model 2.0, section 5.3
 */
export function checkResources(document: JsonObject, known: KnownDigests): readonly string[] {
  const seen = new Set<string>()
  const unread: string[] = []
  const resources = readObjects(document.relatedResource, 'relatedResource', 'vcdm/bad-resource')
  for (const [index, resource] of resources.entries()) {
    const path = `relatedResource/${index}/`
    const id = readId(resource, path)
    if (id === undefined || seen.has(id)) throw refuse('vcdm/bad-resource', `${path}id`)
    seen.add(id)
    const { mediaType } = resource
    if (mediaType !== undefined && (typeof mediaType !== 'string' || !mediaType.includes('/'))) {
      throw refuse('vcdm/bad-resource', `${path}mediaType`)
    }
    const stated = readDigests(resource, path)
    const digests = known(id)
    if (digests === undefined) unread.push(id)
    else if (!stated.every((one) => one.some((two) => equalBytes(two.bytes, digests[two.hash])))) {
      throw refuse('vcdm/bad-resource', path, 'digest')
    }
  }
  return unread
}

/** What each member states; one that states nothing readable matches nothing. */
function readDigests(resource: JsonObject, path: string): readonly (readonly StatedDigest[])[] {
  const { digestSRI, digestMultibase } = resource
  const stated: (readonly StatedDigest[])[] = []
  if (digestSRI !== undefined) {
    const digests = typeof digestSRI === 'string' ? readSri(digestSRI) : undefined
    if (digests === undefined) throw refuse('vcdm/bad-resource', `${path}digestSRI`)
    stated.push(digests)
  }
  if (digestMultibase !== undefined) {
    const digest =
      typeof digestMultibase === 'string' ? readMultibaseDigest(digestMultibase) : undefined
    if (digest === undefined) throw refuse('vcdm/bad-resource', `${path}digestMultibase`)
    stated.push([digest])
  }
  if (stated.length === 0) throw refuse('vcdm/bad-resource', path, 'digest')
  return stated
}
