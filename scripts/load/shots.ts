import { randomBytes, randomInt } from 'node:crypto'
import type { Shot } from './client.ts'

/** What a wish for one more sample title looks like on the wire. */
export function issueShot(number: number, token: string): Shot {
  const serial = String(number).padStart(7, '0')
  const claims = {
    title_number: `川（2026）样本市不动产权第${serial}号`,
    right_holder: '样本甲',
    holder_document_kind: '其他',
    holder_document_number: `SAMPLE-${serial}`,
    co_ownership: '单独所有',
    location: `样本市样本路${number}号`,
    unit_number: `510181001001GB00001F${String(number).padStart(8, '0')}`,
    right_kind: '国有建设用地使用权/房屋所有权',
    right_nature: '出让/市场化商品房',
    use: '城镇住宅用地/住宅',
    area: '89.50',
    registry: '样本市不动产登记中心',
    registered_on: '2026-01-05',
  }
  const body = JSON.stringify({ type: 'real-estate-title', claims, formats: ['vc+jwt'] })
  return { ...as(token), method: 'POST', path: '/certificates', body, isGood: true }
}

/** The whole verdict on a certificate file. */
export function verdictShot(file: string, token: string): Shot {
  const body = JSON.stringify({ credential: file, purpose: 'load test' })
  return { ...as(token), method: 'POST', path: '/verifier/verdicts', body, isGood: true }
}

/** What VC-API says of a token. */
export function vcApiShot(credential: string, token: string): Shot {
  const body = JSON.stringify({ verifiableCredential: credential, options: {} })
  return { ...as(token), method: 'POST', path: '/credentials/verify', body, isGood: true }
}

/** What any wallet reads first. */
export const metadataShot: Shot = {
  method: 'GET',
  path: '/.well-known/openid-credential-issuer',
  isGood: true,
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const huge = `{"x":"${'a'.repeat(1_100_000)}"}`
const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
const wide = JSON.stringify({ credential: 'a'.repeat(250_000), purpose: 'x' })

/** Kinds of hostile requests; most need no token, as most who attack have none. */
const hostile: readonly (() => Omit<Shot, 'isGood'>)[] = [
  () => ({ method: 'POST', path: '/certificates', body: '{"type":"real-estate-title","claims":{' }),
  () => ({ method: 'POST', path: '/credential', body: '{"format":', ...as(guess()) }),
  () => ({ method: 'POST', path: '/credential', body: deep, ...as(guess()) }),
  () => ({ method: 'POST', path: '/certificates', body: '{}', ...as(guess()) }),
  () => ({ method: 'POST', path: '/verifier/verdicts', body: wide, ...as(guess()) }),
  () => ({ method: 'GET', path: `/certificates/${randomBytes(32).toString('hex')}` }),
  () => ({ method: 'GET', path: `/${randomBytes(12).toString('hex')}.php?id=1%27--` }),
  () => ({ method: 'GET', path: `/credential-offers/${guess()}` }),
  () => ({ method: 'GET', path: `/status-lists/${randomInt(1, 1_000_000)}` }),
  () => ({
    method: 'POST',
    path: '/token',
    headers: form,
    body: `grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code&pre-authorized_code=${guess()}`,
  }),
  () => ({ method: 'POST', path: '/token', headers: form, body: 'a=b&'.repeat(20_000) }),
  () => ({ method: 'POST', path: '/par', headers: form, body: '%ff%fe=%00' }),
  () => ({ method: 'POST', path: '/nonce', body: '{}' }),
]

/** A request of somebody who means harm, in one of many ways; one in five hundred is too large. */
export function hostileShot(): Shot {
  if (randomInt(500) === 0) {
    return { method: 'POST', path: '/deferred-credential', body: huge, isGood: false }
  }
  return { ...hostile[randomInt(hostile.length)]!(), isGood: false }
}

function guess(): string {
  return randomBytes(32).toString('base64url')
}

function as(token: string): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { authorization: `Bearer ${token}` } }
}
