import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseJsonObject } from '../../src/credential/json.ts'
import { textOf } from '../../src/credential/jws.ts'
import type { PublicJwk } from '../../src/primitives/model.ts'
import { sides } from './sides.ts'

const folder = new URL('../../../shared/vectors/wycheproof/', import.meta.url)
const absent = !existsSync(folder)
if (absent) console.warn('Wycheproof: skipped, no vectors beside this clone (../shared/vectors)')

type Vector = {
  tcId: number
  msg: string
  sig: string
  jws: string
  result: string
  flags: string[]
}
type Group = {
  publicKeyJwk?: PublicJwk
  publicKey?: { uncompressed: string }
  public?: PublicJwk
  tests: Vector[]
}

function groups(file: string): Group[] {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')).testGroups
}

const files = [
  ['ecdsa_secp256r1_sha256_p1363_test.json', 'P-256'],
  ['ecdsa_secp256k1_sha256_p1363_test.json', 'secp256k1'],
  ['ed25519_test.json', 'Ed25519'],
] as const

/** Some groups have no JWK; the point is the same. */
function jwkOf(group: Group, crv: string): PublicJwk {
  if (group.publicKeyJwk !== undefined) return group.publicKeyJwk
  const point = Buffer.from(group.publicKey!.uncompressed, 'hex')
  const part = (from: number) => point.subarray(from, from + 32).toString('base64url')
  return { kty: 'EC', crv, x: part(1), y: part(33) }
}

describe.skipIf(absent)('A9: Wycheproof', () => {
  for (const [file, crv] of files) {
    test.each(sides)(`%s: ${crv} valid ones are accepted, all others refused`, (_, side) => {
      const wrong: number[] = []
      let invalid = 0
      for (const group of groups(file)) {
        const key = side.importPublicKey(jwkOf(group, crv))
        for (const { tcId, msg, sig, result } of group.tests) {
          const holds = side.verifySignature(key, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex'))
          if (holds !== (result === 'valid')) wrong.push(tcId)
          if (result !== 'valid') invalid++
        }
      }
      expect(wrong).toEqual([])
      expect(invalid).toBeGreaterThan(50)
    })
  }

  test.each(sides)(
    'A1: %s: no invalid JSON Web Signature passes; of the valid, ES256 alone',
    (_, side) => {
      const accepts = (jws: string, jwk: PublicJwk) => {
        try {
          const [head, body, tail, ...more] = jws.split('.')
          if (more.length > 0 || body === undefined || tail === undefined) return false
          const key = side.importPublicKey(jwk)
          if (parseJsonObject(textOf(head!)).alg !== key.alg) return false
          return side.verifySignature(key, `${head}.${body}`, side.decodeBase64url(tail))
        } catch {
          return false
        }
      }
      let invalid = 0
      let accepted = 0
      for (const group of groups('json_web_signature_test.json')) {
        const jwk = (group.public ?? { kty: 'oct', crv: '', x: '' }) as PublicJwk & {
          key_ops?: string[]
          use?: string
        }
        for (const { tcId, jws, result } of group.tests) {
          const holds = accepts(jws, jwk)
          if (holds && result === 'valid') accepted++
          if (result === 'valid') continue
          invalid++
          // A JWK's own `alg`, `use` and `key_ops` are not ours: purpose comes from DepartmentRegistry.
          if (jwk.key_ops !== undefined || jwk.use === 'enc') continue
          expect(holds, `${tcId}`).toBe(false)
        }
      }
      expect(invalid).toBe(355)
      expect(accepted).toBe(2)
    },
  )
})
