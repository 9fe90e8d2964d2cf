import { encodeBase64url, sha256 } from '#primitives'
import type { JsonObject } from '../credential/model.ts'
import { jsonLdContext } from './context.ts'
import { typeMetadata } from './metadata.ts'
import type { CertificateType } from './model.ts'
import { contextUri } from './names.ts'
import { jsonSchema } from './schema.ts'

/** A document made from a certificate type; its bytes never change under one URI. */
export type TypeDocument = {
  readonly kind: 'context' | 'schema' | 'metadata'
  /** What names it inside a credential; schema and metadata share the type's own. */
  readonly uri: string
  readonly mediaType: string
  readonly json: JsonObject
  /** The exact text served and hashed. */
  readonly text: string
  /** `sha256-` and base64 of the text's UTF-8 bytes (W3C Subresource Integrity). */
  readonly integrity: string
}

/** The three documents of a type; the same bytes every time. */
export type TypeDocuments = Readonly<Record<TypeDocument['kind'], TypeDocument>>

const made = new WeakMap<CertificateType, TypeDocuments>()

/** JSON-LD context, JSON Schema and SD-JWT VC type metadata of a certificate type. */
export function typeDocuments(type: CertificateType): TypeDocuments {
  let documents = made.get(type)
  if (documents === undefined) {
    const { uri } = type
    documents = {
      context: document('context', contextUri(type), 'application/ld+json', jsonLdContext(type)),
      schema: document('schema', uri, 'application/schema+json', jsonSchema(type)),
      metadata: document('metadata', uri, 'application/json', typeMetadata(type)),
    }
    made.set(type, documents)
  }
  return documents
}

function document(
  kind: TypeDocument['kind'],
  uri: string,
  mediaType: string,
  json: JsonObject,
): TypeDocument {
  const text = JSON.stringify(json)
  return { kind, uri, mediaType, json, text, integrity: integrityOf(text) }
}

/** Subresource Integrity of a text: `sha256-` and the base64 (with padding) of its SHA-256. */
export function integrityOf(text: string): string {
  // 32 bytes are 43 characters and one of padding.
  const digest = encodeBase64url(sha256(text)).replaceAll('-', '+').replaceAll('_', '/')
  return `sha256-${digest}=`
}
