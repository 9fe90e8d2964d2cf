import { createRoute, z } from '@hono/zod-openapi'
import type { DIDResolutionResult } from 'did-resolver'
import { resolveDid } from '../../registry/resolve.ts'
import { problems } from '../problem.ts'
import type { RegistryRoutes } from './group.ts'

const resultType = 'application/did-resolution'
const olderType = 'application/ld+json;profile="https://w3id.org/did-resolution"'
const documentTypes = [
  'application/did+ld+json',
  'application/did+json',
  'application/did',
] as const

const result = z
  .object({
    didResolutionMetadata: z.looseObject({ error: z.string().optional() }),
    didDocument: z.looseObject({}).nullable(),
    didDocumentMetadata: z.looseObject({}),
  })
  .openapi('DidResolutionResult')
const document = z.looseObject({}).openapi('DidDocument')

const statuses: Readonly<Record<string, 400 | 404 | 406 | 501 | 503>> = Object.assign(
  Object.create(null),
  {
    invalidDid: 400,
    invalidDidUrl: 400,
    notFound: 404,
    unknownNetwork: 404,
    representationNotSupported: 406,
    methodNotSupported: 501,
    internalError: 503,
  },
)

/** DID resolution over HTTP. */
export const addIdentifierRoutes: RegistryRoutes = (app, { registry }) => {
  const described = (description: string) => ({
    description,
    content: { [resultType]: { schema: result }, 'application/ld+json': { schema: result } },
  })
  app.openapi(
    createRoute({
      method: 'get',
      path: '/1.0/identifiers/{did}',
      summary: 'Resolve a did:ethr of this chain',
      description:
        'The document alone where Accept asks for a DID document, else the whole result. Any other parameter than versionId or versionTime is refused.',
      tags: ['identifiers'],
      request: {
        params: z.object({ did: z.string() }),
        query: z.object({
          versionId: z.string().optional().openapi({ description: 'a block number' }),
          versionTime: z
            .string()
            .optional()
            .openapi({ description: 'UTC, whole seconds: 2026-11-22T08:00:00Z' }),
        }),
      },
      responses: {
        200: {
          description: 'Resolved',
          content: {
            [resultType]: { schema: result },
            'application/ld+json': { schema: result },
            ...Object.fromEntries(documentTypes.map((type) => [type, { schema: document }])),
          },
        },
        400: { ...described('Not a DID, or unknown parameters') },
        404: described('Not of this chain, or a version that it has not reached'),
        406: described('No such representation'),
        410: described('Deactivated'),
        501: described('Another DID method'),
        503: {
          description: 'The chain cannot be read now',
          content: {
            [resultType]: { schema: result },
            ...problems(503)[503].content,
          },
        },
      },
    }),
    async (c) => {
      const asked = wanted(c.req.header('accept'))
      const query = new URL(c.req.url).search.slice(1)
      const found: DIDResolutionResult =
        asked === undefined
          ? failed('representationNotSupported')
          : await resolveDid(registry, c.req.valid('param').did, query)
      const { error } = found.didResolutionMetadata
      // Another head may say another thing a second later.
      const headers = { 'Content-Type': asked ?? resultType, 'Cache-Control': 'no-cache' }
      if (error !== undefined) {
        headers['Content-Type'] = resultType
        return c.body(JSON.stringify(found), statuses[error] ?? 503, headers)
      }
      const isDocument = documentTypes.some((type) => type === asked)
      if (found.didDocumentMetadata.deactivated === true) {
        headers['Content-Type'] = resultType
        return c.body(JSON.stringify(found), 410, headers)
      }
      const { '@context': _, ...plain } = found.didDocument!
      const shown = asked === 'application/did+json' ? plain : found.didDocument
      return c.body(JSON.stringify(isDocument ? shown : found), 200, headers)
    },
  )
}

/** The first media type of `Accept` that can be given; undefined: none. Quality values are not weighed. */
function wanted(accept: string | undefined): string | undefined {
  if (accept === undefined) return resultType
  for (const part of accept.split(',')) {
    const type = part.trim().toLowerCase()
    const [plain = ''] = type.split(';')
    if (['*/*', 'application/*', 'application/json', resultType].includes(plain)) return resultType
    if (plain === 'application/ld+json') return olderType
    const found = documentTypes.find((one) => one === plain)
    if (found !== undefined) return found
  }
  return undefined
}

function failed(error: string): DIDResolutionResult {
  return { didResolutionMetadata: { error }, didDocument: null, didDocumentMetadata: {} }
}
