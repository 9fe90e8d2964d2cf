import { checkClaims } from '../certificate/claims.ts'
import type { CertificateType } from '../certificate/model.ts'
import type { JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import type { Mapping } from './columns.ts'
import { readCsv } from './csv.ts'
import { readJsonRecords } from './jsonFile.ts'
import { decodeText, type Encoding } from './text.ts'

/** How a file is written and what of it is accepted. */
export type RecordFile = {
  readonly format: 'csv' | 'json' | 'jsonl'
  /** Guessed from the first 64 KiB if not said. */
  readonly encoding?: Encoding
  /** For columns (CSV) or top-level members (JSON) that are not named as the certificate type names them. */
  readonly mapping?: Mapping
  /** Characters of one record; default 65,536. */
  readonly maxRecordLength?: number
  /** Default 2,000,000. */
  readonly maxRows?: number
}

/** One record, from 1 (a header does not count): checked claims, or what is wrong with it. */
export type RecordRow =
  | { readonly row: number; readonly claims: JsonObject; readonly error?: undefined }
  | { readonly row: number; readonly error: InputError; readonly claims?: undefined }

/** A record before its claims are checked. */
export type RawRow = {
  readonly claims: JsonObject | InputError
  /** Position from 1 of the column of a claim. */
  columnOf?(path: string): number | undefined
}

/**
 * Reads a department's file of records as claims of one certificate type. One bad record is one bad
 * row and the next is read; its error names row, column and path, never a value.
 *
 * @throws {InputError} for the file as a whole: `connector/bad-encoding`, `connector/bad-csv`,
 *   `connector/record-too-large`, `connector/too-many-rows`, `connector/unknown-column`,
 *   `connector/duplicate-column`, `connector/missing-column`, `json/…` for a JSON file that is none.
 */
export async function* readRecords(
  type: CertificateType,
  source: AsyncIterable<Uint8Array>,
  file: RecordFile,
): AsyncGenerator<RecordRow> {
  const { maxRecordLength = 65_536, maxRows = 2_000_000, mapping = {} } = file
  const text = decodeText(source, file.encoding)
  const rows =
    file.format === 'csv'
      ? readCsv(type, text, mapping, maxRecordLength)
      : readJsonRecords(text, file.format, mapping, maxRecordLength)
  let row = 0
  for await (const raw of rows) {
    row += 1
    if (row > maxRows) throw new InputError('connector/too-many-rows', { maxRows })
    yield checkRow(type, raw, row)
  }
}

function checkRow(type: CertificateType, { claims, columnOf }: RawRow, row: number): RecordRow {
  if (claims instanceof InputError) return { row, error: claims }
  try {
    return { row, claims: checkClaims(type, claims) }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const path = String(error.detail.path)
    const column = columnOf?.(path)
    return { row, error: new InputError(error.code, { path, ...(column && { column }) }) }
  }
}
