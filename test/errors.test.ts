import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { certificatesPage } from '../scripts/docs/certificates.ts'
import { errorsPage } from '../scripts/docs/errors.ts'
import { codes } from '../src/errors.ts'
import en from '../src/messages/en.json' with { type: 'json' }
import zh from '../src/messages/zh.json' with { type: 'json' }

const listed = [...codes].sort()
const lists = ['src/errors.ts', 'src/codes.ts']
const sources = globSync('src/**/*.{ts,tsx}').filter((file) => !lists.includes(file))
const source = sources.map((file) => readFileSync(file, 'utf8')).join('\n')

test('no code is listed twice, and each is written room/what', () => {
  expect(new Set(codes).size).toBe(codes.length)
  for (const code of codes)
    expect(code).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/)
})

test('every code has one sentence in English and one in Chinese, and no sentence is left over', () => {
  expect(Object.keys(en).sort()).toEqual(listed)
  expect(Object.keys(zh).sort()).toEqual(listed)
})

test('every sentence ends as one, in its own language, and asks no reader to know a code', () => {
  for (const sentence of Object.values(en)) expect(sentence).toMatch(/^[A-Z].*[.]$/s)
  for (const sentence of Object.values(zh)) expect(sentence).toMatch(/\p{Script=Han}.*。$/su)
})

test('every code is used in src', () => {
  const unused = codes.filter((code) => !source.includes(`'${code}'`))
  expect(unused).toEqual([])
})

test('docs/errors.md and docs/certificates.md say what the code says (else: node scripts/docs.ts)', () => {
  const stale = Object.entries({ errors: errorsPage(), certificates: certificatesPage() })
    .filter(([name, page]) => readFileSync(`docs/${name}.md`, 'utf8') !== page)
    .map(([name]) => name)
  expect(stale).toEqual([])
})
