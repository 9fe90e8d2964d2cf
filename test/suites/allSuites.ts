import type { Store } from '../../src/adapters/storage/openStore.ts'
import { auditStoreSuite } from './auditStore.ts'
import { certificateStoreSuite } from './certificateStore.ts'
import { erasureStoreSuite } from './erasureStore.ts'
import { holderStoreSuite } from './holderStore.ts'
import { listStoreSuite } from './listStore.ts'
import { mirrorStoreSuite } from './mirrorStore.ts'
import { outboxStoreSuite } from './outboxStore.ts'
import { sessionStoreSuite } from './sessionStore.ts'
import { webhookStoreSuite } from './webhookStore.ts'

/** Every store port's suite; `open` gives an empty store each time. */
export function allSuites(open: () => Promise<Store>): void {
  for (const suite of [
    certificateStoreSuite,
    erasureStoreSuite,
    outboxStoreSuite,
    listStoreSuite,
    holderStoreSuite,
    auditStoreSuite,
    sessionStoreSuite,
    webhookStoreSuite,
    mirrorStoreSuite,
  ]) {
    suite(open)
  }
}
