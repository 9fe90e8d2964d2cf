import type { JsonObject } from '../credential/model.ts'
import { requireEnvelopeContext } from './context.ts'
import { contextOf, listOf, refuse } from './read.ts'

/** What an envelope holds. */
export type Envelope = { readonly mediaType: string; readonly token: string }

export const envelopeTypes = {
  credential: 'EnvelopedVerifiableCredential',
  presentation: 'EnvelopedVerifiablePresentation',
} as const
export type EnvelopeKind = keyof typeof envelopeTypes

/** Media types that an envelope of each kind may have; `application/jwt` is what older software writes. */
const mediaTypes: Readonly<Record<EnvelopeKind, readonly string[]>> = {
  credential: [
    'application/vc+jwt',
    'application/vc+sd-jwt',
    'application/dc+sd-jwt',
    'application/jwt',
  ],
  presentation: ['application/vp+jwt', 'application/jwt'],
}

/** Whether a document says that it is an envelope. */
export function isEnvelope(document: JsonObject, kind: EnvelopeKind): boolean {
  return listOf(document.type).includes(envelopeTypes[kind])
}

/**
 * Takes the secured token out of its envelope.
 *
 * @throws {InputError} `vcdm/bad-context`, `vcdm/bad-type`, `vcdm/bad-envelope`
 * @see VC Data Model 2.0, sections 4.12.1 and 4.12.2; RFC 2397
 */
export function readEnvelope(document: JsonObject, kind: EnvelopeKind): Envelope {
  requireEnvelopeContext(document)
  const types = listOf(document.type)
  if (types.length !== 1 || types[0] !== envelopeTypes[kind]) throw refuse('vcdm/bad-type', 'type')
  const { id } = document
  const comma = typeof id === 'string' ? id.indexOf(',') : -1
  if (typeof id !== 'string' || !id.startsWith('data:') || comma < 0) {
    throw refuse('vcdm/bad-envelope', 'id')
  }
  const mediaType = id.slice(5, comma).toLowerCase()
  if (!mediaTypes[kind].includes(mediaType)) throw refuse('vcdm/bad-envelope', 'id', 'media type')
  const token = id.slice(comma + 1)
  if (!/^[\w.~-]+$/.test(token)) throw refuse('vcdm/bad-envelope', 'id', 'token')
  return { mediaType, token }
}

/** A secured token as an object that a presentation or an answer can hold. */
export function envelope(kind: EnvelopeKind, mediaType: string, token: string): JsonObject {
  return {
    '@context': contextOf['2.0'],
    id: `data:${mediaType},${token}`,
    type: envelopeTypes[kind],
  }
}
