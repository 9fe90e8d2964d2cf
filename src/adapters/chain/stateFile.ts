import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OutsideError } from '../../errors.ts'
import { syncDirectory, writeDurably } from './durable.ts'

/**
 * What a local chain began with. anvil makes the first block anew at every start, so it must be told the
 * same; chains differ in the gas limit, part of which is drawn by lot.
 */
export type Genesis = {
  readonly chainId: number
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly gasLimit: number
}

/** A dump of a local chain: everything up to and including `number`. */
export type ChainState = {
  readonly genesis: Genesis
  readonly number: number
  readonly hash: string
  /** Seconds since 1970 of that block. */
  readonly timestamp: number
  /** What anvil's `anvil_dumpState` answered, gzip. */
  readonly dump: Uint8Array
}

const name = /^chain-(\d{12})\.state$/
const kept = 2

/**
 * Writes a dump; once this resolves it survives kill -9 and a power cut. The one before it is kept,
 * older ones are removed.
 */
export async function saveState(directory: string, state: ChainState): Promise<void> {
  const header = {
    format: 'weir/chain-state/1',
    genesis: state.genesis,
    number: state.number,
    hash: state.hash,
    timestamp: state.timestamp,
    sha256: createHash('sha256').update(state.dump).digest('hex'),
  }
  const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), state.dump])
  await writeDurably(join(directory, fileName(state.number)), bytes)
  const old = (await stateFiles(directory)).slice(kept)
  for (const file of old) await rm(join(directory, file), { force: true })
  if (old.length > 0) await syncDirectory(directory)
}

/**
 * Reads the newest whole dump; a damaged one is renamed to `*.damaged` and the one before it is used.
 *
 * @returns undefined where there never was a chain.
 * @throws {OutsideError} `chain/state-damaged` if there are dumps and none is whole: starting anew
 *   would silently be another chain.
 */
export async function loadState(
  directory: string,
): Promise<{ state: ChainState; damaged: readonly string[] } | undefined> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const files = await stateFiles(directory)
  const damaged: string[] = []
  for (const file of files) {
    const state = read(await readFile(join(directory, file)))
    if (state !== undefined && fileName(state.number) === file) return { state, damaged }
    await rename(join(directory, file), join(directory, `${file}.damaged`))
    damaged.push(file)
  }
  const lost = (await readdir(directory)).filter((file) => file.endsWith('.state.damaged'))
  if (lost.length > 0) throw new OutsideError('chain/state-damaged', { files: lost.length })
  return undefined
}

/** Newest first. */
async function stateFiles(directory: string): Promise<string[]> {
  return (await readdir(directory))
    .filter((file) => name.test(file))
    .sort()
    .reverse()
}

function fileName(number: number): string {
  return `chain-${String(number).padStart(12, '0')}.state`
}

function read(bytes: Buffer): ChainState | undefined {
  const end = bytes.indexOf(10)
  if (end < 0 || end > 1000) return undefined
  try {
    const header = JSON.parse(bytes.toString('utf8', 0, end))
    const dump = bytes.subarray(end + 1)
    if (header.format !== 'weir/chain-state/1') return undefined
    if (createHash('sha256').update(dump).digest('hex') !== header.sha256) return undefined
    const { genesis, number, hash, timestamp } = header
    return { genesis, number, hash, timestamp, dump }
  } catch {
    return undefined
  }
}
