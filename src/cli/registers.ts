import { registerAccredit, registerWithdraw } from './accredit.ts'
import { registerAnchor } from './anchor.ts'
import { registerAsk } from './ask.ts'
import type { Register } from './command.ts'
import { registerDepartment } from './department.ts'
import { registerDoctor } from './doctor.ts'
import { registerExport } from './export.ts'
import { registerFsck } from './fsck.ts'
import { registerIssue } from './issue.ts'
import { registerKey } from './key.ts'
import { registerPresent } from './present.ts'
import { registerReceive } from './receive.ts'
import { registerShow } from './show.ts'
import { registerStatus } from './status.ts'
import { registerUp } from './up.ts'
import { registerVerify } from './verify.ts'
import { registerWallet } from './wallet.ts'

/** Every command, in the order of the help: setting up, issuing, holding, checking, looking after. */
export const registers: readonly Register[] = [
  registerUp,
  registerDepartment,
  registerAccredit,
  registerWithdraw,
  registerKey,
  registerIssue,
  registerAnchor,
  registerExport,
  registerStatus,
  registerReceive,
  registerWallet,
  registerAsk,
  registerPresent,
  registerVerify,
  registerShow,
  registerDoctor,
  registerFsck,
]
