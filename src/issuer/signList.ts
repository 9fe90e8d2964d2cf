import { encodeBase64url } from '#primitives'
import { OutsideError } from '../errors.ts'
import type { ChainView } from '../ports/chain.ts'
import type { Signer } from '../ports/signing.ts'
import type { BitstringPurpose } from '../status/bitstring.ts'
import type { Entries } from '../status/entries.ts'
import {
  credentialClaims,
  type ListStatement,
  statusListClaims,
  statusListCredential,
} from './listPayload.ts'
import { base64Of } from './x5c.ts'

/**
 * How a list is published: as a credential in JSON, which only its transport protects; the same signed;
 * or as a Status List Token.
 */
export type ListForm = 'application/vc' | 'application/vc+jwt' | 'application/statuslist+jwt'

/**
 * Makes one published list.
 *
 * @param purpose of a Bitstring list; a Status List Token says everything at once.
 * @returns the body as it goes over the wire.
 */
export async function signList(
  signer: Signer,
  entries: Entries,
  form: ListForm,
  purpose: BitstringPurpose,
  statement: ListStatement,
): Promise<string> {
  const { alg, kid, x5c } = signer.key
  if (form === 'application/statuslist+jwt') {
    const header = { alg, typ: 'statuslist+jwt', kid, x5c: base64Of(x5c) }
    return signed(signer, header, await statusListClaims(entries, statement))
  }
  const credential = await statusListCredential(entries, purpose, statement)
  if (form === 'application/vc') return JSON.stringify(credential)
  // Keys of credentials never come from a header: `kid` leads to the department's DID document.
  const header = { alg, typ: 'vc+jwt', cty: 'vc', kid }
  return signed(signer, header, credentialClaims(credential, statement))
}

async function signed(signer: Signer, header: object, claims: object): Promise<string> {
  const parts = [header, claims].map((part) => encodeBase64url(JSON.stringify(part)))
  const input = parts.join('.')
  const [signature] = await signer.sign('status-list', [input])
  return `${input}.${encodeBase64url(signature!)}`
}

/**
 * Refuses to publish under a key that ended: readers would refuse the list.
 *
 * @throws {OutsideError} `status/list-unavailable`
 */
export async function requireListKey(view: ChainView, { key }: Signer): Promise<void> {
  const record = await view.key(key.thumbprint)
  const isUsable = record?.purpose === 'status' && !record.retiredAt && !record.compromisedSince
  if (!isUsable) throw new OutsideError('status/list-unavailable', { key: key.thumbprint })
}
