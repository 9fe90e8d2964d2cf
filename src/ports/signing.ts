import type { CredentialDraft, PreparedCredential, PublicJwk } from '../credential/model.ts'
import type { KeyPurpose } from '../identity/model.ts'

/** What a signer may be asked to sign; the token's `typ` must fit, so it is no oracle for other bytes. */
export type SigningKind =
  | 'credential'
  | 'status-list'
  | 'request'
  | 'key-binding'
  | 'presentation'
  | 'key-proof'
  | 'key-proposal'

/** The public side of a signing key. */
export type SignerKey = {
  readonly did: string
  /** Full DID URL. */
  readonly kid: string
  /** RFC 7638 SHA-256 thumbprint, `0x` and 64 hex digits. */
  readonly thumbprint: string
  readonly jwk: PublicJwk
  readonly alg: string
  readonly purpose: KeyPurpose | 'holder'
  /** DER certificates, leaf first, never the root. */
  readonly x5c: readonly Uint8Array[]
}

/** A private key, wherever it lives. */
export interface Signer {
  readonly key: SignerKey
  /** Whether signing leaves this process (a service or an HSM); then every signature is verified. */
  readonly isRemote: boolean
  /**
   * Signs each input in order, on all cores where the key is local.
   *
   * @param inputs JWS signing inputs (ASCII).
   * @returns raw signatures, r || s, 64 bytes for ES256.
   * @throws {InputError} `key/wrong-kind` if an input's `typ` does not belong to `kind` or to the key's purpose.
   * @throws {OutsideError} `key/unavailable` if a remote signer does not answer; never another key instead.
   */
  sign(kind: SigningKind, inputs: readonly string[]): Promise<Uint8Array[]>
  close(): Promise<void>
}

/** Pure work on all cores. Results stand in the order of the inputs. */
export interface Workers {
  /** Encodes each draft and lints the bytes by reading them back; see `credential/prepare.ts`. */
  prepare(drafts: readonly CredentialDraft[]): Promise<PreparedCredential[]>
  /** Verifies ES256 signatures over signing inputs. */
  verifySignatures(
    checks: readonly { key: PublicJwk; signingInput: string; signature: Uint8Array }[],
  ): Promise<boolean[]>
  close(): Promise<void>
}
