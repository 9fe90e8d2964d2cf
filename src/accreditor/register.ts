import { InputError, TrustError } from '../errors.ts'
import { formatEthrDid } from '../identity/did.ts'
import type { Accreditor } from './model.ts'
import { note, ownDepartment, recordInForce } from './records.ts'

/**
 * Registers a department, whose account accepts afterwards.
 *
 * @param wish `type`: URI of a certificate type that this accreditor may accredit, on which it acts.
 * @throws {TrustError} `accreditor/out-of-scope` if it may accredit no such type now;
 * `accreditor/not-ours` if another registered the department.
 * @throws {InputError} `did/...` for an address that is none; those of the registry.
 */
export async function registerDepartment(
  accreditor: Accreditor,
  wish: { readonly department: string; readonly account: string; readonly type: string },
): Promise<void> {
  const { department, account, type } = wish
  const view = await accreditor.chain.view()
  requireAddresses(accreditor, [department, account])
  if ((await view.department(department)) !== undefined) {
    await ownDepartment(accreditor, view, department)
    return
  }
  const own = await recordInForce(view, accreditor.address, type, 'accredit')
  if (own === undefined) throw new TrustError('accreditor/out-of-scope', { type })
  const by = { certificateType: own.certificateType, index: own.index }
  const { address } = accreditor
  await accreditor.registry.write({
    call: 'register',
    accreditor: address,
    by,
    department,
    account,
  })
  await note(accreditor, 'accreditor/register', department, { account })
}

/**
 * Asks the administration to give a department another account, after its own was lost or stolen. Its
 * keys are retired when that is executed.
 *
 * @throws {TrustError} `accreditor/unknown-department`, `accreditor/not-ours`
 */
export async function requestRecovery(
  accreditor: Accreditor,
  wish: { readonly department: string; readonly account: string },
): Promise<void> {
  const { department, account } = wish
  requireAddresses(accreditor, [department, account])
  await ownDepartment(accreditor, await accreditor.chain.view(), department)
  await accreditor.registry.write({ call: 'requestRecovery', department, account })
  await note(accreditor, 'accreditor/request-recovery', department, { account })
}

/**
 * Removes a department: it may anchor no more, and all its records end.
 *
 * @throws {TrustError} `accreditor/unknown-department`, `accreditor/not-ours`
 */
export async function removeDepartment(accreditor: Accreditor, department: string): Promise<void> {
  await ownDepartment(accreditor, await accreditor.chain.view(), department)
  await accreditor.registry.write({ call: 'remove', department })
  await note(accreditor, 'accreditor/remove', department)
}

function requireAddresses(accreditor: Accreditor, addresses: readonly string[]): void {
  for (const address of addresses) {
    // The one spelling; `formatEthrDid` refuses the zero address and what is no address.
    formatEthrDid(accreditor.chain.identity.chainId, address)
    if (address !== address.toLowerCase()) throw new InputError('did/malformed', { address })
  }
}
