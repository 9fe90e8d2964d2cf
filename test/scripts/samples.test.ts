import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SampleFile } from '../../scripts/samples/files.ts'
import { encodeGb18030 } from '../../scripts/samples/gb18030.ts'
import { sampleRecords } from '../../scripts/samples/records.ts'
import { storyRecords } from '../../scripts/samples/story.ts'
import { checkClaims } from '../../src/certificate/claims.ts'
import { certificateIdentifier } from '../../src/certificate/identifier.ts'
import { builtInTypes, findType } from '../../src/certificate/types.ts'
import { readRecords } from '../../src/connector/recordFile.ts'
import type { JsonObject } from '../../src/credential/model.ts'

const script = new URL('../../scripts/samples.ts', import.meta.url).pathname
let folder: string

function make(name: string, seed: number): string {
  const out = join(folder, name)
  execFileSync(process.execPath, [script, '--count', '30', '--seed', String(seed), '--out', out])
  return out
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-samples-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the script makes a file for each type, and each is read back without an error', async () => {
  const out = make('first', 1)
  const files: SampleFile[] = JSON.parse(readFileSync(join(out, 'files.json'), 'utf8'))
  expect(files).toHaveLength(10)
  expect(files.filter(({ encoding }) => encoding === 'gb18030')).toHaveLength(5)
  expect(new Set(files.map(({ format }) => format))).toEqual(new Set(['csv', 'jsonl']))
  for (const { type, file, format } of files) {
    const source = createReadStream(join(out, file))
    const rows = await Array.fromAsync(readRecords(findType(type), source, { format }))
    expect(rows.map(({ claims }) => JSON.parse(JSON.stringify(claims)))).toEqual(
      sampleRecords(type, 30, 1),
    )
  }
})

test('the same seed makes the same bytes, another seed other ones', () => {
  const [first, again, other] = [make('a', 5), make('b', 5), make('c', 6)]
  for (const file of readdirSync(first)) {
    expect(readFileSync(join(first, file))).toEqual(readFileSync(join(again, file)))
    if (file !== 'files.json')
      expect(readFileSync(join(first, file))).not.toEqual(readFileSync(join(other, file)))
  }
})

test('a wrong option ends with 64 and says how it is used', () => {
  const run = () => execFileSync(process.execPath, [script, '--count', '0'], { stdio: 'pipe' })
  expect(run).toThrow(expect.objectContaining({ status: 64 }))
})

test('no two records of a type have the same identifier', () => {
  for (const type of builtInTypes) {
    const named = sampleRecords(type.id, 400, 1).map((claims, row) =>
      certificateIdentifier(type, claims, { serial: String(row) }),
    )
    expect(new Set(named).size).toBe(400)
  }
})

test('sample people and businesses belong to a region that does not exist', () => {
  const everything = builtInTypes.flatMap(({ id }) => sampleRecords(id, 200, 1))
  const texts = JSON.stringify(everything).match(/"[0-9]{17}[0-9X]"|"91[0-9A-Z]{16}"/g)!
  expect(texts.length).toBeGreaterThan(1000)
  for (const text of texts) expect(text).toMatch(/^"(999901|91999901)/)
})

test("the story's records belong together and pass their checks", () => {
  const { title, businessLicence, practiceLicence, transferredTitle } = storyRecords(1)
  expect(title.right_holder).toBe(businessLicence.name)
  expect(title.holder_document_number).toBe(businessLicence.social_credit_code)
  expect(title.location).toBe(businessLicence.premises)
  expect(practiceLicence.practice_address).toBe(title.location)
  expect(practiceLicence.name).toBe(businessLicence.name)
  expect(transferredTitle.unit_number).toBe(title.unit_number)
  expect(transferredTitle.title_number).not.toBe(title.title_number)
  expect(transferredTitle.right_holder).not.toBe(title.right_holder)
  const each: [string, JsonObject][] = [
    ['real-estate-title', title],
    ['business-licence', businessLicence],
    ['medical-practice-licence', practiceLicence],
    ['real-estate-title', transferredTitle],
  ]
  for (const [id, claims] of each) expect(checkClaims(findType(id), claims)).toEqual(claims)
  expect(sampleRecords('real-estate-title', 1, 1)[0]).toEqual(title)
})

test('what the GB18030 encoder writes, the decoder reads', () => {
  const text = '样本 abc（）；，𠮷𪚥😀€龥'
  expect(new TextDecoder('gb18030', { fatal: true }).decode(encodeGb18030(text))).toBe(text)
  // What iconv (glibc) writes.
  expect([...encodeGb18030('样')]).toEqual([0xd1, 0xf9])
  expect([...encodeGb18030('𠮷')]).toEqual([0x95, 0x34, 0xb2, 0x35])
  expect(() => encodeGb18030('\u0e01')).toThrow(RangeError)
})
