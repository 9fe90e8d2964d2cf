import { expect, test } from 'vitest'
import { districtConfiguration } from '../../src/configuration/district.ts'
import { readConfiguration } from '../../src/configuration/read.ts'
import { newApp } from '../../src/services/app.ts'
import { inHome } from '../../src/wire/home.ts'
import { openWallet } from '../../src/wire/wallet.ts'
import { bareService } from '../support/bareService.ts'
import { tempFolder } from '../support/tempFolder.ts'

const outside = ['../evil', '..', '.', '/etc', 'a/../../b', 'a\\..\\b', '%2e%2e', 'a\0b', '', 'A']

test.each(outside)('J6: a wallet is never opened at %j', async (name) => {
  const home = { path: tempFolder(), configuration: districtConfiguration() }
  const nothing = undefined as never
  await expect(openWallet(home, nothing, nothing, name)).rejects.toMatchObject({
    code: 'configuration/missing',
  })
})

test.each(outside.filter((name) => name !== ''))(
  'J6: no member of a home is called %j, so that no file is named after it',
  (name) => {
    const { departments, ...rest } = districtConfiguration()
    const [member] = Object.values(departments)
    const text = JSON.stringify({ ...rest, departments: { [name]: member } })
    expect(() => readConfiguration(new TextEncoder().encode(text))).toThrowError(
      expect.objectContaining({ code: 'configuration/malformed' }),
    )
  },
)

test('J6: a good name is taken, and its files lie in the home', () => {
  const { departments, ...rest } = districtConfiguration()
  const [member] = Object.values(departments)
  const text = JSON.stringify({ ...rest, departments: { 'land-office': member } })
  const configuration = readConfiguration(new TextEncoder().encode(text))
  expect(Object.keys(configuration.departments)).toEqual(['land-office'])
  expect(inHome({ path: '/home', configuration }, 'wallets/clinic')).toBe('/home/wallets/clinic')
})

test.each([
  '/../weir.json',
  '/..%2fweir.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/reference/../../secret.key',
  '/weir.json',
  '/logs/registration-centre.log',
])('J6: a service has no files, whatever the path: %s', async (path) => {
  const { service } = bareService()
  const answer = await newApp(service).request(`http://127.0.0.1:1${path}`)
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ code: 'request/unknown-route' })
})
