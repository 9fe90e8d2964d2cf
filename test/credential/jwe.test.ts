import { expect, test } from 'vitest'
import { encodeBase64url } from '#primitives'
import { parseCredential } from '../../src/credential/parse.ts'
import { refusal } from '../support/refusal.ts'

const part = (value: object) => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))

test('B9: what is encrypted, packed or dear to open is not even tried', () => {
  for (const header of [
    { alg: 'dir', enc: 'A256GCM', zip: 'DEF', typ: 'dc+sd-jwt' },
    { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 2 ** 31, p2s: 'c2FsdA', typ: 'vc+jwt' },
  ]) {
    const jwe = [part(header), 'a2V5', 'aXY', 'dGV4dA', 'dGFn'].join('.')
    expect(refusal(() => parseCredential(jwe))).toBe('credential/malformed')
    const asJws = [part(header), part({}), 'AA'].join('.')
    expect(refusal(() => parseCredential(asJws))).toBe('credential/alg-not-allowed')
  }
})
