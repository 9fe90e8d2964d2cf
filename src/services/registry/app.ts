import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { InputError, TrustError } from '../../errors.ts'
import type { App, Env } from '../chassis.ts'
import { documenting } from '../documented.ts'
import { answerError, answerInvalid } from '../failure.ts'
import { protect } from '../headers.ts'
import { limit } from '../limits.ts'
import { knownMethods } from '../methods.ts'
import { type Log, newMetrics, observing } from '../observe.ts'
import { addBatchRoutes } from './batches.ts'
import { addDepartmentRoutes } from './departments.ts'
import { addFingerprintRoutes } from './fingerprints.ts'
import type { RegistryRoutes, RegistryService } from './group.ts'
import { addIdentifierRoutes } from './identifiers.ts'
import { addNodeRoutes } from './node.ts'
import { addListRoutes } from './statusLists.ts'
import { addTrustRoutes } from './trust.ts'
import { addTypeRoutes } from './types.ts'

/** What a registry node offers, one line a group. */
const groups: readonly RegistryRoutes[] = [
  addFingerprintRoutes,
  addBatchRoutes,
  addDepartmentRoutes,
  addTypeRoutes,
  addListRoutes,
  addIdentifierRoutes,
  addTrustRoutes,
  addNodeRoutes,
]

/** The whole HTTP side of a registry node: public, read only, and readable by pages of any origin. */
export function registryApp(service: RegistryService, { log }: { readonly log?: Log } = {}): App {
  const app = documenting(
    new OpenAPIHono<Env>({
      defaultHook: (result, c) => (result.success ? undefined : answerInvalid(c, result)),
    }),
  )
  const { registry: metrics, observe } = newMetrics()
  const { requestsPerMinute = 1200, concurrency = 64, proxies = 0 } = service.limits ?? {}
  app.use(protect(service.baseUrl))
  app.use(observing(observe, ...(log ? [log] : [])))
  app.use(async (c, next) => {
    c.set('metrics', metrics)
    c.set('errors', 'problem')
    c.set('authenticate', noAccounts)
    c.set('audit', async () => undefined)
    await next()
    c.res.headers.set('Access-Control-Allow-Origin', '*')
    c.res.headers.set('Cross-Origin-Resource-Policy', 'cross-origin')
    // Every answer says at which block it is true, also those without a body for it.
    const block = service.running.follower.now().head
    if (block !== undefined) c.res.headers.set('Weir-Block', `${block.number} ${block.hash}`)
  })
  app.use(limit({ requestsPerMinute, concurrency, proxies }))
  app.onError((error, c) => answerError(c, error))
  app.notFound((c) => {
    const methods = knownMethods(app, c.req.path)
    if (methods.length === 0) return answerError(c, new InputError('request/unknown-route'))
    const answer = answerError(c, new InputError('request/wrong-method'))
    answer.headers.set('Allow', methods.join(', '))
    return answer
  })
  for (const add of groups) add(app, service)
  addOpenApi(app, service)
  return app
}

async function noAccounts(): Promise<never> {
  throw new TrustError('service/unauthenticated')
}

function addOpenApi(app: App, { baseUrl }: RegistryService): void {
  let document: object | undefined
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
      document ??= app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Weir · registry node · 登记节点',
          version: '1',
          description: 'What the chain says, and the leaves behind it. 链上记录与指纹文件。',
        },
        servers: [{ url: baseUrl.href.replace(/\/$/, '') }],
      })
      return c.json(document as { openapi: string }, 200)
    },
  )
}
