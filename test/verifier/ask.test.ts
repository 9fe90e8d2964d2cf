import { expect, test } from 'vitest'
import { ask, questionOf } from '../../src/verifier/ask.ts'
import { codeOf } from '../anchor/leaves.ts'

const dcql = { credentials: [{ id: 'title', format: 'dc+sd-jwt', meta: { vct_values: ['x'] } }] }
const asked = { audience: 'https://verifier.example', purpose: 'A sample purpose', dcql }

test('a request has a fresh nonce of 32 bytes each time', () => {
  const nonces = Array.from({ length: 100 }, () => ask(asked).nonce)
  expect(new Set(nonces).size).toBe(100)
  expect(nonces.every((nonce) => Buffer.from(nonce, 'base64url').length === 32)).toBe(true)
})

test('the question of a request is its nonce and audience', () => {
  const request = ask(asked)
  expect(questionOf(request, true)).toEqual({
    kind: 'presentation',
    nonce: request.nonce,
    audience: asked.audience,
    sameHolder: true,
  })
})

test('a request without audience, with too long a purpose or no query is refused', () => {
  const wrong = [{ audience: '' }, { purpose: 'x'.repeat(201) }, { purpose: '' }, { dcql: {} }]
  for (const change of wrong) {
    expect(codeOf(() => ask({ ...asked, ...change }))).toBe('presentation/bad-request')
  }
})
