import { describe, expect, test } from 'vitest'
import type { Format } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import type { Code } from '../../src/errors.ts'
import { present } from '../../src/holder/present.ts'
import { receive } from '../../src/holder/receive.ts'
import { hex } from '../../src/primitives/bytes.ts'
import type { Check, Verdict } from '../../src/verdict/model.ts'
import { draftOf, formats, holderJwk, tokenOf } from '../credential/samples.ts'
import { now, otherHolderJwk } from '../presentation/samples.ts'

import { code, proof, request, verdictOf, wallet } from './samples.ts'

const token = tokenOf(draftOf('dc+sd-jwt'))

describe('receive', () => {
  test.each(formats)(
    'a good certificate in %s is kept under its fingerprint',
    async (format: Format) => {
      const { holder, records } = wallet()
      const one = tokenOf(draftOf(format))
      const record = await receive(holder, one)
      expect(record).toEqual({
        id: hex(parseCredential(one).fingerprint),
        token: one,
        proof: undefined,
        receivedAt: now,
      })
      expect([...records.values()]).toEqual([record])
    },
  )

  test('received again with its inclusion proof, the proof joins, and stays', async () => {
    const { holder, records } = wallet()
    await receive(holder, token)
    await receive({ ...holder, now: () => new Date(0) }, token, proof)
    await receive(holder, token)
    expect([...records.values()]).toEqual([
      { id: expect.any(String), token, proof, receivedAt: now },
    ])
  })

  test('one whose anchor is still on its way is kept', async () => {
    const pending: Check[] = [
      { name: 'anchor', outcome: 'unknown', code: 'anchor/pending' },
      { name: 'signingTime', outcome: 'unknown', code: 'verdict/not-reached' as Code },
    ]
    const { holder } = wallet([holderJwk], async (one) => verdictOf(one, ...pending))
    expect(await code(() => receive(holder, token))).toBe('accepted')
  })

  const refusals: [string, Check[]][] = [
    ['a bad signature', [{ name: 'signature', outcome: 'fail', code: 'signature/bad' as Code }]],
    ['a revoked status', [{ name: 'status', outcome: 'fail', code: 'status/revoked' as Code }]],
    [
      'a status that could not be read',
      [{ name: 'status', outcome: 'unknown', code: 'status/unreadable' as Code }],
    ],
    [
      'an unknown issuer',
      [{ name: 'issuer', outcome: 'unknown', code: 'accreditation/unknown-issuer' as Code }],
    ],
    ['no anchor', [{ name: 'anchor', outcome: 'fail', code: 'anchor/not-anchored' as Code }]],
    [
      'an anchor that was not looked for',
      [{ name: 'anchor', outcome: 'unknown', code: 'anchor/no-proof' as Code }],
    ],
    [
      'pending under another name',
      [{ name: 'status', outcome: 'unknown', code: 'anchor/pending' }],
    ],
    [
      'pending, and an accreditation that failed',
      [
        { name: 'anchor', outcome: 'unknown', code: 'anchor/pending' },
        { name: 'accreditation', outcome: 'fail', code: 'accreditation/none' as Code },
      ],
    ],
    [
      'pending, and a status that could not be read',
      [
        { name: 'anchor', outcome: 'unknown', code: 'anchor/pending' },
        { name: 'status', outcome: 'unknown', code: 'verdict/not-reached' as Code },
      ],
    ],
  ]
  test.each(refusals)('H12: with %s it is refused and not kept', async (_, checks) => {
    const { holder, records } = wallet([holderJwk], async (one) => verdictOf(one, ...checks))
    expect(await code(() => receive(holder, token))).toBe('TrustError holder/refused')
    expect(records.size).toBe(0)
  })

  test('H12: a verdict on another certificate, on none or on two counts for nothing', async () => {
    const other = tokenOf(draftOf('vc+jwt'))
    const good = verdictOf(token)
    const verdicts: Verdict[] = [
      verdictOf(other),
      { ...good, credentials: [] },
      { ...good, credentials: [...good.credentials, ...good.credentials] },
      { ...good, outcome: 'unknown' },
      { ...good, outcome: 'invalid' },
      { ...good, checks: [{ name: 'form', outcome: 'fail', code: 'credential/malformed' }] },
    ]
    for (const verdict of verdicts) {
      const { holder, records } = wallet([holderJwk], async () => verdict)
      expect(await code(() => receive(holder, token))).toBe('TrustError holder/refused')
      expect(records.size).toBe(0)
    }
  })

  test('H3: what is bound to a key of another wallet, or to none, is not ours', async () => {
    const { holder } = wallet([otherHolderJwk])
    expect(await code(() => receive(holder, token))).toBe('TrustError holder/not-ours')
    const { cnf: _, ...unbound } = draftOf('dc+sd-jwt').payload
    const free = tokenOf({ ...draftOf('dc+sd-jwt'), payload: unbound })
    expect(await code(() => receive(wallet().holder, free))).toBe('TrustError holder/not-ours')
  })

  test('a presentation is no certificate, nor is text', async () => {
    const { holder } = wallet()
    const { id } = await receive(holder, token)
    const shown = await present(holder, request, [{ id, disclose: [['location']] }])
    expect(await code(() => receive(holder, shown.entries[0]!.token))).toBe(
      'InputError credential/malformed',
    )
    expect(await code(() => receive(holder, 'hello'))).toMatch(/^InputError credential\//)
    expect(await code(() => receive(holder, `${token}x`))).toMatch(/^InputError credential\//)
  })

  test('a check that cannot be made keeps nothing', async () => {
    const { holder, records } = wallet([holderJwk], async () => {
      throw new Error('no answer')
    })
    await expect(receive(holder, token)).rejects.toThrow('no answer')
    expect(records.size).toBe(0)
  })
})
