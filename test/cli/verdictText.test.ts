import { expect, test } from 'vitest'
import { checkLines, headline } from '../../src/cli/verdictText.ts'
import type { Check } from '../../src/verdict/model.ts'

const pass: Check = { name: 'signature', outcome: 'pass', code: 'signature/good' }

function failed(name: Check['name'], code: Check['code']): Check {
  return { name, outcome: 'fail', code }
}

test('expired or superseded is not called invalid but by its own word', () => {
  const words = [
    ['status', 'status/superseded', 'replaced', '已被替换'],
    ['status', 'status/revoked', 'revoked', '已撤销'],
    ['status', 'status/suspended', 'suspended', '已暂扣'],
    ['validityPeriod', 'validity/expired', 'expired', '已过期'],
  ] as const
  for (const [name, code, en, zh] of words) {
    expect(headline('invalid', [pass, failed(name, code)])).toEqual({ en, zh })
  }
})

test('a certificate with two faults, or a forged one, is not valid', () => {
  const two = [failed('status', 'status/superseded'), failed('key', 'key/compromised')]
  expect(headline('invalid', two).en).toBe('not valid')
  expect(headline('invalid', [failed('signature', 'signature/bad')]).en).toBe('not valid')
})

test('an unknown issuer is not a forgery and says so', () => {
  const check: Check = {
    name: 'issuer',
    outcome: 'unknown',
    code: 'accreditation/unknown-issuer',
  }
  const rest: Check = { name: 'status', outcome: 'unknown', code: 'verdict/not-reached' }
  expect(headline('unknown', [pass, check, rest]).en).toBe('could not check (unknown issuer)')
})

test('a bad signature hides every later check', () => {
  const checks: Check[] = [
    failed('signature', 'signature/bad'),
    { name: 'status', outcome: 'unknown', code: 'verdict/not-reached' },
  ]
  const lines = checkLines(checks, 'en')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^ {2}✘ signature: failed\. .*\[signature\/bad\]$/)
})

test('each check is an icon, a word and a sentence in the language asked for', () => {
  expect(checkLines([pass], 'zh')[0]).toMatch(/^ {2}✔ 签名：通过。.*。 \[signature\/good\]$/)
})

test('checks that one reason stops stand on one line; failures never share one', () => {
  const stopped = (['evidence', 'issuer', 'key'] as const).map(
    (name): Check => ({ name, outcome: 'unknown', code: 'evidence/header-not-vouched' }),
  )
  expect(checkLines(stopped, 'en')).toHaveLength(1)
  expect(checkLines(stopped, 'en')[0]).toContain('evidence, issuer, key: could not check')
  const twice = [failed('key', 'key/retired'), failed('anchor', 'key/retired')]
  expect(checkLines(twice, 'en')).toHaveLength(2)
})
