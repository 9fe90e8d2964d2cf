import type { Service } from '../../wire/service.ts'
import { newApp } from '../app.ts'
import type { App, RouteGroup } from '../chassis.ts'

/** What a department's service offers, one line a group. */
const groups: readonly RouteGroup[] = []

/** The whole HTTP side of one department; `app.fetch` answers, `app.request` for tests. */
export function departmentApp(service: Service): App {
  const app = newApp(service)
  for (const add of groups) add(app, service)
  return app
}
