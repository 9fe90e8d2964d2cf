import { openService, type Service } from '../../wire/service.ts'
import type { Kind } from '../start.ts'
import { departmentApp } from './app.ts'
import { departmentLoops } from './loops.ts'

/** A department: it answers, anchors and forgets what expired. */
export const departmentKind: Kind<Service> = {
  open: openService,
  app: departmentApp,
  loops: departmentLoops,
}
