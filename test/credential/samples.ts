import { encodeBase64url, importPrivateKey, sha256Base64url, sign } from '#primitives'
import type { CredentialDraft, Format, Json, JsonObject } from '../../src/credential/model.ts'
import { prepare } from '../../src/credential/prepare.ts'
import { assembleToken } from '../../src/credential/token.ts'
import type { PrivateJwk } from '../../src/primitives/model.ts'

/** RFC 7515 appendix A.3: the sample department's key. */
export const issuerJwk: PrivateJwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
}

/** RFC 9901: the sample holder's key. */
export const holderJwk: PrivateJwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc',
  y: 'ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ',
  d: '5K5SCos8zf9zRemGGUl6yfok-_NiiryNZsvANWMhF-I',
}

export const publicJwk = ({ kty, crv, x, y }: PrivateJwk) => ({ kty, crv, x, y: y! })

export const did = 'did:ethr:0x1b59:0x00000000000000000000000000000000000000aa'
export const kid = `${did}#delegate-1`
export const salt = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'
export const titleType = 'urn:weir:certificate:real-estate-title:1'

const common = () => ({
  iat: 1_790_000_000,
  salt,
  weir: { chain: 'eip155:7001', status: { list: 3, index: 77 }, certificate: 'SAMPLE-1' },
  cnf: { jwk: publicJwk(holderJwk) },
})

/** A sample title: class P `title_number` and `registry`, the rest S or R. */
export const fields = (): JsonObject => ({
  title_number: '样例(2026)不动产权第0000001号',
  registry: '样例登记中心',
  right_holder: '样例甲',
  location: '样例路1号',
  uses: ['住宅', '车库'],
  document: { kind: '111', number: '样例号码' },
})

const vcBody = () => ({
  type: ['VerifiableCredential', 'RealEstateTitle'],
  credentialSubject: { id: 'did:jwk:sample', ...fields() },
  credentialSchema: { id: titleType, type: 'JsonSchema' },
})

/** A good draft in each format. */
export function draftOf(format: Format): CredentialDraft {
  const header = { alg: 'ES256', typ: format === 'jwt_vc' ? 'JWT' : format, kid }
  if (format === 'dc+sd-jwt') {
    return {
      format,
      header,
      payload: {
        vct: titleType,
        'vct#integrity': 'sha256-sample',
        iss: did,
        ...fields(),
        ...common(),
      },
      disclosable: [
        '/right_holder',
        '/location',
        '/uses/0',
        '/uses/1',
        '/document',
        '/document/number',
      ],
    }
  }
  if (format === 'jwt_vc') {
    return {
      format,
      header,
      payload: {
        iss: did,
        nbf: 1_790_000_000,
        vc: { '@context': ['https://www.w3.org/2018/credentials/v1'], ...vcBody() },
        ...common(),
      },
      disclosable: [],
    }
  }
  return {
    format,
    header,
    payload: {
      '@context': ['https://www.w3.org/ns/credentials/v2', 'urn:weir:context:real-estate-title:1'],
      iss: did,
      issuer: did,
      validFrom: '2026-09-21T13:33:20Z',
      ...vcBody(),
      ...common(),
    },
    disclosable:
      format === 'vc+sd-jwt'
        ? ['/credentialSubject/right_holder', '/credentialSubject/document/number']
        : [],
  }
}

export const formats: readonly Format[] = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc']

/** A compact JWS over any header and payload, good or not. */
export function jws(header: unknown, payload: unknown, key: PrivateJwk = issuerJwk): string {
  const part = (value: unknown) =>
    encodeBase64url(typeof value === 'string' ? value : JSON.stringify(value))
  const input = `${part(header)}.${part(payload)}`
  return `${input}.${encodeBase64url(sign(importPrivateKey(key), input))}`
}

/** A good token made from a draft. */
export function tokenOf(draft: CredentialDraft): string {
  const prepared = prepare(draft)
  return assembleToken(prepared, sign(importPrivateKey(issuerJwk), prepared.signingInput))
}

/** A disclosure as it stands in a token, and its digest. */
export function disclosure(...parts: Json[]): { encoded: string; digest: string } {
  const encoded = encodeBase64url(JSON.stringify(parts))
  return { encoded, digest: sha256Base64url(encoded) }
}

/** The code of what a call throws; `accepted` where it throws nothing. */
export function codeOf(call: () => unknown): string {
  try {
    call()
    return 'accepted'
  } catch (error) {
    return (error as { code?: string }).code ?? `no code: ${error}`
  }
}

/** A signed token of a draft whose payload or header was changed; nothing is concealed. */
export function forged({ format, header, payload }: CredentialDraft): string {
  const compact = jws(header, payload)
  return format === 'vc+jwt' || format === 'jwt_vc' ? compact : `${compact}~`
}

/** The same after a change to a good draft. */
export function changed(
  format: Format,
  change: (payload: JsonObject, header: JsonObject) => void,
): string {
  const draft = structuredClone(draftOf(format))
  change(draft.payload, draft.header)
  return forged(draft)
}
