import type { RegistryCall } from '../../identity/calls.ts'
import type { BlockRef } from '../../identity/model.ts'
import type { Deployment } from './deployment.ts'
import { readLogs, topicsOf } from './logs.ts'
import type { Reader } from './reader.ts'
import { bitsOf, purposes } from './records.ts'
import type { Rpc } from './rpc.ts'

/** Where to look: a block, and the account that writes. */
export type Looking = {
  readonly rpc: Rpc
  readonly deployment: Deployment
  readonly block: BlockRef
  readonly read: Reader
  readonly account: string
}

/** ERC-1056 attribute under which a P-256 key stands, and the Multikey prefix of such a key. */
export const multikeyAttribute = { name: 'did/pub/Multikey/veriKey', prefix: '0x8024' } as const

/**
 * Whether a call's effect shows at a block, whoever caused it.
 *
 * @throws {OutsideError} as `Rpc.call`
 */
export async function isDone(call: RegistryCall, looking: Looking): Promise<boolean> {
  const { read, account } = looking
  const registry = (view: string, ...args: unknown[]) => read('departmentRegistry', view, args)
  switch (call.call) {
    case 'register': {
      const [found] = await registry('departmentOf', call.department)
      const accounts = [found.account, found.pendingAccount]
      return (
        is(found.accreditor, call.accreditor) && accounts.some((each) => is(each, call.account))
      )
    }
    case 'acceptAccount': {
      const [found] = await registry('departmentOf', call.department)
      return is(found.account, account)
    }
    case 'proposeAccount': {
      const [found] = await registry('departmentOf', call.department)
      return [found.account, found.pendingAccount].some((each) => is(each, call.account))
    }
    case 'requestRecovery':
      return is((await registry('recoveryRequestOf', call.department))[0], call.account)
    case 'remove':
      return (await registry('departmentOf', call.department))[0].removedAt !== 0n
    case 'proposeKey': {
      const [[proposal], [key], [department]] = await Promise.all([
        registry('proposedKeyOf', call.department, call.thumbprint),
        registry('keyOf', call.thumbprint),
        registry('departmentOf', call.department),
      ])
      if (matches(key, call) && is(key.department, call.department)) return true
      return matches(proposal, call) && proposal.epoch === department.epoch
    }
    case 'confirmKey': {
      const [key] = await registry('keyOf', call.thumbprint)
      return matches(key, call) && is(key.department, call.department)
    }
    case 'retireKey': {
      const [key] = await registry('keyOf', call.thumbprint)
      if (key.retiredAt !== 0n) return true
      return (await registry('recoveredAt', key.department, key.epoch))[0] !== 0n
    }
    case 'declareCompromised': {
      const [{ compromisedSince }] = await registry('keyOf', call.thumbprint)
      const since = call.since === undefined ? compromisedSince : secondsOf(call.since)
      return compromisedSince !== 0n && compromisedSince <= since
    }
    case 'accredit':
      return hasRecord(call, looking)
    case 'withdraw': {
      const { department, certificateType, index } = call
      const [record] = await registry('accreditationOf', department, certificateType, index)
      return record.withdrawnAt !== 0n
    }
    case 'refreshAccreditation': {
      const { department, certificateType, index } = call
      const [[record], [found]] = await Promise.all([
        registry('accreditationOf', department, certificateType, index),
        registry('departmentOf', department),
      ])
      return record.until !== 0n && found.accreditedUntil >= record.until
    }
    case 'publishKey':
      return hasAttribute(call, looking)
  }
}

/** Whole seconds since 1970. */
export function secondsOf(date: Date): bigint {
  return BigInt(Math.floor(date.getTime() / 1000))
}

function is(found: unknown, wanted: string): boolean {
  return String(found).toLowerCase() === wanted.toLowerCase()
}

function matches(
  key: { purpose: bigint; certificateHash: string },
  claim: { purpose: string; certificateHash: string },
): boolean {
  return (
    purposes[Number(key.purpose) - 1] === claim.purpose &&
    is(key.certificateHash, claim.certificateHash)
  )
}

/** The same accreditation, not withdrawn. */
async function hasRecord(
  call: RegistryCall & { call: 'accredit' },
  { read }: Looking,
): Promise<boolean> {
  const { department, certificateType, by, rights, from, until } = call
  const [count] = await read('departmentRegistry', 'accreditationCount', [
    department,
    certificateType,
  ])
  const indexes = Array.from({ length: Number(count) }, (_, index) => index)
  const records = await Promise.all(
    indexes.map((index) =>
      read('departmentRegistry', 'accreditationOf', [department, certificateType, index]),
    ),
  )
  return records.some(
    ([record]) =>
      is(record.by, by.department) &&
      Number(record.byIndex) === by.index &&
      Number(record.rights) === bitsOf(rights) &&
      record.until === secondsOf(until) &&
      (from === undefined || record.from === secondsOf(from)) &&
      record.withdrawnAt === 0n,
  )
}

/** ERC-1056 keeps attributes in events alone. */
async function hasAttribute(
  { department, publicKey }: RegistryCall & { call: 'publishKey' },
  { rpc, deployment, block }: Looking,
): Promise<boolean> {
  const topics = topicsOf('didRegistry', 'DIDAttributeChanged', [department])
  const range = { from: deployment.startBlock, to: block.number }
  const logs = await readLogs(rpc, deployment.identity.contracts, ['didRegistry'], range, topics)
  const value = `${multikeyAttribute.prefix}${publicKey.slice(2)}`
  const own = logs.map(({ event }) => event.args).filter((args) => is(args.value, value))
  const last = own.at(-1)
  return last !== undefined && last.validTo > secondsOf(block.time)
}
