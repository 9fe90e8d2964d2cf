import { createReadStream } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InputError } from '../errors.ts'

/** Bytes of a certificate, presentation or request file, and of an evidence file, at most. */
export const maxDocument = 4_194_304
export const maxEvidence = 33_554_432

/**
 * Reads a whole file, or standard input where there is no name or it is `-`.
 *
 * @param argument what the file is called in the help; its own name is not repeated in errors.
 * @throws {InputError} `cli/unreadable`, `cli/too-large`
 */
export async function readInput(
  path: string | undefined,
  argument: string,
  maxBytes = maxDocument,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of sourceOf(path, argument)) {
    length += chunk.length
    if (length > maxBytes) throw new InputError('cli/too-large', { argument, maxBytes })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The same in chunks, however large. @throws {InputError} `cli/unreadable` */
export async function* sourceOf(
  path: string | undefined,
  argument: string,
): AsyncGenerator<Uint8Array> {
  const source = path === undefined || path === '-' ? process.stdin : createReadStream(path)
  try {
    yield* source as AsyncIterable<Uint8Array>
  } catch (cause) {
    throw new InputError('cli/unreadable', { argument, why: reason(cause), cause })
  }
}

/**
 * Writes a new file, readable by its owner only; what is there already is never overwritten.
 *
 * @throws {InputError} `cli/file-exists`, `cli/cannot-write`
 */
export async function writeNew(path: string, text: string): Promise<void> {
  const file = await openNew(path)
  try {
    await file.writeFile(text)
    await file.sync()
  } catch (cause) {
    throw new InputError('cli/cannot-write', { why: reason(cause), cause })
  } finally {
    await file.close()
  }
}

/** Opens a new file to write line by line. @throws as {@link writeNew} */
export async function openNew(path: string) {
  try {
    return await open(path, 'wx', 0o600)
  } catch (cause) {
    const why = reason(cause)
    if (why === 'EEXIST') throw new InputError('cli/file-exists', { cause })
    throw new InputError('cli/cannot-write', { why, cause })
  }
}

/** Writes a file whole or not at all, over an older one of the same name. @throws {InputError} `cli/cannot-write` */
export async function replaceFile(path: string, text: string | Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(`${path}.next`, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.next`, path)
  } catch (cause) {
    throw new InputError('cli/cannot-write', { why: reason(cause), cause })
  }
}

function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? code : 'unknown'
}
