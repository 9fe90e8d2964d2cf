import { readDateTime } from '../credential/claims.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { isWeirError } from '../errors.ts'
import { refuse, type Version } from './read.ts'

/** From when until when a credential counts; undefined: without end. */
export type Period = { readonly from: Date | undefined; readonly until: Date | undefined }

/**
 * Reads the period of validity.
 *
 * @throws {InputError} `vcdm/bad-validity` for anything but an XSD dateTimeStamp with its offset, and
 *   for a period that ends before it begins.
 * @see VC Data Model 2.0, section 4.9; 1.1, sections 4.6 and 4.7 (`issuanceDate` is required there)
 */
export function readPeriod(document: JsonObject, version: Version): Period {
  const [begin, end] =
    version === '2.0' ? ['validFrom', 'validUntil'] : ['issuanceDate', 'expirationDate']
  const from = readTime(document[begin!], begin!)
  const until = readTime(document[end!], end!)
  if (version === '1.1' && from === undefined) throw refuse('vcdm/bad-validity', begin!)
  if (from !== undefined && until !== undefined && until < from) {
    throw refuse('vcdm/bad-validity', end!, 'before its beginning')
  }
  return { from, until }
}

/** An XSD dateTimeStamp, or undefined where there is none. @throws {InputError} `vcdm/bad-validity` */
export function readTime(value: Json | undefined, path: string): Date | undefined {
  try {
    return readDateTime(value, path)
  } catch (error) {
    if (isWeirError(error)) throw refuse('vcdm/bad-validity', path)
    throw error
  }
}
