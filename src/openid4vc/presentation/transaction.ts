import { sha256 } from '#primitives'
import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import type { Session } from '../../ports/sessions.ts'
import { hex } from '../../primitives/bytes.ts'
import {
  kinds,
  type PresentationTransaction,
  type RelyingParty,
  type RequestState,
} from './model.ts'

/** States after which nothing more comes. */
export const finalStates: readonly RequestState[] = ['verified', 'refused', 'expired']

/** The id of a request, by the handle in its addresses: who knows the id does not know the handle. */
export function idOfHandle(handle: string): string {
  return hex(sha256(`weir/vp-request/1 ${handle}`))
}

/**
 * A request by its id.
 *
 * @throws {InputError} `presentation/unknown-request`
 */
export async function readTransaction(
  { sessions, department, clock }: Pick<RelyingParty, 'sessions' | 'department' | 'clock'>,
  id: string,
): Promise<PresentationTransaction> {
  const now = clock()
  const found = await sessions.get(department, kinds.transaction, id, now)
  if (found === undefined) throw new InputError('presentation/unknown-request')
  return expired(fromSession(found), now)
}

/**
 * Moves a request on, if nobody moved it meanwhile.
 *
 * @returns the request as stored now; undefined if another was faster.
 */
export async function moveOn(
  { sessions, department, clock }: Pick<RelyingParty, 'sessions' | 'department' | 'clock'>,
  transaction: PresentationTransaction,
  change: Partial<PresentationTransaction> & { readonly state: RequestState },
): Promise<PresentationTransaction | undefined> {
  const history =
    change.state === transaction.state
      ? transaction.history
      : [...transaction.history, { state: change.state, at: clock() }]
  const next = { ...transaction, ...change, history }
  const done = await sessions.replace(department, toSession(next))
  return done ? { ...next, version: transaction.version + 1 } : undefined
}

/** Requests are not swept at the second at which they expire, so reading says it. */
function expired(transaction: PresentationTransaction, now: Date): PresentationTransaction {
  const { state, answerBy, history } = transaction
  if (finalStates.includes(state) || now < answerBy) return transaction
  return {
    ...transaction,
    state: 'expired',
    history: [...history, { state: 'expired', at: answerBy }],
  }
}

/** A request as the session store keeps it. */
export function toSession(transaction: PresentationTransaction): Session {
  const { id, version, expiresAt, history, answerBy, ...rest } = transaction
  const plain = {
    ...rest,
    history: history.map(({ state, at }) => ({ state, at: at.toISOString() })),
    answerBy: answerBy.toISOString(),
  }
  const value = JSON.parse(JSON.stringify(plain)) as JsonObject
  return { kind: kinds.transaction, name: id, version, value, expiresAt }
}

type Stored = Omit<
  PresentationTransaction,
  'id' | 'version' | 'expiresAt' | 'history' | 'answerBy'
> & {
  readonly history: readonly { readonly state: RequestState; readonly at: string }[]
  readonly answerBy: string
}

function fromSession({ name, version, value, expiresAt }: Session): PresentationTransaction {
  // Only this file writes values of this kind.
  const stored = value as unknown as Stored
  return {
    ...stored,
    id: name,
    version,
    expiresAt,
    history: stored.history.map(({ state, at }) => ({ state, at: new Date(at) })),
    answerBy: new Date(stored.answerBy),
    redirectUri: stored.redirectUri ?? undefined,
    responseCodeHash: stored.responseCodeHash ?? undefined,
    responseKey: stored.responseKey ?? undefined,
    outcome: stored.outcome ?? undefined,
    reason: stored.reason ?? undefined,
  }
}
