import { id } from 'ethers'
import { errorIn, interfaceOf, line, openChain, type Target } from './chain.ts'

/** A plainly made-up address, the same for the same digit. */
export const address = (digit: string) => `0x${digit.repeat(40).slice(0, 40)}`

/** Certificate types; on the chain they are hashes. */
export const titles = id('urn:weir:certificate:sample-title:1')
export const licences = id('urn:weir:certificate:sample-licence:1')

export const zero = address('0')
export const zero31 = `0x${'0'.repeat(62)}`
export const zero32 = `0x${'0'.repeat(64)}`
export const day = 86_400
export const year = 365 * day

/**
 * Three administrators of whom two decide after a day; a root with the rights to issue and accredit titles;
 * under it a bureau with both rights, under that an office that issues; beside them another root.
 */
export async function openWorld(chainId?: number) {
  const chain = await openChain(chainId)
  const [admin1, admin2, admin3, rootAccount, bureauAccount, officeAccount, otherAccount] =
    chain.accounts as [string, string, string, string, string, string, string]
  const stranger = chain.accounts[7]!
  const spare = chain.accounts[8]!
  const [root, bureau, office, other] = ['d1', 'd2', 'd3', 'd4'].map(address) as [
    string,
    string,
    string,
    string,
  ]

  const departments = await chain.deploy(
    'DepartmentRegistry',
    admin1,
    [admin1, admin2, admin3],
    2,
    day,
  )
  const anchors = await chain.deploy('AnchorRegistry', admin1, departments.address)
  const statuses = chain.found('StatusRegistry', await chain.read(anchors, 'statusRegistry'))

  /** An operation approved by two, ready to execute. */
  async function approved(name: string, ...args: unknown[]): Promise<number> {
    const call = interfaceOf('DepartmentRegistry').encodeFunctionData(name, args)
    const operation = Number(await chain.read(departments, 'operationCount'))
    await chain.send(admin1, departments, 'propose', call)
    await chain.send(admin2, departments, 'approve', operation)
    chain.wait(day)
    return operation
  }

  /** The administration decides and does it. */
  async function govern(name: string, ...args: unknown[]) {
    const done = await chain.send(admin1, departments, 'execute', await approved(name, ...args))
    return { ...done, events: done.events.slice(1) }
  }

  /** The administration decides, but the call fails: its error. */
  async function governRefused(name: string, ...args: unknown[]): Promise<string> {
    const operation = await approved(name, ...args)
    const failed = await chain.refused(admin1, departments, 'execute', operation)
    const prefix = `AdministrationFailed(${operation},`
    if (!failed.startsWith(prefix)) return failed
    return errorIn(failed.slice(prefix.length, -1))
  }

  const until = chain.now() + 10 * year
  await govern('registerRoot', root, rootAccount)
  await chain.send(rootAccount, departments, 'acceptAccount', root)
  await govern('registerRoot', other, otherAccount)
  await chain.send(otherAccount, departments, 'acceptAccount', other)
  await govern('grantRoot', root, titles, 3, 0, until)
  await chain.send(rootAccount, departments, 'register', root, titles, 0, bureau, bureauAccount)
  await chain.send(bureauAccount, departments, 'acceptAccount', bureau)
  await chain.send(rootAccount, departments, 'accredit', root, 0, bureau, titles, 3, 0, until)
  await chain.send(bureauAccount, departments, 'register', bureau, titles, 0, office, officeAccount)
  await chain.send(officeAccount, departments, 'acceptAccount', office)
  await chain.send(bureauAccount, departments, 'accredit', bureau, 0, office, titles, 1, 0, until)

  return {
    ...chain,
    approved,
    govern,
    governRefused,
    departments: departments as Target,
    anchors: anchors as Target,
    statuses,
    admin1,
    admin2,
    admin3,
    root,
    rootAccount,
    bureau,
    bureauAccount,
    office,
    officeAccount,
    other,
    otherAccount,
    stranger,
    spare,
    /** End of every accreditation of the fixture. */
    until,
  }
}

/** A department as `departmentOf` shows it. */
export function departmentLine(fields: {
  account?: string
  accreditedUntil?: number
  epoch?: number
  accreditor?: string
  registeredAt?: number
  pendingAccount?: string
  removedAt?: number
}): string {
  return line(
    '',
    fields.account ?? zero,
    fields.accreditedUntil ?? 0,
    fields.epoch ?? 0,
    fields.accreditor ?? zero,
    fields.registeredAt ?? 0,
    fields.pendingAccount ?? zero,
    fields.removedAt ?? 0,
  ).replace(/^\((.*)\)$/, '[$1]')
}
