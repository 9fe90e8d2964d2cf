import type { App } from './chassis.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Methods that some route answers at a path; `HEAD` beside `GET`. */
export function knownMethods(app: App, path: string): string[] {
  const known = methods.filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  )
  return known.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}
