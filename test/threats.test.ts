import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync('docs/threats.md', 'utf8')

/** How many rows each part has. */
const parts: Readonly<Record<string, number>> = {
  ...{ A: 12, B: 12, C: 12, D: 21, E: 14, F: 11, G: 9 },
  ...{ H: 14, I: 8, J: 13, K: 11, L: 6, M: 6 },
}

type Row = {
  readonly id: string
  readonly severity: string
  readonly tests: readonly { readonly file: string; readonly title: string }[]
  readonly reason: string | undefined
}

/** The rows of all tables: of a threat, its id and severity; of a library, its name and nothing. */
function rowsOf(text: string): Row[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('| ') || line.startsWith('| id ') || line.startsWith('| where ')) return []
    const cells = line.slice(2, -2).split(' | ')
    const entries = (cells.at(-1) ?? '').split('<br>')
    const tests = entries.flatMap((entry) => {
      const found = /^`(test\/[^`]+)` (.+)$/.exec(entry)
      return found ? [{ file: found[1]!, title: found[2]! }] : []
    })
    const reason = entries.find((entry) => !entry.startsWith('`'))
    return [{ id: cells[0]!, severity: cells.length === 4 ? cells[2]! : '', tests, reason }]
  })
}

/** A title counts where the file holds it as one whole literal. */
function exists({ file, title }: { file: string; title: string }): boolean {
  if (!existsSync(file)) return false
  const text = readFileSync(file, 'utf8')
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`))
}

const rows = rowsOf(page)
const threats = rows.filter(({ severity }) => severity !== '')

test('every row claims only tests that exist, by file and whole title', () => {
  const missing = rows.flatMap(({ id, tests }) =>
    tests.filter((one) => !exists(one)).map(({ file, title }) => `${id}: ${file} ${title}`),
  )
  expect(missing).toEqual([])
  expect(rows.flatMap(({ tests }) => tests).length).toBeGreaterThan(200)
})

test('every threat has its row once, in order, and there are no others', () => {
  const ids = Object.entries(parts).flatMap(([part, count]) =>
    Array.from({ length: count }, (_, at) => `${part}${at + 1}`),
  )
  expect(threats.map(({ id }) => id)).toEqual(ids)
  expect(threats.filter(({ severity }) => !/^[CHML]$/.test(severity))).toEqual([])
})

test('every row has a test, or says what it waits for or lacks', () => {
  const reasons = /^\*(Waits|Not covered|Documented)\b.+/
  const silent = rows.filter(
    ({ tests, reason }) =>
      (tests.length === 0 || reason !== undefined) && !reasons.test(reason ?? ''),
  )
  expect(silent.map(({ id }) => id)).toEqual([])
})

test('what forges, loses or breaks is covered, and waits only for what is not built', () => {
  const core = threats.filter(({ id, severity }) => /[A-J]/.test(id[0]!) && /[CH]/.test(severity))
  const open = core.filter(({ tests }) => tests.length === 0)
  expect(open.every(({ reason }) => reason?.startsWith('*Waits for '))).toBe(true)
  const notBuilt = ['D17', 'D18']
  expect(open.map(({ id }) => id).filter((id) => !notBuilt.includes(id))).toEqual([])
})

test('a row is read as it is written: a title cut short, a missing file and a bare row are seen', () => {
  const [row] = rowsOf(
    '| A1 | words | C | `test/a.ts` one<br>`test/b.ts` two, %s<br>*Waits* for c. |',
  )
  expect(row).toEqual({
    id: 'A1',
    severity: 'C',
    tests: [
      { file: 'test/a.ts', title: 'one' },
      { file: 'test/b.ts', title: 'two, %s' },
    ],
    reason: '*Waits* for c.',
  })
  const file = 'test/errors.test.ts'
  expect(exists({ file, title: 'every code is used in src' })).toBe(true)
  expect(exists({ file, title: 'every code is used' })).toBe(false)
  expect(exists({ file: 'test/none.test.ts', title: 'one' })).toBe(false)
})
