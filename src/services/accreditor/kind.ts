import { type AccreditorService, openAccreditorService } from '../../wire/accreditorService.ts'
import type { Kind } from '../start.ts'
import { accreditorApp } from './app.ts'

/** An accreditor: it only answers. */
export const accreditorKind: Kind<AccreditorService> = {
  open: openAccreditorService,
  app: accreditorApp,
  loops: [],
}
