import type { AccreditorService } from '../../wire/accreditorService.ts'
import { type AppOptions, newApp } from '../app.ts'
import type { App } from '../chassis.ts'
import { addAccreditationRoutes } from './accreditations.ts'
import { addKeyRoutes } from './keys.ts'

/** Adds routes of one group to an accreditor's service. */
export type AccreditorRoutes = (app: App, service: AccreditorService) => void

const groups: readonly AccreditorRoutes[] = [addAccreditationRoutes, addKeyRoutes]

/** The whole HTTP side of an accreditor. */
export function accreditorApp(service: AccreditorService, options: AppOptions = {}): App {
  const app = newApp(service, options)
  for (const add of groups) add(app, service)
  return app
}
