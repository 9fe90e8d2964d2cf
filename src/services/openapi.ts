import { createRoute, z } from '@hono/zod-openapi'
import type { Hosted } from '../wire/service.ts'
import type { App, RouteGroup } from './chassis.ts'

/** An OpenAPI document, as far as we read our own. */
export type Document = {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> }
}
export type Operation = {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { description: string; content?: Content }>>
}
export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: unknown
}
type Content = Readonly<Record<string, { readonly schema?: unknown }>>

/** `/openapi.json`: OpenAPI 3.1 of every route, made from the schemas that also validate. Add it last. */
export const addOpenApiRoutes: RouteGroup<Hosted> = (app, service) => {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of `weir token create`, or an access token of the login service',
  })
  let document: Document | undefined
  app.openapi(
    createRoute({
      method: 'get',
      path: '/openapi.json',
      summary: 'This interface as OpenAPI 3.1',
      tags: ['operation'],
      responses: {
        200: {
          description: 'The document',
          content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
        },
      },
    }),
    (c) => {
      document ??= documentOf(app, service)
      return c.json(document as unknown as { openapi: string }, 200)
    },
  )
}

/** The document of a service's routes so far. */
export function documentOf(
  app: App,
  { configuration: { names }, baseUrl }: Pick<Hosted, 'configuration' | 'baseUrl'>,
): Document {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: `Weir · ${names.en} · ${names.zh}`,
      version: '1',
      description: 'Certificates stay home, fingerprints flow. 证照留在本部门，指纹上链。',
    },
    servers: [{ url: baseUrl.href.replace(/\/$/, '') }],
  }) as unknown as Document
}
