import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDistrict, startTestService, type TestDistrict } from '../support/service.ts'
import { weirJson } from '../support/weir.ts'

const name = 'registration-centre'
let district: TestDistrict
beforeAll(async () => {
  district = await startTestDistrict([name])
})
afterAll(() => district?.close())

test('K10: weir fsck follows the audit log of a service, and names the line somebody changed', async () => {
  const running = await startTestService(district.home, name)
  for (const token of ['auditor-1', 'auditor-2', 'auditor-3']) {
    expect((await running.ask('GET', '/audit', { token })).status).toBe(200)
  }
  await running.close()
  const env = { WEIR_HOME: district.home.path }
  const before = await weirJson(['fsck', name], { env })
  expect([before.code, before.answer.wrong, before.answer.checked.store]).toEqual([0, 0, 1])

  const database = new DatabaseSync(join(district.home.path, `departments/${name}/store.sqlite`))
  const changed = "update audit set entry = replace(entry, 'auditor-2', 'auditor-9')"
  expect(database.prepare(changed).run().changes).toBeGreaterThan(0)
  const row = database.prepare("select id from audit where entry like '%auditor-9%'").get()
  database.close()

  const after = await weirJson(['fsck', name], { env })
  expect(after.code).toBe(1)
  expect(after.answer.first).toMatchObject({
    stage: 'store',
    row: `audit ${row?.id}`,
    code: 'store/corrupt',
  })
})
