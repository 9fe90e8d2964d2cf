import type { CertificateType } from '../certificate/model.ts'
import { type RecordFile, type RecordRow, readRecords } from '../connector/recordFile.ts'
import { parseJson } from '../credential/json.ts'
import { maxDocument, readInput, sourceOf } from './files.ts'
import { badOption, oneOf } from './options.ts'

const formats = ['csv', 'json', 'jsonl', 'one'] as const

/** `one`: a single record as one JSON object. */
export type InputFormat = (typeof formats)[number]

/**
 * How records are written: as told, else by the file's name; JSON lines on standard input.
 *
 * @throws {InputError} `cli/bad-option`
 */
export function inputFormat(path: string | undefined, told: string | undefined): InputFormat {
  if (told !== undefined) return oneOf(told, formats, '--input')
  if (path === undefined || path === '-') return 'jsonl'
  const ending = /\.(csv|jsonl|ndjson|json)$/i.exec(path)?.[1]?.toLowerCase()
  if (ending === undefined) throw badOption('--input', formats.join(' | '))
  return ending === 'ndjson' ? 'jsonl' : (ending as 'csv' | 'json' | 'jsonl')
}

/**
 * Rows of a file, or of standard input. A JSON file may hold an array of records, or one record.
 *
 * @throws as `readRecords`; `cli/unreadable`
 */
export async function* recordRows(
  type: CertificateType,
  path: string | undefined,
  format: InputFormat,
  encoding?: RecordFile['encoding'],
): AsyncGenerator<RecordRow> {
  const options = encoding === undefined ? {} : { encoding }
  if (format === 'csv' || format === 'jsonl') {
    yield* readRecords(type, sourceOf(path, 'records'), { format, ...options })
    return
  }
  const source = sourceOf(path, 'records')
  const { value: first } = await source.next()
  const bytes: Uint8Array = first ?? new Uint8Array()
  if (format === 'one' || isObject(bytes)) {
    yield* readRecords(type, oneRecord(bytes, source), { format: 'json', ...options })
    return
  }
  yield* readRecords(type, joined(bytes, source), { format: 'json', ...options })
}

/** One JSON object becomes an array of one. */
async function* oneRecord(first: Uint8Array, rest: AsyncIterable<Uint8Array>) {
  const bracket = (text: string) => new TextEncoder().encode(text)
  yield bracket('[')
  yield* joined(first, rest)
  yield bracket(']')
}

async function* joined(first: Uint8Array, rest: AsyncIterable<Uint8Array>) {
  yield first
  yield* rest
}

/** Whether the first thing that is no space, nor a byte order mark, opens an object. */
function isObject(bytes: Uint8Array): boolean {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  for (const byte of bytes.subarray(start)) {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue
    return byte === 0x7b
  }
  return false
}

/** Row numbers that an earlier result file says were issued: they need no retry. @throws {InputError} `json/*`, `cli/*` */
export async function issuedRows(path: string): Promise<ReadonlySet<number>> {
  const text = new TextDecoder().decode(await readInput(path, '--retry', 64 * maxDocument))
  const rows = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseJson(line))
  const issued = rows.flatMap((row) =>
    typeof row === 'object' && row !== null && !Array.isArray(row) && row.status === 'issued'
      ? [Number(row.row)]
      : [],
  )
  return new Set(issued)
}
