import { InputError, OutsideError, TrustError } from '../../errors.ts'
import { thumbprint } from '../../identity/thumbprint.ts'
import type { Signer, SignerKey } from '../../ports/signing.ts'
import type { PrivateJwk } from '../../primitives/model.ts'
import { chunksOf, type Pool } from './pool.ts'
import { type Keys, perform, setKey } from './task.ts'
import { requireKind } from './typed.ts'

/** Up to this many are signed here and at once: a thread's answer takes longer to travel. */
const fewInputs = 8
const rememberedNonces = 65_536

/**
 * A signer whose key is in this process.
 *
 * A generator that fails repeats r, and two signatures with one r give the key away: the second is not
 * handed out, and the signer refuses from then on.
 *
 * @param key the public side; its `thumbprint`, `jwk` and `alg` must be those of `privateJwk`.
 * @param pool threads for many inputs; the caller closes it, signers share it.
 * @throws {InputError} `credential/bad-key` if the halves do not belong together.
 */
export function localSigner(key: SignerKey, privateJwk: PrivateJwk, pool: Pool): Signer {
  const { d: _, ...publicJwk } = privateJwk
  if (
    key.alg !== 'ES256' ||
    privateJwk.crv !== 'P-256' ||
    thumbprint(publicJwk) !== key.thumbprint ||
    thumbprint(key.jwk) !== key.thumbprint
  ) {
    throw new InputError('credential/bad-key', { why: 'halves' })
  }
  const here: Keys = new Map()
  setKey(here, key.thumbprint, privateJwk)
  const name = `${key.purpose} ${key.thumbprint}`
  pool.setKey(name, privateJwk)
  const requireFresh = nonceMonitor()
  let isClosed = false

  return {
    key,
    isRemote: false,
    async sign(kind, inputs) {
      if (isClosed) throw new OutsideError('key/unavailable')
      requireKind(key, kind, inputs)
      const results =
        inputs.length <= fewInputs
          ? [perform({ work: 'sign', key: key.thumbprint, inputs }, here)]
          : await pool.run(
              chunksOf(inputs, pool.size).map((chunk) => ({
                work: 'sign',
                key: name,
                inputs: chunk,
              })),
            )
      const signatures = (results as Uint8Array[]).flatMap(split)
      requireFresh(signatures)
      return signatures
    },
    async close() {
      isClosed = true
      here.clear()
      pool.setKey(name, undefined)
    },
  }
}

function split(signatures: Uint8Array): Uint8Array[] {
  return Array.from({ length: signatures.length / 64 }, (_, i) =>
    signatures.slice(i * 64, i * 64 + 64),
  )
}

/**
 * Watches r over the last 65,536 signatures of one key.
 *
 * @returns a check that throws {TrustError} `key/repeated-nonce` at the first repeat and ever after.
 */
export function nonceMonitor(): (signatures: readonly Uint8Array[]) => void {
  let recent = new Set<string>()
  let older = new Set<string>()
  let isBroken = false
  return (signatures) => {
    for (const signature of signatures) {
      const r = Buffer.from(signature.buffer, signature.byteOffset, 32).toString('latin1')
      isBroken ||= recent.has(r) || older.has(r)
      recent.add(r)
      if (recent.size >= rememberedNonces) {
        older = recent
        recent = new Set()
      }
    }
    if (isBroken) throw new TrustError('key/repeated-nonce')
  }
}
