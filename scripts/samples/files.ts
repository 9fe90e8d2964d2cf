import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CertificateType, Field } from '../../src/certificate/model.ts'
import { builtInTypes } from '../../src/certificate/types.ts'
import type { JsonObject } from '../../src/credential/model.ts'
import { encodeGb18030 } from './gb18030.ts'
import { sampleRecords } from './records.ts'

/** A file of records: what it holds and how it is written. */
export type SampleFile = {
  /** Certificate type's id. */
  readonly type: string
  /** File name inside the folder. */
  readonly file: string
  readonly format: 'csv' | 'jsonl'
  readonly encoding: 'utf-8' | 'gb18030'
  readonly count: number
}

const byteOrderMark = '\uFEFF'

/** The types that a department imports in bulk; a registry state is issued on demand. */
export const sampleTypes = builtInTypes.filter(({ id }) => id !== 'registry-state')

/**
 * Writes a file of records for each type, half of them as GB18030, and `files.json`, the list of them.
 *
 * @param folder made if it does not exist.
 * @returns the list.
 */
export function writeSampleFiles(folder: string, count: number, seed: number): SampleFile[] {
  mkdirSync(folder, { recursive: true })
  const files = sampleTypes.map((type, position): SampleFile => {
    const records = sampleRecords(type.id, count, seed)
    const format = position % 4 === 3 ? 'jsonl' : 'csv'
    const encoding = position % 2 === 0 ? 'gb18030' : 'utf-8'
    const file = `${type.id}.${format}`
    writeFileSync(join(folder, file), encoded(type, records, format, encoding))
    return { type: type.id, file, format, encoding, count }
  })
  writeFileSync(join(folder, 'files.json'), `${JSON.stringify(files, null, 2)}\n`)
  return files
}

function encoded(
  type: CertificateType,
  records: readonly JsonObject[],
  format: SampleFile['format'],
  encoding: SampleFile['encoding'],
): Uint8Array | string {
  if (format === 'jsonl') return records.map((record) => `${JSON.stringify(record)}\n`).join('')
  if (encoding === 'gb18030') return encodeGb18030(csv(type, records, 'zh'))
  return byteOrderMark + csv(type, records, 'name')
}

type Column = { readonly title: string; cell(record: JsonObject): string }

/** A CSV text, every cell in quotation marks, lines end in CRLF (RFC 4180). */
export function csv(
  type: CertificateType,
  records: readonly JsonObject[],
  titles: 'zh' | 'name',
): string {
  const columns = type.fields.flatMap((field) => columnsOf(field, titles))
  const rows = records.map((record) => columns.map(({ cell }) => cell(record)))
  return [columns.map(({ title }) => title), ...rows]
    .map((cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`)
    .join('')
}

function columnsOf(field: Field, titles: 'zh' | 'name'): Column[] {
  const title = titleOf(field, titles)
  if (field.type !== 'objects')
    return [{ title, cell: (record) => [record[field.name] ?? ''].flat().join(';') }]
  return Array.from({ length: field.maxItems! }, (_, index) =>
    field.fields!.map((member) => ({
      title: `${title}.${index + 1}.${titleOf(member, titles)}`,
      cell: (record: JsonObject) => {
        const items = (record[field.name] ?? []) as JsonObject[]
        return String(items[index]?.[member.name] ?? '')
      },
    })),
  ).flat()
}

function titleOf(field: Field, titles: 'zh' | 'name'): string {
  return titles === 'zh' ? field.labels.zh : field.name
}
