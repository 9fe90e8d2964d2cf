import type { Register } from './command.ts'

/**
 * Every command by its name, in the order of the help: setting up, issuing, holding, checking, looking
 * after. Loaded when asked for, so that a small command starts without the packages of a large one.
 */
const commands: Readonly<Record<string, () => Promise<Register>>> = {
  up: async () => (await import('./up.ts')).registerUp,
  serve: async () => (await import('./serve.ts')).registerServe,
  registry: async () => (await import('./registry.ts')).registerRegistry,
  token: async () => (await import('./token.ts')).registerToken,
  department: async () => (await import('./department.ts')).registerDepartment,
  accredit: async () => (await import('./accredit.ts')).registerAccredit,
  withdraw: async () => (await import('./withdraw.ts')).registerWithdraw,
  key: async () => (await import('./key.ts')).registerKey,
  issue: async () => (await import('./issue.ts')).registerIssue,
  anchor: async () => (await import('./anchor.ts')).registerAnchor,
  refused: async () => (await import('./refused.ts')).registerRefused,
  export: async () => (await import('./export.ts')).registerExport,
  status: async () => (await import('./status.ts')).registerStatus,
  receive: async () => (await import('./receive.ts')).registerReceive,
  wallet: async () => (await import('./wallet.ts')).registerWallet,
  ask: async () => (await import('./ask.ts')).registerAsk,
  present: async () => (await import('./present.ts')).registerPresent,
  jose: async () => (await import('./jose.ts')).registerJose,
  verify: async () => (await import('./verify.ts')).registerVerify,
  show: async () => (await import('./show.ts')).registerShow,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  fsck: async () => (await import('./fsck.ts')).registerFsck,
  backup: async () => (await import('./backup.ts')).registerBackup,
  erase: async () => (await import('./erase.ts')).registerErase,
  leaves: async () => (await import('./leaves.ts')).registerLeaves,
  reconcile: async () => (await import('./reconcile.ts')).registerReconcile,
}

/** The commands that a command line needs: the one that it names, or all for the help. */
export async function registersFor(argv: readonly string[]): Promise<Register[]> {
  const named = argv.find((word) => Object.hasOwn(commands, word))
  const wanted = named === undefined ? Object.values(commands) : [commands[named]!]
  return Promise.all(wanted.map((load) => load()))
}
