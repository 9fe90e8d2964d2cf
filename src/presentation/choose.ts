import { isJsonObject } from '../credential/json.ts'
import type { Json, ParsedCredential } from '../credential/model.ts'
import { hasDisclosures } from '../credential/token.ts'
import { InputError } from '../errors.ts'
import { fieldPath, leadsTo, pathText } from './fieldPath.ts'
import type { ClaimPath } from './model.ts'

/**
 * What a field's certificate type says of it: P always visible, S needs consent, R needs consent of
 * its own, not merely to something around it; undefined: the type is not known.
 */
export type ClassOf = (path: ClaimPath) => 'P' | 'S' | 'R' | undefined

/**
 * Chooses disclosures so that what is shown is what was consented to, not more: silence discloses
 * nothing. In formats without disclosures everything is shown, so everything needs consent.
 *
 * @param credential with all its disclosures.
 * @param consents paths from the certificate's fields.
 * @returns disclosures as they stand in the token, in its order; empty for the JWT formats.
 * @throws {InputError} `presentation/unknown-claim` if a path leads to nothing;
 *   `presentation/discloses-more` if a field without consent would be shown, with its path.
 */
export function chooseDisclosures(
  credential: ParsedCredential,
  consents: readonly ClaimPath[],
  classOf: ClassOf,
): string[] {
  const leaves = leavesOf(credential.claims, [])
  for (const consent of consents) {
    if (consent.length === 0 || !leaves.some((leaf) => leadsTo(consent, leaf))) {
      throw new InputError('presentation/unknown-claim', { path: pathText(consent) })
    }
  }
  const places = credential.disclosures.map(({ encoded, path }) => ({
    encoded,
    path: fieldPath(credential.format, path) ?? [],
  }))
  const chosen = new Set(
    places.filter(({ path }) => consents.some((consent) => isNeeded(path, consent, classOf))),
  )
  const hidden = places.filter((place) => !chosen.has(place))
  for (const leaf of leaves) {
    if (hidden.some(({ path }) => leadsTo(path, leaf))) continue
    const isDisclosed = places.some(({ path }) => leadsTo(path, leaf))
    if (!isDisclosed && isVisible(credential, leaf, classOf)) continue
    if (!consents.some((consent) => covers(consent, leaf, classOf))) {
      throw new InputError('presentation/discloses-more', { path: pathText(leaf) })
    }
  }
  return places.filter((place) => chosen.has(place)).map(({ encoded }) => encoded)
}

/** A disclosure is needed if it is on the way to what was consented to, or a part of it. */
function isNeeded(path: ClaimPath, consent: ClaimPath, classOf: ClassOf): boolean {
  return leadsUnder(path, consent) || covers(consent, path, classOf)
}

/** Like `leadsTo` with the `null` on the other side: whether `path` is on the way to the consent. */
function leadsUnder(path: ClaimPath, consent: ClaimPath): boolean {
  return (
    path.length <= consent.length &&
    path.every(
      (part, i) => part === consent[i] || (consent[i] === null && typeof part === 'number'),
    )
  )
}

/** Whether the consent holds for this place: around it, and not from outside a restricted field. */
function covers(consent: ClaimPath, place: ClaimPath, classOf: ClassOf): boolean {
  if (!leadsTo(consent, place)) return false
  for (let length = consent.length + 1; length <= place.length; length++) {
    if (classOf(place.slice(0, length)) === 'R') return false
  }
  return true
}

/** Always visible: of class P, or in an SD-JWT of an unknown type, where its issuer left it open. */
function isVisible(credential: ParsedCredential, leaf: ClaimPath, classOf: ClassOf): boolean {
  for (let length = leaf.length; length > 0; length--) {
    const fieldClass = classOf(leaf.slice(0, length))
    if (fieldClass !== undefined) return fieldClass === 'P'
  }
  return hasDisclosures(credential.format)
}

/** Every place that holds a value with nothing inside. */
function leavesOf(value: Json, path: ClaimPath): ClaimPath[] {
  const parts: [string | number, Json][] = Array.isArray(value)
    ? value.map((element, i) => [i, element])
    : isJsonObject(value)
      ? Object.entries(value)
      : []
  if (parts.length === 0) return path.length === 0 ? [] : [path]
  return parts.flatMap(([part, inside]) => leavesOf(inside, [...path, part]))
}
