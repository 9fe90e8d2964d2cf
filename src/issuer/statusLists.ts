import { sha256Base64url } from '#primitives'
import { listAddress } from '../certificate/listAddress.ts'
import { InputError, OutsideError } from '../errors.ts'
import type { BlockRef } from '../identity/model.ts'
import type { Chain, ChainView } from '../ports/chain.ts'
import type { Signer } from '../ports/signing.ts'
import { type Entries, entriesOf } from '../status/entries.ts'
import type { ListPublisher, ListWish, PublishedList, StatusLists } from './listModel.ts'
import { listWords } from './listWords.ts'
import { requireListKey, signList } from './signList.ts'

type Words = ReadonlyMap<number, bigint>
/** A list as it was read last; the same `state` as long as nothing changed. */
type Known = { readonly block: string; readonly words: Words; readonly state: Entries }

/** Seconds: what a reader may keep a list for, how long one says something, and when a new one is made. */
const timeToLive = 30
const lifetime = 900
const renewAfter = 300
/** Lists kept signed; about 60 kB each at most. */
const maxKept = 256

type Kept = PublishedList & {
  readonly issuedAt: Date
  readonly expiresAt: Date
  readonly state: Entries
  /** Of the key that signed it. */
  readonly thumbprint: string
}

/**
 * Publishes a department's status lists from the chain's state. A list is made when it is asked for and
 * signed anew when the state changed, so that it is never older than the mirror; what a reader may keep
 * of it ends after 30 s.
 */
export function publishLists(publisher: ListPublisher): StatusLists {
  const { department, chain, clock } = publisher
  const kept = new Map<string, Kept>()
  const states = new Map<number, Known>()
  const making = new Map<string, Promise<Kept>>()
  let readAt: Date | undefined
  let newest = -1

  async function requireList(list: number): Promise<void> {
    if (list > newest) newest = (await publisher.newestList()) ?? -1
    if (!(list <= newest)) throw new InputError('status/no-list')
  }

  /** However many ask at once, a list is made once. */
  function once(name: string, work: () => Promise<Kept>): Promise<Kept> {
    const made = making.get(name) ?? work().finally(() => making.delete(name))
    making.set(name, made)
    return made
  }

  /** Also what is said of the past is signed today, and what was signed goes out no more when its key ended. */
  async function usableKey(now: ChainView): Promise<Signer> {
    const { signer } = publisher
    if (signer === undefined) throw new OutsideError('status/list-unavailable')
    await requireListKey(now, signer)
    return signer
  }

  /** The same array as long as nothing changed. */
  async function stateAt(view: ChainView, list: number): Promise<Entries> {
    const known = states.get(list)
    if (known?.block === view.block.hash) return known.state
    const words = await listWords(view, department.address, list)
    const isSame = known !== undefined && equal(known.words, words)
    const state = isSame ? known.state : entriesOf(words)
    states.set(list, { block: view.block.hash, words, state })
    return state
  }

  async function make(wish: ListWish, key: Signer, block: BlockRef, state: Entries) {
    const { list, kind, form, at } = wish
    const issuedAt = wholeSeconds(at === undefined ? clock() : block.time)
    // A past state is vouched for at the moment asked about only: the next second may differ.
    const end = at === undefined ? issuedAt.getTime() + lifetime * 1000 : at.getTime() + 1000
    const statement = {
      uri: listAddress(publisher.base, department.did, list, kind),
      issuer: department.did,
      issuedAt,
      expiresAt: wholeSeconds(new Date(end)),
      timeToLive,
    }
    const purpose = kind === 'token' ? 'revocation' : kind
    const body = await signList(key, state, form, purpose, statement)
    const maxAge = at === undefined ? timeToLive : 86_400
    const { expiresAt } = statement
    const { thumbprint } = key.key
    return {
      body,
      form,
      digest: sha256Base64url(body),
      maxAge,
      issuedAt,
      expiresAt,
      state,
      thumbprint,
    }
  }

  function keep(name: string, made: Kept): Kept {
    kept.delete(name)
    kept.set(name, made)
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break
      kept.delete(oldest)
    }
    return made
  }

  async function current(wish: ListWish): Promise<Kept> {
    const name = nameOf(wish)
    const known = kept.get(name)
    let view: ChainView
    try {
      view = await chain.view()
    } catch (error) {
      // What was signed still holds for its time; `age` tells the operator.
      if (error instanceof OutsideError && known && clock() < known.expiresAt) return known
      throw error
    }
    readAt = clock()
    const key = await usableKey(view)
    const state = await stateAt(view, wish.list)
    const isRecent =
      known?.state === state &&
      known.thumbprint === key.key.thumbprint &&
      readAt.getTime() - known.issuedAt.getTime() < renewAfter * 1000
    return isRecent ? known : keep(name, await make(wish, key, view.block, state))
  }

  async function past(wish: ListWish, at: Date): Promise<Kept> {
    const name = nameOf(wish)
    const known = kept.get(name)
    if (known !== undefined && known.thumbprint === publisher.signer?.key.thumbprint) return known
    const now = await chain.view()
    const head = now.block.time
    // A chain's time may run ahead of ours.
    if (!(at <= clock() || at <= head)) throw new InputError('status/no-such-time')
    const key = await usableKey(now)
    const view = await viewAt(chain, at)
    const words = await listWords(view, department.address, wish.list)
    const made = await make(wish, key, view.block, entriesOf(words))
    // The chain may not have reached that moment yet; only what lies behind it stands for good.
    return head > at ? keep(name, made) : { ...made, maxAge: 0 }
  }

  return {
    async published(wish) {
      await requireList(wish.list)
      const { at } = wish
      const work = () => (at === undefined ? current(wish) : past(wish, at))
      const made = await once(nameOf(wish), work)
      const { body, form, digest, maxAge } = made
      return { body, form, digest, maxAge }
    },
    async age() {
      try {
        await usableKey(await chain.view())
        readAt = clock()
      } catch (error) {
        const isOurs = error instanceof OutsideError && error.code === 'status/list-unavailable'
        if (isOurs || readAt === undefined) throw error
      }
      return clock().getTime() - readAt.getTime()
    },
  }
}

async function viewAt(chain: Chain, at: Date): Promise<ChainView> {
  try {
    return await chain.view(at)
  } catch (cause) {
    const isTooEarly = cause instanceof InputError && cause.code === 'chain/before-genesis'
    throw isTooEarly ? new InputError('status/no-such-time', { cause }) : cause
  }
}

function nameOf({ list, kind, form, at }: ListWish): string {
  return `${list} ${kind} ${form} ${at === undefined ? '' : at.getTime()}`
}

function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000)
}

function equal(one: Words, other: Words): boolean {
  return one.size === other.size && [...one].every(([word, value]) => other.get(word) === value)
}
