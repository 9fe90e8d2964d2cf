import { importPrivateKey, importPublicKey, sign, verifySignature } from '#primitives'
import type { CredentialDraft, PreparedCredential } from '../../credential/model.ts'
import { prepare } from '../../credential/prepare.ts'
import { type Code, type Detail, InputError, isWeirError } from '../../errors.ts'
import type { PrivateJwk, PrivateKey, PublicJwk, PublicKey } from '../../primitives/model.ts'

/** A signature to verify. */
type SignatureCheck = {
  readonly key: PublicJwk
  readonly signingInput: string
  readonly signature: Uint8Array
}

/** One chunk of work; `key` names a key that the thread was given before. */
export type Task =
  | { readonly work: 'sign'; readonly key: string; readonly inputs: readonly string[] }
  | { readonly work: 'prepare'; readonly drafts: readonly CredentialDraft[] }
  | { readonly work: 'verify'; readonly checks: readonly SignatureCheck[] }

/** Prepared credentials, their fingerprints of 32 bytes one after another: one buffer travels fast. */
export type Prepared = {
  readonly credentials: readonly Omit<PreparedCredential, 'fingerprint'>[]
  readonly fingerprints: Uint8Array
}

/** What a task gives: signatures of 64 bytes one after another, prepared credentials, answers. */
export type TaskResult = Uint8Array | Prepared | boolean[]

/** What goes to a thread. */
export type ToThread =
  | { readonly key: string; readonly jwk: PrivateJwk | undefined }
  | { readonly id: number; readonly task: Task }
  | 'stop'

/** What comes back: an error of Weir as its parts, since classes do not survive the way. */
export type FromThread =
  | { readonly id: number; readonly result: TaskResult }
  | { readonly id: number; readonly error: { name: string; code: Code; detail: Detail } }

/** Keys of a thread by name. */
export type Keys = Map<string, PrivateKey>

/** Takes a key into use, or forgets it. */
export function setKey(keys: Keys, name: string, jwk: PrivateJwk | undefined): void {
  if (jwk === undefined) keys.delete(name)
  else keys.set(name, importPrivateKey(jwk))
}

/**
 * Does one task in this thread.
 *
 * @throws {InputError} `key/unknown` for a key not given; whatever `prepare` refuses.
 */
export function perform(task: Task, keys: Keys): TaskResult {
  if (task.work === 'prepare') return prepareAll(task.drafts)
  if (task.work === 'verify') return task.checks.map(isSigned)
  const key = keys.get(task.key)
  if (key === undefined) throw new InputError('key/unknown')
  const signatures = new Uint8Array(task.inputs.length * 64)
  for (const [i, input] of task.inputs.entries()) signatures.set(sign(key, input), i * 64)
  return signatures
}

function prepareAll(drafts: readonly CredentialDraft[]): Prepared {
  const fingerprints = new Uint8Array(drafts.length * 32)
  const credentials = drafts.map((draft, i) => {
    const { fingerprint, ...credential } = prepare(draft)
    fingerprints.set(fingerprint, i * 32)
    return credential
  })
  return { credentials, fingerprints }
}

const maxKeys = 256
const publicKeys = new Map<string, PublicKey | undefined>()

function isSigned({ key, signingInput, signature }: SignatureCheck): boolean {
  const publicKey = publicKeyOf(key)
  return publicKey !== undefined && verifySignature(publicKey, signingInput, signature)
}

/** Taking a key into use costs more than a verification, and one issuer's key comes again and again. */
function publicKeyOf(jwk: PublicJwk): PublicKey | undefined {
  const name = `${jwk.crv}.${jwk.x}.${jwk.y}`
  if (jwk.crv !== 'P-256') return undefined
  if (!publicKeys.has(name)) {
    if (publicKeys.size >= maxKeys) publicKeys.clear()
    publicKeys.set(name, usable(jwk))
  }
  return publicKeys.get(name)
}

function usable(jwk: PublicJwk): PublicKey | undefined {
  try {
    return importPublicKey(jwk)
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}
