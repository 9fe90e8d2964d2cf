import { randomBytes } from '#primitives'
import { checkClaims } from '../../src/certificate/claims.ts'
import { drafts } from '../../src/certificate/draft.ts'
import { findType } from '../../src/certificate/types.ts'
import type { CredentialDraft, Format, JsonObject } from '../../src/credential/model.ts'
import { prepare } from '../../src/credential/prepare.ts'
import { assembleToken, hasDisclosures } from '../../src/credential/token.ts'
import { sampleRecord } from '../samples/records.ts'
import { signed } from './keys.ts'
import type { Department, Key, KeyName } from './model.ts'

/** What is decided about a certificate before it is written. */
export type Order = {
  readonly department: Department
  readonly key: KeyName
  /** Signs instead of the key that it names. */
  readonly forger?: Key
  readonly type: string
  readonly format: Format
  /** Row of the sample records. */
  readonly row: number
  readonly chain: string
  readonly list: number
  readonly index: number
  readonly iat: Date
  readonly holder: Key | undefined
  readonly validUntil?: Date
  readonly listBase?: string
  /** Conceals lists, and what is in them on its own too. */
  readonly isNested?: boolean
}

/** Writes and signs a certificate of a sample record, as an issuer does. */
export function mint(order: Order): { token: string; fingerprint: Uint8Array } {
  const { department, type: uri, format, holder, validUntil, listBase } = order
  const type = findType(uri)
  const isCertified = order.key === 'certified' && format === 'dc+sd-jwt'
  const x5c = department.x5c.map((der) => Buffer.from(der).toString('base64'))
  const [draft] = drafts(type, {
    claims: checkClaims(type, sampleRecord(type.id, order.row, 1)),
    issuer: {
      did: department.did,
      kid: `${department.did}#delegate-1`,
      ...(isCertified && { x5c }),
    },
    chain: order.chain,
    certificate: `SAMPLE-${order.row}`,
    status: { list: order.list, index: order.index },
    iat: order.iat,
    copies: [{ format, salt: randomBytes(32) }],
    ...(holder && { holder: holder.jwk }),
    ...(validUntil && { validUntil }),
    ...(listBase && { listBase }),
  })
  const whole = draft!
  const disclosable = order.isNested ? nested(whole) : whole.disclosable
  const prepared = prepare({ ...whole, disclosable })
  const key = order.forger ?? department.keys[order.key]
  return {
    token: assembleToken(prepared, signed(key, prepared.signingInput)),
    fingerprint: prepared.fingerprint,
  }
}

/** Every list too, and each of its texts, beside what lies inside it already. */
function nested({ format, payload, disclosable }: CredentialDraft): readonly string[] {
  if (!hasDisclosures(format)) return disclosable
  const isTop = format === 'dc+sd-jwt'
  const claims = (isTop ? payload : payload.credentialSubject) as JsonObject
  const lists = Object.entries(claims).flatMap(([name, value]) => {
    if (!Array.isArray(value)) return []
    const pointer = `${isTop ? '' : '/credentialSubject'}/${name}`
    const texts = value.flatMap((one, at) => (typeof one === 'string' ? [`${pointer}/${at}`] : []))
    return [pointer, ...texts]
  })
  return [...new Set([...disclosable, ...lists])]
}
