import { describe, expect, test } from 'vitest'
import {
  challenge,
  checked,
  findings,
  formats,
  later,
  present,
  presentationPolicy,
  sample,
  stranger,
  together,
} from './sample.ts'

describe('holder binding', () => {
  test('H3: the policy asks for it, never the input: a stripped binding is refused', async () => {
    const { world, anchored } = sample()
    for (const format of formats) {
      const token = anchored({ format, index: 20 + formats.indexOf(format) })
      const verdict = await checked(world, token, presentationPolicy(world))
      expect(findings(verdict)).toEqual(['fail holder/missing'])
    }
  })

  test('H1, H2, H3: another nonce, audience, key or time is refused', async () => {
    const { world, anchored } = sample()
    for (const format of formats) {
      const token = anchored({ format, index: 30 + formats.indexOf(format) })
      const now = world.now()
      const answers: [string, string][] = [
        [
          present(token, now, { to: { ...challenge, nonce: 'another-nonce-0123456789' } }),
          'holder/wrong-nonce',
        ],
        [
          present(token, now, { to: { ...challenge, audience: `${challenge.audience}/` } }),
          'holder/wrong-audience',
        ],
        [present(token, now, { by: stranger }), 'holder/bad-signature'],
        [present(token, later(now, -301)), 'holder/too-old'],
        [present(token, later(now, 61)), 'holder/from-the-future'],
      ]
      for (const [answer, code] of answers) {
        const verdict = await checked(world, answer, presentationPolicy(world))
        expect(findings(verdict)).toEqual([`fail ${code}`])
      }
      for (const good of [present(token, later(now, -300)), present(token, later(now, 60))]) {
        expect((await checked(world, good, presentationPolicy(world))).outcome).toBe('valid')
      }
    }
  })

  test('H2: what was made for one of ten verifiers satisfies no other', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    const audiences = Array.from({ length: 10 }, (_, n) => `https://verifier.example/${n}`)
    for (const made of audiences) {
      const answer = present(token, world.now(), { to: { ...challenge, audience: made } })
      for (const audience of audiences) {
        const question = { kind: 'presentation' as const, ...challenge, audience }
        const verdict = await checked(world, answer, presentationPolicy(world, { question }))
        expect(verdict.outcome).toBe(audience === made ? 'valid' : 'invalid')
      }
    }
  })

  test('H3: a disclosure taken away after signing is seen', async () => {
    const { world, anchored } = sample()
    const answer = present(anchored({ format: 'dc+sd-jwt' }), world.now())
    const parts = answer.split('~')
    const fewer = [...parts.slice(0, 1), ...parts.slice(2)].join('~')
    const verdict = await checked(world, fewer, presentationPolicy(world))
    expect(findings(verdict)).toEqual(['fail holder/other-credential'])
  })

  test('H4: the binding of one credential under another is refused', async () => {
    const { world, anchored } = sample()
    const one = present(anchored({ format: 'dc+sd-jwt', index: 41 }), world.now())
    const other = anchored({ format: 'dc+sd-jwt', index: 42, holder: stranger })
    const mixed = `${other}${one.split('~').at(-1)}`
    const verdict = await checked(world, mixed, presentationPolicy(world))
    expect(findings(verdict)).toEqual(['fail holder/bad-signature'])
    const own = anchored({ format: 'dc+sd-jwt', index: 43 })
    const copied = `${own}${one.split('~').at(-1)}`
    const second = await checked(world, copied, presentationPolicy(world))
    expect(findings(second)).toEqual(['fail holder/other-credential'])
  })

  test('H4: certificates of two holders are refused where one holder is asked for', async () => {
    const { world, anchored } = sample()
    const own = anchored({ index: 51 })
    const second = anchored({ format: 'dc+sd-jwt', index: 52 })
    const strange = anchored({ index: 53, holder: stranger })
    const now = world.now()
    const question = { kind: 'presentation' as const, ...challenge, sameHolder: true }
    const both = together(present(own, now), present(second, now))
    const policy = presentationPolicy(world, { question })
    expect((await checked(world, both, policy)).outcome).toBe('valid')
    const mixed = together(present(own, now), present(strange, now, { by: stranger }))
    expect(findings(await checked(world, mixed, policy))).toEqual(['fail holder/different-holders'])
    const asked = presentationPolicy(world)
    expect((await checked(world, mixed, asked)).outcome).toBe('valid')
  })

  test('every credential in a presentation is judged as fully as one alone', async () => {
    const { world, anchored } = sample()
    const now = world.now()
    const good = anchored({ index: 61 })
    const bad = anchored({ index: 62, key: stranger })
    const both = together(present(good, now), present(bad, now))
    const verdict = await checked(world, both, presentationPolicy(world))
    expect(verdict.credentials.map(({ outcome }) => outcome)).toEqual(['valid', 'invalid'])
    expect(verdict.outcome).toBe('invalid')
  })

  test('a binding that is there must hold even where only the certificate is asked about', async () => {
    const { world, anchored } = sample()
    const token = anchored({ format: 'dc+sd-jwt' })
    expect((await checked(world, present(token, world.now()))).outcome).toBe('valid')
    const forged = present(token, world.now(), { by: stranger })
    expect(findings(await checked(world, forged))).toEqual(['fail holder/bad-signature'])
  })
})
