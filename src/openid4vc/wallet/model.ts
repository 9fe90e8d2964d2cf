import type { PublicJwk } from '../../credential/model.ts'
import type { Holder } from '../../holder/model.ts'
import type { Chain, LeafReader } from '../../ports/chain.ts'
import type { Fetch } from '../../ports/fetch.ts'
import type { PresentationRequest } from '../../presentation/request.ts'

/** Who certifies verifiers that are no departments. */
export type WalletTrust = {
  readonly roots: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
}

/** A wallet that speaks the protocols, and what it reaches the world through. */
export type WalletClient = {
  readonly holder: Holder
  /** A fresh key to which an issuer can bind one copy. */
  readonly newKey: () => Promise<PublicJwk>
  readonly fetch: Fetch
  readonly chain: Chain
  /** Keys that a DID ever showed, see `Verifier.keysOf`. */
  readonly keysOf: (did: string) => Promise<readonly PublicJwk[]>
  /** Undefined: only departments of the registry are known. */
  readonly trust?: WalletTrust
  /** Where inclusion proofs come from, after a certificate was received. */
  readonly leaves?: LeafReader
  /** Whether `http:` addresses of this machine may be answered. */
  readonly isDevelopment?: boolean
}

/** Who asks, as far as this wallet could make sure. */
export type KnownVerifier = {
  /** The full client identifier: what every answer is bound to. */
  readonly clientId: string
  /** Undefined for an unsigned request, which may come from anybody. */
  readonly did: string | undefined
  /** What it calls itself; nobody vouches for it. */
  readonly name: string | undefined
  readonly isSigned: boolean
  /** Whether DepartmentRegistry holds its key. */
  readonly isDepartment: boolean
}

/** A request that is understood, from a verifier that is known. */
export type VerifiedRequest = {
  readonly request: PresentationRequest
  readonly verifier: KnownVerifier
  readonly responseUri: string
  readonly state: string | undefined
  /** For encrypted answers: the verifier's key, and the content encryption to use. */
  readonly encryption:
    | { readonly jwk: Readonly<Record<string, string>>; readonly enc: string }
    | undefined
}
