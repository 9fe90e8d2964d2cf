import type { JsonObject } from '../credential/model.ts'
import { readContext } from './context.ts'
import { checkNames } from './names.ts'
import { readParty } from './party.ts'
import { checkProperties } from './properties.ts'
import { readId, readObjects, readTypes, refuse, type Version } from './read.ts'
import { checkResources, type KnownDigests } from './resources.ts'
import { type Period, readPeriod } from './validity.ts'

/** What a credential says of itself, its shape being that of the data model. */
export type CheckedCredential = {
  readonly version: Version
  readonly id: string | undefined
  readonly types: readonly string[]
  /** Its issuer's URL. */
  readonly issuer: string
  readonly period: Period
  readonly statusEntries: readonly JsonObject[]
  /** Related resources whose digest nobody here can check. */
  readonly unreadResources: readonly string[]
}

/**
 * Checks a credential against the data model; what secures it is not looked at.
 *
 * @param known digests of the documents that are kept here.
 * @throws {InputError} `vcdm/...` with the place at fault.
 * @see VC Data Model 2.0, sections 4 and 5; version 1.1 where its base context says so
 */
export function checkCredential(document: JsonObject, known: KnownDigests): CheckedCredential {
  const version = readContext(document)
  const types = readTypes(document, '')
  if (!types.includes('VerifiableCredential')) throw refuse('vcdm/bad-type', 'type')
  const id = readId(document, '')
  checkNames(document)
  const issuer = readParty(document.issuer, 'issuer', 'vcdm/bad-issuer')
  checkSubjects(document)
  const period = readPeriod(document, version)
  const statusEntries = checkProperties(document)
  const unreadResources = checkResources(document, known)
  return { version, id, types, issuer, period, statusEntries, unreadResources }
}

/** Section 4.8: one or more objects, each with a claim or at least an identifier. */
function checkSubjects(document: JsonObject): void {
  const path = 'credentialSubject'
  const subjects = readObjects(document[path], path, 'vcdm/bad-subject')
  if (subjects.length === 0) throw refuse('vcdm/bad-subject', path)
  for (const subject of subjects) readId(subject, `${path}/`)
}
