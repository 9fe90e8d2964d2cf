import type { IssuedCopy } from './work.ts'

/** An acknowledged copy: what the answer said, under its idempotency key. */
export type Acknowledged = IssuedCopy & { readonly key: string }

/** A copy as the department's store holds it; `token` is missing where it is not signed yet. */
export type Held = Omit<Acknowledged, 'token'> & {
  readonly token: string | undefined
  readonly isFinal: boolean
  /** It replaces another one: until its client comes again it waits for that one's end to be queued. */
  readonly isSuccessor: boolean
}

/** What is compared. */
export type Case = {
  readonly acknowledged: readonly Acknowledged[]
  readonly held: readonly Held[]
  /** How many final batches hold the leaf of a fingerprint. */
  readonly anchoredIn: (fingerprint: string) => number
  /** Whether anyone ever asked for something under this idempotency key. */
  readonly isWanted: (key: string) => boolean
  /** Keys that were compromised: what they signed and nobody anchored is signed anew. */
  readonly ended: ReadonlySet<string>
  /** Whether everything must be final by now. */
  readonly isSettled: boolean
}

/** Names of copies, each list without repetitions; all empty: nothing is wrong. */
export type Judgement = {
  readonly lost: readonly string[]
  readonly duplicated: readonly string[]
  readonly doubleAnchored: readonly string[]
}

/** The name under which a copy is counted. */
export function nameOf({ key, copy, format }: Pick<Held, 'key' | 'copy' | 'format'>): string {
  return `${key}/${copy}/${format}`
}

/**
 * Compares what was acknowledged with what is there.
 *
 * - lost: acknowledged and not there, or there with another token, fingerprint or status entry; when
 *   settled, also what is not final or in no final batch.
 * - duplicated: stored twice under one name, stored though nobody asked, or two certificates or copies
 *   that share a status entry.
 * - double anchored: in more than one final batch.
 */
export function judge(facts: Case): Judgement {
  const lost = new Set<string>()
  const duplicated = new Set<string>()
  const doubleAnchored = new Set<string>()
  const byName = new Map<string, Held>()
  const owners = new Map<string, string>()
  const isAnswered = new Set(facts.acknowledged.map(nameOf))
  for (const one of facts.held) {
    const name = nameOf(one)
    if (byName.has(name) || !facts.isWanted(one.key)) duplicated.add(name)
    byName.set(name, one)
    const entry = `${one.list}/${one.index}`
    const owner = `${one.key}/${one.copy}`
    if ((owners.get(entry) ?? owner) !== owner) duplicated.add(name)
    owners.set(entry, owner)
    const batches = facts.anchoredIn(one.fingerprint)
    if (batches > 1) doubleAnchored.add(name)
    const mayWait = one.isSuccessor && !isAnswered.has(name)
    if (facts.isSettled && !mayWait && !(one.isFinal && batches > 0)) lost.add(name)
  }
  for (const one of facts.acknowledged) {
    const there = byName.get(nameOf(one))
    if (there === undefined || !isSame(one, there, facts)) lost.add(nameOf(one))
  }
  return { lost: [...lost], duplicated: [...duplicated], doubleAnchored: [...doubleAnchored] }
}

function isSame(said: Acknowledged, there: Held, { ended, anchoredIn }: Case): boolean {
  const isSameCertificate =
    said.certificate === there.certificate && said.list === there.list && said.index === there.index
  if (!isSameCertificate) return false
  if (said.fingerprint === there.fingerprint) return said.token === there.token
  // DESIGN, key at the time: what is not yet anchored is signed anew with the next key.
  const isRenewed = ended.has(said.signedWith) && there.signedWith !== said.signedWith
  return isRenewed && anchoredIn(said.fingerprint) === 0
}
