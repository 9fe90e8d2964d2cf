import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { KnownDigests } from '../../src/vcdm/resources.ts'
import { refused } from './samples.ts'

const id = 'https://a.example/terms.json'
const digest = (hash: string, text: string) =>
  new Uint8Array(createHash(hash).update(text).digest())
const digestsOf = (text: string) => ({
  sha256: digest('sha256', text),
  sha384: digest('sha384', text),
  sha512: digest('sha512', text),
})
const known: KnownDigests = (asked) => (asked === id ? digestsOf('terms') : undefined)

const sri = (hash: string, text: string) =>
  `${hash}-${createHash(hash).update(text).digest('base64')}`
const multihash = (code: number[], hash: string, text: string) =>
  `u${Buffer.from([...code, ...digest(hash, text)]).toString('base64url')}`
const resource = (rest: object) => ({ relatedResource: { id, ...rest } })

test.each(['sha256', 'sha384', 'sha512'])('a %s digest of what is kept here is checked', (hash) => {
  expect(refused(resource({ digestSRI: sri(hash, 'terms') }), known)).toBeUndefined()
  expect(refused(resource({ digestSRI: sri(hash, 'other') }), known)).toBe(
    'vcdm/bad-resource relatedResource/0/',
  )
})

test.each<[number[], string]>([
  [[0x12, 0x20], 'sha256'],
  [[0x20, 0x30], 'sha384'],
  [[0x13, 0x40], 'sha512'],
  [[], 'sha256'],
])('a multibase digest %j of what is kept here is checked', (code, hash) => {
  expect(
    refused(resource({ digestMultibase: multihash(code, hash, 'terms') }), known),
  ).toBeUndefined()
  expect(refused(resource({ digestMultibase: multihash(code, hash, 'other') }), known)).toBe(
    'vcdm/bad-resource relatedResource/0/',
  )
})

test('the digests that the data model states of its own context hold for the one that is kept', async () => {
  const { keptContexts } = await import('../../src/adapters/dataIntegrity/contexts.ts')
  const kept = keptContexts([])
  const base = 'https://www.w3.org/ns/credentials/v2'
  const stated = {
    id: base,
    mediaType: 'application/ld+json',
    digestSRI: 'sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU',
    digestMultibase: 'uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ',
  }
  const digests: KnownDigests = (asked) => kept.get(asked)?.digests
  expect(refused({ relatedResource: stated }, digests)).toBeUndefined()
  const other = { ...stated, digestSRI: sri('sha384', 'other') }
  expect(refused({ relatedResource: other }, digests)).toBe('vcdm/bad-resource relatedResource/0/')
})

test('of what is not kept the form alone is checked', () => {
  expect(refused(resource({ digestSRI: sri('sha256', 'anything') }))).toBeUndefined()
  expect(
    refused(resource({ digestMultibase: multihash([0x12, 0x20], 'sha256', 'x') })),
  ).toBeUndefined()
})

test.each<[string, unknown]>([
  ['text', 'https://a.example/terms.json'],
  ['a list of texts', ['https://a.example/terms.json']],
  ['nothing', []],
  ['no digest', { id }],
  ['no id', { digestSRI: sri('sha256', 'x') }],
  [
    'one id twice',
    [
      { id, digestSRI: sri('sha256', 'x') },
      { id, digestSRI: sri('sha256', 'x') },
    ],
  ],
  ['a hash that nobody knows', { id, digestSRI: 'md5-AAAA' }],
  ['no metadata', { id, digestSRI: 1 }],
  ['a digest in no multibase', { id, digestMultibase: 'xAAAA' }],
  [
    'a multihash of another length',
    { id, digestMultibase: `u${Buffer.from([0x12, 0x20, 1]).toString('base64url')}` },
  ],
  ['a media type that is none', { id, digestSRI: sri('sha256', 'x'), mediaType: 'json' }],
])('%s is refused', (_, relatedResource) => {
  expect(refused({ relatedResource })).toMatch(/^vcdm\/bad-resource relatedResource/)
})
