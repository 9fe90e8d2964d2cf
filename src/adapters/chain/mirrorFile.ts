import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, readFile, truncate } from 'node:fs/promises'
import type { BlockRef, ChainIdentity } from '../../identity/model.ts'
import { writeDurably } from './durable.ts'
import type { MirrorEvent } from './fold.ts'

/** One line of the file: events up to a head, or a step back to one. */
export type MirrorEntry = {
  readonly head: BlockRef
  readonly events: readonly MirrorEvent[]
  /** The chain fell back to `head`; `events` is empty. */
  readonly isBack: boolean
}

/**
 * Reads a mirror's file. It is a copy of what the chain says, so what is not whole is cut off and read from
 * the chain again: each line carries a checksum over itself and the line before.
 *
 * @returns the entries of this very deployment; none where the file is another's or missing.
 */
export async function readMirror(
  path: string,
  identity: ChainIdentity,
): Promise<{ entries: MirrorEntry[]; chain: string }> {
  const first = firstLine(identity)
  if (!existsSync(path)) return startMirror(path, identity)
  const text = await readFile(path, 'utf8')
  if (!text.startsWith(first.text)) return startMirror(path, identity)
  const entries: MirrorEntry[] = []
  let { chain } = first
  let whole = Buffer.byteLength(first.text)
  for (const body of text.slice(first.text.length).split('\n').slice(0, -1)) {
    const json = body.slice(33)
    if (body.slice(0, 32) !== checksum(chain, json)) break
    entries.push(entryOf(JSON.parse(json)))
    chain = body.slice(0, 32)
    whole += Buffer.byteLength(body) + 1
  }
  await truncate(path, whole)
  return { entries, chain }
}

/** Adds one entry. @returns the checksum that the next one follows. */
export async function appendMirror(
  path: string,
  chain: string,
  { head, events, isBack }: MirrorEntry,
): Promise<string> {
  const time = head.time.getTime()
  const next = line(chain, { head: { ...head, time }, events, isBack })
  await appendFile(path, next.text)
  return next.chain
}

/** Makes the file anew, without entries. */
export async function startMirror(
  path: string,
  identity: ChainIdentity,
): Promise<{ entries: MirrorEntry[]; chain: string }> {
  const first = firstLine(identity)
  await writeDurably(path, first.text)
  return { entries: [], chain: first.chain }
}

function firstLine(identity: ChainIdentity) {
  return line('', { format: 'weir/mirror/1', identity })
}

function line(chain: string, value: unknown): { text: string; chain: string } {
  const json = JSON.stringify(value)
  const own = checksum(chain, json)
  return { text: `${own} ${json}\n`, chain: own }
}

function checksum(chain: string, json: string): string {
  return createHash('sha256').update(chain).update(json).digest('hex').slice(0, 32)
}

function entryOf(value: {
  head: BlockRef & { time: number }
  events: MirrorEvent[]
  isBack: boolean
}) {
  return { ...value, head: { ...value.head, time: new Date(value.head.time) } }
}
