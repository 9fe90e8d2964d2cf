import { fingerprint } from '../credential/fingerprint.ts'
import type { ParsedCredential, PublicJwk } from '../credential/model.ts'
import { parseCredential } from '../credential/parse.ts'
import { thumbprintHex } from '../credential/thumbprint.ts'
import { assembleToken } from '../credential/token.ts'
import { type Code, isWeirError } from '../errors.ts'
import { readLeaf } from '../identity/x509/leaf.ts'
import type { CopyRecord } from '../ports/certificates.ts'
import type { ChainView } from '../ports/chain.ts'
import { equalBytes, hex } from '../primitives/bytes.ts'
import { wordOf } from '../status/word.ts'
import { erasedFingerprints } from './erase.ts'
import { type FsckEvent, finding } from './findings.ts'
import type { Issuer } from './model.ts'
import { isErased } from './status.ts'

const pageSize = 500

/** What is remembered from copy to copy. */
type Seen = {
  /** Which certificate's copy has a status entry. */
  readonly entries: Map<string, string>
  readonly keys: Map<string, PublicJwk | undefined>
  readonly successors: Set<string>
  /** Fingerprints of copies that were erased, hex; read when the first empty row is met. */
  erased: Promise<Set<string>> | undefined
}

/**
 * Each copy's payload with its fingerprint, its row and its status entry, and its signature with its key.
 *
 * @param words completed with every word in which a copy stands: zero where no batch changed it.
 */
export async function* checkCredentials(
  issuer: Issuer,
  view: ChainView,
  words: Map<string, bigint>,
): AsyncGenerator<FsckEvent, void, undefined> {
  const { address } = issuer.department
  const { jwk, thumbprint } = issuer.signer.key
  const pending = await issuer.lists.pendingRequests(address, 10_000)
  const seen: Seen = {
    entries: new Map(),
    keys: new Map([[thumbprint, jwk]]),
    successors: new Set(pending.flatMap((request) => request.successor ?? [])),
    erased: undefined,
  }
  let after = 0
  let done = 0
  for (;;) {
    const page = await issuer.certificates.scan(address, after, pageSize)
    if (page.length === 0) break
    after = page.at(-1)!.id
    if (page.some(isErased)) seen.erased ??= erasedFingerprints(issuer)
    const erased = await seen.erased
    const codes = page.map((copy) =>
      isErased(copy) ? judgeErased(copy, erased) : judge(copy, seen),
    )
    const wrong = await wrongSignatures(issuer, page, seen)
    for (const [at, copy] of page.entries()) {
      const code = codes[at] ?? (wrong.has(copy.id) ? 'fsck/wrong-signature' : undefined)
      if (code !== undefined) yield finding('credentials', copy.id, code)
      else if ((await view.key(copy.keyThumbprint))?.department !== address) {
        yield finding('credentials', copy.id, 'fsck/unknown-key')
      }
      const name = `${copy.list}/${wordOf(copy.index).word}`
      if (!words.has(name)) words.set(name, 0n)
    }
    done += page.length
    yield { kind: 'progress', stage: 'credentials', done }
  }
}

/** An empty row is right only where the audit log says that it was erased. */
function judgeErased({ fingerprint }: CopyRecord, erased = new Set<string>()): Code | undefined {
  return erased.has(hex(fingerprint)) ? undefined : 'fsck/wrong-fingerprint'
}

/** What is wrong with one row by itself. */
function judge(copy: CopyRecord, seen: Seen): Code | undefined {
  if (!equalBytes(fingerprint(copy.signingInput), copy.fingerprint)) return 'fsck/wrong-fingerprint'
  let parsed: ParsedCredential
  try {
    parsed = parseCredential(assembleToken(copy, copy.signature ?? new Uint8Array(64)))
  } catch (error) {
    if (!isWeirError(error)) throw error
    return 'fsck/unreadable'
  }
  rememberKey(parsed, copy.keyThumbprint, seen)
  const isSameRow =
    parsed.format === copy.format &&
    parsed.certificate === copy.certificate &&
    parsed.certificateType === copy.certificateType &&
    parsed.status?.list === copy.list &&
    parsed.status.index === copy.index &&
    parsed.replaces === copy.replaces
  if (!isSameRow) return 'fsck/wrong-row'
  const entry = `${copy.list}/${copy.index}`
  const owner = `${copy.copy} ${copy.idempotencyKey}`
  if ((seen.entries.get(entry) ?? owner) !== owner) return 'fsck/status-twice'
  seen.entries.set(entry, owner)
  const isAlone = copy.replaces !== undefined && copy.sequence === undefined
  if (isAlone && !seen.successors.has(copy.idempotencyKey)) return 'fsck/successor-alone'
  return undefined
}

/** The key of a copy, where its own header carries it in a certificate. */
function rememberKey({ x5c }: ParsedCredential, thumbprint: string, seen: Seen): void {
  if (seen.keys.has(thumbprint)) return
  const jwk = x5c?.[0] && readLeaf(x5c[0]).publicJwk
  if (jwk && thumbprintHex(jwk) === thumbprint) seen.keys.set(thumbprint, jwk)
}

/** Numbers of signed copies whose signature is not their key's; those without a known key are left out. */
async function wrongSignatures(
  issuer: Issuer,
  page: readonly CopyRecord[],
  { keys }: Seen,
): Promise<Set<number>> {
  const checks = page.flatMap(({ id, keyThumbprint, signingInput, signature }) => {
    const key = keys.get(keyThumbprint)
    return key && signature ? [{ id, key, signingInput, signature }] : []
  })
  const good = await issuer.workers.verifySignatures(checks.map(({ id: _, ...check }) => check))
  return new Set(checks.filter((_, at) => good[at] !== true).map(({ id }) => id))
}
