import type { AccreditorService } from '../../wire/accreditorService.ts'
import { type AppOptions, newApp } from '../app.ts'
import { addAuditRoutes } from '../audit.ts'
import { chainProbe } from '../chainProbe.ts'
import type { App, RouteGroup } from '../chassis.ts'
import { addHealthRoutes } from '../health.ts'
import { addOpenApiRoutes } from '../openapi.ts'
import { addReferenceRoutes } from '../reference.ts'
import { addAccreditationRoutes } from './accreditations.ts'
import { addKeyRoutes } from './keys.ts'

/** What an accreditor's service offers, one line a group. */
const groups: readonly RouteGroup<AccreditorService>[] = [
  (_, service) => service.probes.push(chainProbe(service)),
  addHealthRoutes,
  addAuditRoutes,
  addAccreditationRoutes,
  addKeyRoutes,
  addOpenApiRoutes,
  addReferenceRoutes,
]

/** The whole HTTP side of an accreditor. */
export function accreditorApp(service: AccreditorService, options: AppOptions = {}): App {
  const app = newApp(service, options)
  for (const add of groups) add(app, service)
  return app
}
