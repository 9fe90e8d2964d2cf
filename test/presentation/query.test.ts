import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { matchQuery } from '../../src/presentation/query.ts'
import { readQuery, readRequest } from '../../src/presentation/request.ts'
import { codeOf, titleType } from '../credential/samples.ts'
import { challenge, held } from './samples.ts'

const title = {
  id: 'title',
  format: 'dc+sd-jwt',
  meta: { vct_values: [titleType] },
  claims: [{ path: ['location'] }, { path: ['document', 'kind'] }],
}
const licence = {
  id: 'licence',
  format: 'jwt_vc_json',
  meta: { type_values: [['RealEstateTitle']] },
  claims: [{ path: ['credentialSubject', 'right_holder'] }, { path: ['type'] }],
}
const request = (dcql: unknown = { credentials: [title] }) => ({
  ...challenge,
  purpose: '贷款审查',
  dcql: dcql as Json,
})
const query = (dcql: unknown) => readQuery(dcql as Json)
const bound = () => true

describe('a request', () => {
  test('is read from text and from data', () => {
    expect(readRequest(JSON.stringify(request()))).toMatchObject({
      ...challenge,
      purpose: '贷款审查',
    })
    expect(readRequest(request()).dcql.credentials).toHaveLength(1)
  })

  test.each<[string, object]>([
    ['no nonce', { nonce: undefined }],
    ['a short nonce', { nonce: 'short' }],
    ['no audience', { audience: '' }],
    ['several audiences', { audience: ['a'] }],
    ['no purpose', { purpose: '' }],
    ['a purpose of 201 characters', { purpose: '证'.repeat(201) }],
    ['no query', { dcql: undefined }],
    ['an empty query', { dcql: {} }],
    ['no credential in the query', { dcql: { credentials: [] } }],
    ['another member', { redirect: 'https://127.0.0.1' }],
    ['two queries of one id', { dcql: { credentials: [title, title] } }],
    [
      'a set of unknown queries',
      { dcql: { credentials: [title], credential_sets: [{ options: [['x']] }] } },
    ],
    [
      'a claim set of unknown claims',
      { dcql: { credentials: [{ ...title, claim_sets: [['x']] }] } },
    ],
    ['a credential that is no object', { dcql: { credentials: ['x'] } }],
    ['an empty path', { dcql: { credentials: [{ ...title, claims: [{ path: [] }] }] } }],
    [
      'a path that is no list',
      { dcql: { credentials: [{ ...title, claims: [{ path: 'location' }] }] } },
    ],
    [
      'a path to a prototype member',
      { dcql: { credentials: [{ ...title, claims: [{ path: ['constructor', 'name'] }] }] } },
    ],
    [
      'a path to __proto__',
      { dcql: { credentials: [{ ...title, claims: [{ path: ['__proto__'] }] }] } },
    ],
    ['a format of nobody', { dcql: { credentials: [{ ...title, format: 'pdf' }] } }],
  ])('with %s is refused', (_, change) => {
    expect(codeOf(() => readRequest({ ...request(), ...change } as JsonObject))).toBe(
      'presentation/bad-request',
    )
  })

  test('H7: huge queries are refused before they are matched', () => {
    const many = (n: number, make: (i: number) => unknown) =>
      Array.from({ length: n }, (_, i) => make(i))
    const huge = [
      { credentials: many(17, (i) => ({ ...title, id: `q${i}` })) },
      { credentials: [{ ...title, claims: many(101, (i) => ({ path: [`c${i}`] })) }] },
      { credentials: [{ ...title, claims: [{ path: many(17, () => 'a') }] }] },
      { credentials: [{ ...title, claims: [{ path: ['a'], values: many(51, (i) => i) }] }] },
      { credentials: [{ ...title, claim_sets: many(17, () => []) }] },
      { credentials: [title], credential_sets: many(17, () => ({ options: [['title']] })) },
    ]
    for (const dcql of huge) expect(codeOf(() => query(dcql))).toBe('presentation/bad-request')
  })
})

describe('matching', () => {
  const held4 = [held('dc+sd-jwt'), held('vc+jwt'), held('jwt_vc'), held('vc+sd-jwt')]

  test('finds the certificates of the type, and the fields that are asked for', () => {
    const { satisfied, queries } = matchQuery(
      query({ credentials: [title, licence] }),
      held4,
      bound,
    )
    expect(satisfied).toBe(true)
    expect(queries).toEqual([
      {
        id: 'title',
        required: true,
        candidates: [{ index: 0, claims: [['location'], ['document', 'kind']] }],
      },
      {
        id: 'licence',
        required: true,
        candidates: [
          { index: 1, claims: [['right_holder']] },
          { index: 2, claims: [['right_holder']] },
        ],
      },
    ])
  })

  test('a missing claim, another type, another value or no holder binding does not match', () => {
    const matches = (change: object, hasBinding = bound) =>
      matchQuery(query({ credentials: [{ ...title, ...change }] }), held4, hasBinding).satisfied
    expect(matches({})).toBe(true)
    expect(matches({ claims: [{ path: ['beds'] }] })).toBe(false)
    expect(matches({ meta: { vct_values: ['urn:weir:certificate:degree:1'] } })).toBe(false)
    expect(matches({ claims: [{ path: ['location'], values: ['别处'] }] })).toBe(false)
    expect(matches({ claims: [{ path: ['location'], values: ['样例路1号'] }] })).toBe(true)
    expect(matches({}, () => false)).toBe(false)
    expect(matches({ require_cryptographic_holder_binding: false }, () => false)).toBe(true)
  })

  test('of claim sets the first that can be met counts; of credential sets only required ones', () => {
    const sets = {
      ...title,
      claims: [
        { id: 'a', path: ['beds'] },
        { id: 'b', path: ['location'] },
        { id: 'c', path: ['uses', null] },
      ],
      claim_sets: [['a', 'b'], ['c'], ['b']],
    }
    const dcql = query({
      credentials: [sets, { ...licence, meta: { type_values: [['Degree']] } }],
      credential_sets: [{ options: [['title']] }, { options: [['licence']], required: false }],
    })
    const { satisfied, queries } = matchQuery(dcql, held4, bound)
    expect(satisfied).toBe(true)
    expect(queries[0]).toMatchObject({
      required: true,
      candidates: [{ index: 0, claims: [['uses', null]] }],
    })
    expect(queries[1]).toMatchObject({ required: false, candidates: [] })
  })

  test('vc+sd-jwt answers by its types', () => {
    const dcql = query({
      credentials: [
        {
          id: 'q',
          format: 'vc+sd-jwt',
          meta: { type_values: [['RealEstateTitle']] },
          claims: [{ path: ['credentialSubject', 'location'] }],
        },
      ],
    })
    expect(matchQuery(dcql, held4, bound).queries[0]!.candidates).toEqual([
      { index: 3, claims: [['location']] },
    ])
  })
})
