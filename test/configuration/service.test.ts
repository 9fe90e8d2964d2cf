import { expect, test } from 'vitest'
import { districtConfiguration } from '../../src/configuration/district.ts'
import { readConfiguration } from '../../src/configuration/read.ts'

const name = 'registration-centre'
const token = { name: 'front-office', roles: ['clerk'], sha256: 'ab'.repeat(32) }

/** The district's file with one department's `service` member. */
function read(service: unknown) {
  const district = districtConfiguration()
  const departments = {
    ...district.departments,
    [name]: { ...district.departments[name], service },
  }
  return readConfiguration(Buffer.from(JSON.stringify({ ...district, departments })))
}

test('a service’s members are read as they are written', () => {
  const service = {
    host: '127.0.0.1',
    port: 4001,
    proxies: 1,
    requestsPerMinute: 600,
    concurrency: 64,
    fourEyes: ['real-estate-title'],
    tokens: [{ ...token, until: '2027-12-31T23:59:59.999Z' }],
    oidc: { issuer: 'https://login.example', audience: 'registry' },
  }
  expect(read(service).departments[name]?.service).toEqual(service)
})

test.each([
  ['a member misspelt', { ports: 1 }, '/ports'],
  ['a port that is none', { port: 65_536 }, '/port/'],
  ['a token in clear', { tokens: [{ ...token, token: 'weir_x' }] }, '/tokens/0/token'],
  ['a digest that is none', { tokens: [{ ...token, sha256: 'abc' }] }, '/tokens/0/sha256/'],
  ['a role that is none', { tokens: [{ ...token, roles: ['root'] }] }, '/tokens/0/roles/0/'],
  ['a token without a role', { tokens: [{ ...token, roles: [] }] }, '/tokens/0/roles/'],
  ['an end that is no time', { tokens: [{ ...token, until: '2027' }] }, '/tokens/0/until/'],
  ['a login service without audience', { oidc: { issuer: 'https://a.example' } }, '/oidc/'],
  [
    'a login service with a password',
    { oidc: { issuer: 'https://a:b@c.example', audience: 'x' } },
    '/oidc/issuer/',
  ],
])('%s is refused, and where it stands is named', (_what, service, path) => {
  expect(() => read(service)).toThrow(
    expect.objectContaining({
      code: 'configuration/malformed',
      detail: expect.objectContaining({ path: `/departments/${name}/service${path}` }),
    }),
  )
})
