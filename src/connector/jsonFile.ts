import { isJsonObject, parseJson } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import type { Mapping } from './columns.ts'
import type { RawRow } from './recordFile.ts'

/** Characters of a JSON file that is one array; JSON lines have no such limit. */
export const maxJsonFile = 67_108_864
const maxNodes = 10_000_000

/**
 * Reads one JSON array of records, or JSON lines (one record a line; empty lines do not count).
 *
 * @throws {InputError} `connector/record-too-large`; for an array file that is no array of objects
 *   `json/…`.
 */
export async function* readJsonRecords(
  text: AsyncIterable<string>,
  format: 'json' | 'jsonl',
  mapping: Mapping,
  maxRecordLength: number,
): AsyncGenerator<RawRow> {
  if (format === 'json') {
    for (const record of await readArray(text)) yield { claims: rename(record, mapping) }
    return
  }
  for await (const line of lines(text, maxRecordLength)) yield { claims: readLine(line, mapping) }
}

async function readArray(text: AsyncIterable<string>): Promise<Json[]> {
  const chunks: string[] = []
  let length = 0
  for await (const chunk of text) {
    length += chunk.length
    if (length > maxJsonFile) throw new InputError('json/too-large', { max: maxJsonFile })
    chunks.push(chunk)
  }
  const records = parseJson(chunks.join(''), { maxLength: maxJsonFile, maxNodes })
  if (!Array.isArray(records)) throw new InputError('json/malformed', { expected: 'array' })
  return records
}

async function* lines(text: AsyncIterable<string>, maxLength: number): AsyncGenerator<string> {
  let rest = ''
  let line = 0
  for await (const chunk of text) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop()!
    if (rest.length > maxLength)
      throw new InputError('connector/record-too-large', { line: line + parts.length + 1 })
    for (const part of parts) {
      line += 1
      if (part.length > maxLength) throw new InputError('connector/record-too-large', { line })
      if (part.trim() !== '') yield part
    }
  }
  if (rest.trim() !== '') yield rest
}

function readLine(line: string, mapping: Mapping): JsonObject | InputError {
  try {
    return rename(parseJson(line), mapping)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}

function rename(record: Json, mapping: Mapping): JsonObject | InputError {
  if (!isJsonObject(record)) return new InputError('json/malformed', { expected: 'object' })
  const renamed: JsonObject = Object.create(null)
  for (const [name, value] of Object.entries(record)) {
    const to = Object.hasOwn(mapping, name) ? mapping[name]! : name
    if (to === null) continue
    if (to in renamed) return new InputError('json/duplicate-member')
    renamed[to] = value
  }
  return renamed
}
