import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import type { CertificateType } from '../certificate/model.ts'
import { InputError } from '../errors.ts'
import { type Mapping, type RowReader, readHeader } from './columns.ts'
import type { RawRow } from './recordFile.ts'

/**
 * Reads CSV (RFC 4180) with a header line. Spaces around a cell do not count; a list's items are
 * separated by `;` or `；`.
 *
 * @throws {InputError} `connector/bad-csv` with `line` for quotes that do not close,
 *   `connector/record-too-large`, and what `readHeader` throws.
 */
export async function* readCsv(
  type: CertificateType,
  text: AsyncIterable<string>,
  mapping: Mapping,
  maxRecordLength: number,
): AsyncGenerator<RawRow> {
  const parser = parse({
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRecordLength,
  })
  // Errors reach the loop below: pipeline destroys the parser with them.
  pipeline(Readable.from(text), parser, () => {})
  let header: RowReader | undefined
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (header === undefined) header = readHeader(type, cells, mapping)
      else yield readRow(header, cells)
    }
  } catch (error) {
    throw fileError(error)
  }
  if (header === undefined) throw new InputError('connector/bad-csv', { line: 1 })
}

function readRow(header: RowReader, cells: readonly string[]): RawRow {
  if (cells.length !== header.width)
    return {
      claims: new InputError('connector/wrong-width', {
        columns: cells.length,
        expected: header.width,
      }),
    }
  return { claims: header.claims(cells), columnOf: header.columnOf }
}

function fileError(error: unknown): unknown {
  // The library's message quotes the file, so it is not kept as a cause.
  if (!(error instanceof CsvError)) return error
  const line = typeof error.lines === 'number' ? error.lines : 0
  return error.code === 'CSV_MAX_RECORD_SIZE'
    ? new InputError('connector/record-too-large', { line })
    : new InputError('connector/bad-csv', { line })
}
