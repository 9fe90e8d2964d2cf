import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { openStore } from '../../../src/adapters/storage/openStore.ts'
import { allSuites } from '../../suites/allSuites.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-suite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let stores = 0
describe('on SQLite', () => {
  allSuites(() => {
    stores += 1
    return openStore({ kind: 'sqlite', path: join(folder, `${stores}.db`) })
  })
})
