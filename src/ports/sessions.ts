import type { JsonObject } from '../credential/model.ts'

/**
 * A short-lived fact of a protocol: an offer, a code, a nonce, a request. Whoever holds its name may use
 * it, so a name that is a secret is stored as its digest only.
 */
export type Session = {
  /** What it is, for example `offer`; one protocol, one set of kinds. */
  readonly kind: string
  /** Unique within department and kind; 64 hex digits of SHA-256 where the name itself is a secret. */
  readonly name: string
  /** 1 at first; {@link SessionStore.replace} counts on. */
  readonly version: number
  readonly value: JsonObject
  readonly expiresAt: Date
}

/**
 * Facts of running protocols, shared by all processes of a department. What resolved is synced, so that a
 * nonce taken once is never taken again, also after a restart.
 */
export interface SessionStore {
  /** Adds new facts in one transaction. @throws {InputError} `store/duplicate` if a name is taken; then none is added. */
  add(department: string, sessions: readonly Omit<Session, 'version'>[]): Promise<void>
  /** One that has not expired at `now`. */
  get(department: string, kind: string, name: string, now: Date): Promise<Session | undefined>
  /**
   * Stores `session` with `version + 1` if the stored version is still `session.version`.
   *
   * @returns whether it did; of several callers exactly one is told so.
   */
  replace(department: string, session: Session): Promise<boolean>
  /** Removes one and returns it if it has not expired at `now`; of several callers exactly one gets it. */
  take(department: string, kind: string, name: string, now: Date): Promise<Session | undefined>
  /** Removes what expired before `now`. @returns how many. */
  purge(now: Date): Promise<number>
}
