import { createRoute, z } from '@hono/zod-openapi'
import { typeDocuments } from '../../certificate/documents.ts'
import { InputError } from '../../errors.ts'
import { pastOf } from '../../registry/lookUp.ts'
import { problems } from '../problem.ts'
import type { RegistryRoutes } from './group.ts'
import { blockJson, blockSchema, json } from './schemas.ts'

const kinds = ['context', 'schema', 'metadata'] as const
const document = z.object({
  uri: z.string(),
  url: z.string(),
  mediaType: z.string(),
  integrity: z.string().openapi({ description: 'W3C Subresource Integrity of the exact bytes' }),
})
const certificateType = z
  .object({
    id: z.string(),
    version: z.number().int(),
    uri: z.string(),
    names: z.object({ en: z.string(), zh: z.string() }),
    documents: z.object({ context: document, schema: document, metadata: document }),
  })
  .openapi('CertificateType')

/** Certificate types, and the documents made from them under their digests. */
export const addTypeRoutes: RegistryRoutes = (app, { registry, types, baseUrl }) => {
  const base = baseUrl.href.replace(/\/$/, '')
  app.openapi(
    createRoute({
      method: 'get',
      path: '/certificate-types',
      summary: 'Certificate types and their documents',
      tags: ['certificate types'],
      responses: {
        200: json(
          z.object({ block: blockSchema, types: z.array(certificateType) }),
          'All that this node serves',
        ),
        ...problems(503),
      },
    }),
    (c) => {
      const listed = types.map((type) => {
        const documents = typeDocuments(type)
        const described = kinds.map((kind) => {
          const { uri, mediaType, integrity } = documents[kind]
          const url = `${base}/certificate-types/${type.id}/${type.version}/${kind}`
          return [kind, { uri, url, mediaType, integrity }]
        })
        const { id, version, uri, names } = type
        return {
          id,
          version,
          uri,
          names: { en: names.en, zh: names.zh },
          documents: Object.fromEntries(described) as z.infer<typeof certificateType>['documents'],
        }
      })
      return c.json({ block: blockJson(pastOf(registry).view.block), types: listed }, 200)
    },
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/certificate-types/{id}/{version}/{kind}',
      summary: 'A type’s JSON-LD context, JSON Schema or SD-JWT VC type metadata',
      description: 'The exact bytes of the digest; they never change.',
      tags: ['certificate types'],
      request: {
        params: z.object({
          id: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/),
          version: z.string().regex(/^[1-9][0-9]{0,5}$/),
          kind: z.enum(kinds),
        }),
        headers: z.object({ 'if-none-match': z.string().max(1000).optional() }),
      },
      responses: {
        200: {
          description: 'The document',
          content: Object.fromEntries(
            ['application/ld+json', 'application/schema+json', 'application/json'].map((type) => [
              type,
              { schema: z.looseObject({}) },
            ]),
          ),
        },
        304: { description: 'As you have it' },
        ...problems(400, 404),
      },
    }),
    (c) => {
      const { id, version, kind } = c.req.valid('param')
      const type = types.find((one) => one.id === id && one.version === Number(version))
      if (type === undefined) throw new InputError('mirror/not-found')
      const { mediaType, text, integrity } = typeDocuments(type)[kind]
      const tag = `"${integrity}"`
      const headers = { ETag: tag, 'Cache-Control': 'public, max-age=31536000, immutable' }
      const known = (c.req.header('if-none-match') ?? '').split(',').map((one) => one.trim())
      if (known.includes(tag)) return c.body(null, 304, headers)
      return c.body(text, 200, { ...headers, 'Content-Type': mediaType })
    },
  )
}
