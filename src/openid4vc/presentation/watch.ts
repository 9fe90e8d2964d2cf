import type { PresentationTransaction, RelyingParty, RequestState } from './model.ts'
import { finalStates, readTransaction } from './transaction.ts'

/** One step of a request, numbered from 1. */
export type RequestStep = {
  readonly number: number
  readonly state: RequestState
  readonly at: Date
}

/** Milliseconds between two looks; the answer may be taken by another process. */
const pauseMs = 250

/**
 * Every step of a request as it happens, the ones that happened already first; ends with the last one.
 *
 * @param after number of the last step that the listener knows.
 * @param signal stops listening.
 * @throws {InputError} `presentation/unknown-request`
 */
export async function* watchRequest(
  party: RelyingParty,
  id: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<RequestStep> {
  let last = after
  let transaction: PresentationTransaction = await readTransaction(party, id)
  while (!signal.aborted) {
    const { history, state } = transaction
    for (const [index, step] of history.entries()) {
      if (index < last) continue
      last = index + 1
      yield { number: last, ...step }
    }
    if (finalStates.includes(state)) return
    await pause(signal)
    transaction = await readTransaction(party, id)
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, pauseMs)
    signal.addEventListener('abort', end)
  })
}
