import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openStore } from '../../src/adapters/storage/openStore.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { backedUp, erase } from '../../src/issuer/erase.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import { issue, issueOne } from '../../src/issuer/issue.ts'
import { note } from '../../src/issuer/note.ts'
import { changeStatus } from '../../src/issuer/status.ts'
import { supersede } from '../../src/issuer/supersede.ts'
import { address, anchorAll, newWorld, statusOnChain, titleRequest } from '../support/issuer.ts'
import { tempFolder } from '../support/tempFolder.ts'

const grounds = { reason: 'request', legalBasis: 'article 47', operator: 'a', approver: 'b' }

/** A department that keeps its records in one file, and a way to look for words in all its bytes. */
async function onDisk() {
  const folder = tempFolder()
  const path = join(folder, 'store.db')
  const store = await openStore({ kind: 'sqlite', path })
  const world = await newWorld({ store })
  const holds = (words: readonly string[]) => {
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
    return words.filter((word) => bytes.some((file) => file.includes(word)))
  }
  return { ...world, path, holds }
}

/** Every text by which a copy could be known again: parts of what was signed, salt, disclosures, names. */
function wordsOf(token: string, certificate: string, key: string): string[] {
  const [jwt = '', ...disclosures] = token.split('~')
  const [, payload = '', signature = ''] = jwt.split('.')
  const chunks = Array.from({ length: Math.floor(payload.length / 24) }, (_, at) =>
    payload.slice(at * 24, at * 24 + 24),
  )
  const { salt } = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const raw = Buffer.from(signature, 'base64url').toString('latin1').slice(0, 12)
  return [...chunks, salt, raw, certificate, key, ...disclosures.filter((one) => one.length > 12)]
}

test('I2: after erasing, no byte of salt, claims, disclosures or names is in the store, its log or its free pages', async () => {
  const { issuer, model, store, holds } = await onDisk()
  const rows = Array.from({ length: 300 }, (_, at) =>
    titleRequest(at + 1, { formats: ['vc+jwt', 'dc+sd-jwt'] }),
  )
  const answers = await Array.fromAsync(issue(issuer, rows))
  await anchorAll({ issuer, model })
  const credentials = answers.map((one) => ('credentials' in one ? one.credentials : []))
  const chosen = [0, 1, 150, 299].map((at) => credentials[at]!)
  const forgotten = chosen.flatMap((copies) =>
    copies.flatMap((copy) => wordsOf(copy.token, copy.certificate, copy.idempotencyKey)),
  )
  // Only what no other certificate says too: the chunks with salt, number, unit and digests.
  const others = credentials
    .filter((copies) => !chosen.includes(copies))
    .flatMap((copies) => copies.map((copy) => `${copy.token} ${copy.idempotencyKey}`))
    .join(' ')
  const words = [...new Set(forgotten)].filter((word) => !others.includes(word))
  expect(words.length).toBeGreaterThan(200)
  expect(holds(words).length).toBeGreaterThan(200)
  for (const [copy] of chosen) {
    await erase(issuer, store.erasure, { fingerprint: copy!.fingerprint }, grounds)
  }
  expect(holds(words)).toEqual([])
  expect(await firstFinding(issuer)).toBeUndefined()
  const kept = credentials[2]![0]!
  expect(holds([kept.token.slice(0, 400)])).toHaveLength(1)
  await store.close()
  expect(holds(words)).toEqual([])
})

test('I2: fingerprint and status stay: an erased certificate can be revoked, by fingerprint', async () => {
  const { issuer, model, store } = await onDisk()
  const [copy] = await issueOne(issuer, titleRequest(1))
  await anchorAll({ issuer, model })
  const { certificate, fingerprint, status } = copy!
  await erase(issuer, store.erasure, { certificate }, grounds)
  const unknown = { code: 'status/unknown-certificate' }
  await expect(
    changeStatus(issuer, { of: { certificate }, to: 'revoked', grounds }),
  ).rejects.toMatchObject(unknown)
  await changeStatus(issuer, { of: { fingerprint }, to: 'revoked', grounds })
  await anchorAll({ issuer, model })
  expect(statusOnChain(model, status)).toBe('revoked')
  expect(await firstFinding(issuer)).toBeUndefined()
  const again = supersede(issuer, { fingerprint }, titleRequest(2), grounds)
  await expect(again).rejects.toMatchObject({ name: 'InputError' })
  await store.close()
})

test('I2: the name of a successor goes with it', async () => {
  const { issuer, model, store, holds } = await onDisk()
  const [old] = await issueOne(issuer, titleRequest(1))
  await anchorAll({ issuer, model })
  const request = titleRequest(2, { idempotencyKey: 'a key that names a person' })
  const [next] = await supersede(issuer, { fingerprint: old!.fingerprint }, request, grounds)
  await anchorAll({ issuer, model })
  await erase(issuer, store.erasure, { fingerprint: next!.fingerprint }, grounds)
  expect(holds([request.idempotencyKey])).toEqual([])
  expect(await firstFinding(issuer)).toBeUndefined()
  await store.close()
})

test('I2: what is not final is not erased, and it takes two people', async () => {
  const { issuer, store, holds } = await onDisk()
  const [copy] = await issueOne(issuer, titleRequest(1))
  const { fingerprint } = copy!
  const early = erase(issuer, store.erasure, { fingerprint }, grounds)
  await expect(early).rejects.toMatchObject({ code: 'anchor/not-final' })
  const alone = erase(issuer, store.erasure, { fingerprint }, { ...grounds, approver: 'a' })
  await expect(alone).rejects.toMatchObject({ code: 'status/needs-approver' })
  expect(holds([parseCredential(copy!.token).certificate!])).toHaveLength(1)
  await store.close()
})

test('I2: backups that still hold the certificate are named, older ones are not', async () => {
  const { issuer, model, store } = await onDisk()
  await note(issuer, backedUp, address, { file: 'before.sqlite' })
  model.mine()
  const [copy] = await issueOne(issuer, titleRequest(1))
  await note(issuer, backedUp, address, { file: 'after.sqlite' })
  await anchorAll({ issuer, model })
  const of = { fingerprint: copy!.fingerprint }
  expect(await erase(issuer, store.erasure, of, grounds)).toEqual({
    fingerprints: [copy!.fingerprint],
    backups: ['after.sqlite'],
  })
  await store.close()
})

test('I2: a row that somebody emptied by hand is named by fsck, for no audit line says that it was erased', async () => {
  const { issuer, model, store, path } = await onDisk()
  await issueOne(issuer, titleRequest(1))
  await anchorAll({ issuer, model })
  await store.close()
  const database = new DatabaseSync(path)
  database.exec("update copies set signing_input = '', disclosures = ''")
  database.close()
  const reopened = await openStore({ kind: 'sqlite', path })
  const again = { ...issuer, ...reopened }
  expect(await firstFinding(again)).toMatchObject({ code: 'fsck/wrong-fingerprint' })
  await reopened.close()
})
