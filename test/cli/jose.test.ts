import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { tempFolder } from '../support/tempFolder.ts'
import { weir, weirJson } from '../support/weir.ts'

const slow = 180_000
const controller = 'https://issuer.example/keys'
const credential = {
  '@context': ['https://www.w3.org/ns/credentials/v2'],
  type: ['VerifiableCredential'],
  issuer: controller,
  credentialSubject: { id: 'did:example:sample', name: 'Sample Person' },
}

async function files() {
  const folder = tempFolder()
  const { privateKey } = await generateKeyPair('ES512', { extractable: true })
  const secretKeyJwk = await exportJWK(privateKey)
  const { d: _, ...publicKeyJwk } = secretKeyJwk
  const method = {
    id: `${controller}#1`,
    type: 'JsonWebKey',
    controller,
    publicKeyJwk,
    secretKeyJwk,
  }
  const put = (name: string, contents: unknown) => {
    const path = join(folder, name)
    writeFileSync(path, typeof contents === 'string' ? contents : JSON.stringify(contents))
    return path
  }
  const out = join(folder, 'out.json')
  return {
    put,
    out,
    key: put('vm.json', method),
    input: put('credential.json', credential),
    result: () => JSON.parse(readFileSync(out, 'utf8')) as { result: string; data: string },
  }
}

test(
  'a document is signed and verified through files, as the W3C suite does it',
  async () => {
    const { put, key, input, out, result } = await files()
    const options = ['--key', key, '--output', out, '--feature', 'credential_sdjwt']
    const sd = ['--sd', '["credentialSubject.name"]']
    const issued = await weir(['jose', 'issue', '--input', input, ...options, ...sd])
    expect(issued.code, issued.err).toBe(0)
    const { result: success, data } = result()
    expect(success).toBe('success')
    expect(statSync(out).mode & 0o077).toBe(0)
    const token = put('token.txt', `${data}\n`)
    const verified = await weirJson(['jose', 'verify', '--input', token, ...options])
    expect(verified).toEqual({ code: 0, answer: { result: 'success' } })
    expect(JSON.parse(result().data)).toMatchObject(credential)
    const changed = put('changed.txt', data.replace('~', 'A~'))
    expect((await weir(['jose', 'verify', '--input', changed, ...options])).code).toBe(1)
    expect(result()).toMatchObject({ result: 'failure' })
  },
  slow,
)

test(
  'what cannot be judged is an error, and wrong use writes nothing',
  async () => {
    const { put, key, input, out, result } = await files()
    const options = ['--input', input, '--output', out]
    const wrongKey = put('wrong.json', '{}')
    const feature = ['--feature', 'credential_jose']
    const unusable = await weir(['jose', 'verify', ...options, '--key', wrongKey, ...feature])
    expect(unusable.code).toBe(64)
    expect(result().result).toBe('error')
    for (const args of [
      ['--key', key],
      ['--key', key, '--feature', 'credential_cose'],
      ['--key', join(out, 'absent'), ...feature],
      [...feature],
    ]) {
      const { code, err } = await weir(['jose', 'issue', ...options, ...args])
      expect(code).toBe(64)
      expect(err).toMatch(/\[cli\/[a-z-]+\]/)
    }
  },
  slow,
)
