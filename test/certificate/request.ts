import { sampleRecord } from '../../scripts/samples/records.ts'
import { checkClaims } from '../../src/certificate/claims.ts'
import type { DraftRequest } from '../../src/certificate/draft.ts'
import { findType } from '../../src/certificate/types.ts'
import type { Format } from '../../src/credential/model.ts'

/** A department that does not exist. */
export const did = `did:ethr:0x7a69:0x${'ab'.repeat(20)}`

/** A P-256 public key: the generator of the curve (SEC 2, section 2.4.2). */
export const holder = {
  kty: 'EC',
  crv: 'P-256',
  x: 'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY',
  y: 'T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU',
}

export const formats = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc'] as const

/** Whole seconds, so that times come back as they are. */
export const issuedAt = new Date('2026-11-22T08:00:00Z')

/** A request for one copy of a sample record in each of these formats. */
export function draftRequest(
  typeId: string,
  wanted: readonly Format[] = formats,
  row = 1,
): DraftRequest {
  return {
    claims: checkClaims(findType(typeId), sampleRecord(typeId, row, 1)),
    issuer: { did, kid: `${did}#delegate-1`, x5c: ['MAA='] },
    chain: 'eip155:31337',
    certificate: 'X-1',
    status: { list: 3, index: 131_071 },
    iat: issuedAt,
    copies: wanted.map((format, i) => ({ format, salt: new Uint8Array(32).fill(i + 1) })),
    holder,
    listBase: 'https://registry.example/status',
  }
}
