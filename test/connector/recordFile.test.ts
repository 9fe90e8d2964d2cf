import { describe, expect, test } from 'vitest'
import { csv } from '../../scripts/samples/files.ts'
import { encodeGb18030 } from '../../scripts/samples/gb18030.ts'
import { sampleRecord, sampleRecords } from '../../scripts/samples/records.ts'
import { findType } from '../../src/certificate/types.ts'
import { type RecordFile, type RecordRow, readRecords } from '../../src/connector/recordFile.ts'
import { recordKey } from '../../src/connector/recordKey.ts'
import type { JsonObject } from '../../src/credential/model.ts'
import { isWeirError } from '../../src/errors.ts'

const title = findType('real-estate-title')
const marriage = findType('marriage-certificate')
const practice = findType('medical-practice-licence')
const asCsv: RecordFile = { format: 'csv' }

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(
  type: typeof title,
  content: string | Uint8Array,
  file: RecordFile = asCsv,
  size = 1000,
): Promise<RecordRow[]> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return Array.fromAsync(readRecords(type, chunks(bytes, size), file))
}

async function refused(reading: Promise<unknown>): Promise<{ code: string; detail: object }> {
  const error: unknown = await reading.then(
    () => undefined,
    (reason) => reason,
  )
  if (!isWeirError(error)) throw error ?? new Error('not refused')
  return { code: error.code, detail: error.detail }
}

const plain = (rows: readonly RecordRow[]) =>
  rows.map(({ claims }) => JSON.parse(JSON.stringify(claims)))

/** One CSV text with a change to one cell of one record. */
function changed(type: typeof title, id: string, change: (records: JsonObject[]) => void): string {
  const records = sampleRecords(id, 3, 1).map((record) => structuredClone(record))
  change(records)
  return csv(type, records, 'name')
}

describe('a file as a department writes it', () => {
  const records = sampleRecords(marriage.id, 50, 1)

  test.each([1, 2, 7, 4096, 1_000_000])(
    'GB18030 with Chinese titles is read in chunks of %i bytes',
    async (size) => {
      const bytes = encodeGb18030(csv(marriage, records, 'zh'))
      expect(plain(await read(marriage, bytes, asCsv, size))).toEqual(records)
    },
  )

  test('UTF-8 with a byte order mark and field names is read', async () => {
    const text = `\uFEFF${csv(practice, sampleRecords(practice.id, 50, 1), 'name')}`
    expect(plain(await read(practice, text))).toEqual(sampleRecords(practice.id, 50, 1))
  })

  test('UTF-8 cut anywhere, also inside the 64 KiB that are looked at, stays UTF-8', async () => {
    const many = sampleRecords(title.id, 400, 1)
    const bytes = new TextEncoder().encode(csv(title, many, 'zh'))
    expect(bytes.length).toBeGreaterThan(130_000)
    for (const size of [65_535, 65_536, 65_537, 1001])
      expect(plain(await read(title, bytes, asCsv, size))).toEqual(many)
  })

  test('JSON lines and a JSON array are read', async () => {
    const lines = records.map((record) => JSON.stringify(record)).join('\n')
    expect(plain(await read(marriage, lines, { format: 'jsonl' }, 13))).toEqual(records)
    const array = JSON.stringify(records)
    expect(plain(await read(marriage, array, { format: 'json' }))).toEqual(records)
  })

  test('characters beyond the Basic Multilingual Plane survive GB18030', async () => {
    const record = { ...sampleRecord(title.id, 2, 1), right_holder: '样本𠮷' }
    const bytes = encodeGb18030(csv(title, [record], 'zh'))
    expect(plain(await read(title, bytes))).toEqual([record])
  })

  test('spaces around cells do not count, columns may stand in any order', async () => {
    const text = csv(title, sampleRecords(title.id, 2, 1), 'name')
    const turned = text
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(',').reverse().join(' , ').replaceAll('" ,', ' ",'))
      .join('\n')
    expect(plain(await read(title, turned.replaceAll(', "', ',"')))).toEqual(
      sampleRecords(title.id, 2, 1),
    )
  })

  test('a mapping names foreign columns and leaves others out', async () => {
    const text = csv(title, sampleRecords(title.id, 2, 1), 'name')
      .replace('"location"', '"ZL"')
      .replace('"term"', '"internal"')
    const rows = await read(title, text, {
      ...asCsv,
      mapping: { ZL: 'location', internal: null },
    })
    const expected = sampleRecords(title.id, 2, 1).map(({ term: _, ...rest }) => rest)
    expect(plain(rows)).toEqual(expected)
    const lines = JSON.stringify({ ...sampleRecord(title.id, 1, 1), x: 1 })
    const mapped = await read(title, lines, { format: 'jsonl', mapping: { x: null } })
    expect(plain(mapped)).toEqual([sampleRecord(title.id, 1, 1)])
  })
})

describe('a bad row', () => {
  test('is told by row, column and code, and the others are read', async () => {
    const text = changed(title, title.id, (records) => {
      records[1]!.holder_document_number = '110105194912310021'
    })
    const rows = await read(title, text)
    expect(rows.map(({ error }) => error?.code)).toEqual([
      undefined,
      'certificate/wrong-check-digit',
      undefined,
    ])
    expect(rows[1]).toMatchObject({
      row: 2,
      error: { detail: { path: 'holder_document_number', column: 4 } },
    })
  })

  test('with a number that a spreadsheet mangled has its own code', async () => {
    const text = changed(title, title.id, (records) => {
      records[0]!.holder_document_number = '5.10E+17'
    })
    expect((await read(title, text))[0]!.error?.code).toBe('certificate/mangled-number')
  })

  test('inside the second party names the column of that party', async () => {
    const text = changed(marriage, marriage.id, (records) => {
      ;(records[0]!.parties as JsonObject[])[1]!.birth_date = '1990-02-30'
    })
    expect((await read(marriage, text))[0]).toMatchObject({
      error: {
        code: 'certificate/no-such-day',
        detail: { path: 'parties.1.birth_date', column: 12 },
      },
    })
  })

  test('with a missing party or an item too short is refused', async () => {
    const alone = changed(marriage, marriage.id, (records) => {
      ;(records[0]!.parties as JsonObject[]).pop()
    })
    expect((await read(marriage, alone))[0]!.error?.code).toBe('certificate/wrong-form')
    const text = changed(practice, practice.id, (records) => {
      records[0]!.subjects = ['内科', '', '外科']
    })
    expect((await read(practice, text))[0]).toMatchObject({
      error: { code: 'certificate/wrong-form', detail: { path: 'subjects.1', column: 10 } },
    })
  })

  test('with another number of columns is refused, whatever the cells hold', async () => {
    const text = `${csv(title, [sampleRecord(title.id, 1, 1)], 'name')}"一"\r\n"二","三"\r\n`
    const codes = (await read(title, text)).map(({ error }) => error?.code)
    expect(codes).toEqual([undefined, 'connector/wrong-width', 'connector/wrong-width'])
  })

  test('of JSON lines that is no JSON, no object or has a member twice is refused alone', async () => {
    const good = JSON.stringify(sampleRecord(title.id, 1, 1))
    const lines = [good, '{', '[]', good.replace('{', '{"use":"x",'), '', good].join('\n')
    const rows = await read(title, lines, { format: 'jsonl' })
    expect(rows.map(({ row, error }) => [row, error?.code])).toEqual([
      [1, undefined],
      [2, 'json/malformed'],
      [3, 'json/malformed'],
      [4, 'json/duplicate-member'],
      [5, undefined],
    ])
  })

  test('I5: says nothing of the person in it', async () => {
    const records = sampleRecords(marriage.id, 30, 1)
    const [header, ...lines] = csv(marriage, records, 'name').split('\r\n')
    const body = lines.join('\n').replaceAll('男', '某男').replaceAll('19', '１９')
    for (const { error } of await read(marriage, `${header}\n${body}`)) {
      expect(error?.code).toBe('certificate/wrong-form')
      const told = JSON.stringify([error?.message, error?.detail, String(error?.cause)])
      for (const secret of ['样本', '某男', '１９']) expect(told).not.toContain(secret)
    }
  })
})

describe('a file that cannot be read', () => {
  test('for its header names the column by its position only', async () => {
    const text = csv(title, sampleRecords(title.id, 2, 1), 'name')
    const headless = text.slice(text.indexOf('\n') + 1)
    expect(await refused(read(title, headless))).toEqual({
      code: 'connector/unknown-column',
      detail: { column: 1 },
    })
    expect(await refused(read(title, text.replace('"location"', '"registry"')))).toEqual({
      code: 'connector/duplicate-column',
      detail: { column: 15 },
    })
    const mapping = { location: null }
    expect(await refused(read(title, text, { ...asCsv, mapping }))).toEqual({
      code: 'connector/missing-column',
      detail: { path: 'location' },
    })
    for (const name of ['constructor', '__proto__', 'parties.3.name'])
      expect((await refused(read(title, text.replace('"use"', `"${name}"`)))).code).toBe(
        'connector/unknown-column',
      )
  })

  test('B11: for its encoding is refused at the first wrong byte', async () => {
    const bytes = new TextEncoder().encode(csv(title, sampleRecords(title.id, 400, 1), 'zh'))
    const broken = bytes.slice()
    broken[100_000] = 0xff
    expect((await refused(read(title, broken))).code).toBe('connector/bad-encoding')
    const gb = encodeGb18030(csv(title, sampleRecords(title.id, 2, 1), 'zh'))
    expect((await refused(read(title, gb, { ...asCsv, encoding: 'utf-8' }))).code).toBe(
      'connector/bad-encoding',
    )
    expect((await refused(read(title, Uint8Array.from([...gb, 0xff])))).code).toBe(
      'connector/bad-encoding',
    )
  })

  test('for quotes that do not close is refused with its line and without its text', async () => {
    const text = csv(title, sampleRecords(title.id, 3, 1), 'name')
    const broken = `${text}"样本"乙,"x"\r\n`
    const error = await refused(read(title, broken))
    expect(error.code).toBe('connector/bad-csv')
    expect(JSON.stringify(error.detail)).not.toContain('样本')
    expect((await refused(read(title, `${text}"never closed`))).code).toBe('connector/bad-csv')
    expect((await refused(read(title, ''))).code).toBe('connector/bad-csv')
  })

  test('B6: for a record without end is refused before it is held in memory', async () => {
    let sent = 0
    async function* endless(head: string, piece: string): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode(head)
      for (;;) {
        sent += piece.length
        if (sent > 10_000_000) throw new Error('read on and on')
        yield new TextEncoder().encode(piece)
      }
    }
    const header = csv(title, [], 'name')
    const long = readRecords(title, endless(`${header}"`, 'x'.repeat(1000)), asCsv)
    expect((await refused(Array.fromAsync(long))).code).toBe('connector/record-too-large')
    sent = 0
    const line = readRecords(title, endless('{"', 'x'.repeat(1000)), { format: 'jsonl' })
    expect((await refused(Array.fromAsync(line))).code).toBe('connector/record-too-large')
  })

  test('for its number of rows is refused at the first one too many', async () => {
    const text = csv(title, sampleRecords(title.id, 3, 1), 'name')
    expect((await refused(read(title, text, { ...asCsv, maxRows: 2 }))).code).toBe(
      'connector/too-many-rows',
    )
    expect(await read(title, text, { ...asCsv, maxRows: 3 })).toHaveLength(3)
  })

  test('for being no JSON array is refused', async () => {
    const as = { format: 'json' } as const
    expect((await refused(read(title, '{}', as))).code).toBe('json/malformed')
    expect((await refused(read(title, '[', as))).code).toBe('json/malformed')
    expect((await read(title, '[1]', as))[0]!.error?.code).toBe('json/malformed')
  })

  test('for its source failing passes that failure on', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode(csv(title, [], 'name'))
      throw new RangeError('the disk is gone')
    }
    await expect(Array.fromAsync(readRecords(title, failing(), asCsv))).rejects.toThrow(RangeError)
  })
})

test('the same record has the same key in whatever file, another record another', async () => {
  const text = csv(title, sampleRecords(title.id, 20, 1), 'zh')
  const lines = sampleRecords(title.id, 20, 1)
    .map((record) => JSON.stringify(Object.fromEntries(Object.entries(record).reverse())))
    .join('\n')
  const keys = (rows: RecordRow[]) => rows.map(({ claims }) => recordKey(title, claims!))
  const fromCsv = keys(await read(title, text))
  expect(keys(await read(title, lines, { format: 'jsonl' }))).toEqual(fromCsv)
  expect(new Set(fromCsv).size).toBe(20)
})
