import { groupOf } from '../../src/anchor/link.ts'
import {
  accreditationSlots,
  anchorSlot,
  departmentSlots,
  keySlots,
  statusSlot,
} from '../../src/anchor/slots.ts'
import { wordOf } from '../../src/status/word.ts'
import { chance, other } from './deal.ts'
import { type Account, bitOf, type FileJson, made } from './evidenceFile.ts'
import type { Copy, Mutation, Tools } from './model.ts'

/** The header, and the nodes of accounts and storage. */
export const evidenceNodes: Mutation = (tools) => {
  const { world, r } = tools
  const filed = r.pick(world.filed)
  const file: FileJson = JSON.parse(filed.text)
  const accounts: Account[] = file.proof.accounts
  const account = r.pick(accounts)
  const slot = r.pick(account.storage)
  const list = r.pick([account.proof, slot.proof])
  const at = r.below(list.length)
  if (list.length === 0) return undefined
  const donor = r.pick(r.pick(accounts).storage)
  const edits: [string, () => unknown][] = [
    [
      'a bit of the header',
      () => {
        file.proof.header = bitOf(r, file.proof.header)
      },
    ],
    [
      'a bit of a node',
      () => {
        list[at] = bitOf(r, list[at]!)
      },
    ],
    [
      'a bit of a node',
      () => {
        list[at] = bitOf(r, list[at]!)
      },
    ],
    ['a node less', () => list.splice(at, 1)],
    ['a node more', () => list.splice(at, 0, r.pick(donor.proof) ?? '0x80')],
    ['a node twice', () => list.splice(at, 0, list[at]!)],
    ['nodes reversed', () => list.reverse()],
    [
      'another node',
      () => {
        list[at] = r.pick(donor.proof) ?? '0x80'
      },
    ],
    [
      'a longer node',
      () => {
        list[at] = `${list[at]}00`
      },
    ],
    [
      'a shorter node',
      () => {
        list[at] = list[at]!.slice(0, -2)
      },
    ],
    [
      'the proof of another slot',
      () => {
        slot.proof = [...donor.proof]
      },
    ],
    [
      'another address',
      () => {
        account.address = r.pick([
          other(r, accounts, account)!.address,
          `0x${'00'.repeat(20)}`,
          world.identity.contracts.didRegistry,
        ])
      },
    ],
    ['an account less', () => accounts.splice(accounts.indexOf(account), 1)],
    [
      'a header of zeros',
      () => {
        file.proof.header = `0x${'00'.repeat(600)}`
      },
    ],
    [
      'no header',
      () => {
        file.proof.header = '0x'
      },
    ],
  ]
  const [told, edit] = r.pick(edits)
  edit()
  return made(tools, filed, JSON.stringify(file), told)
}

/** A slot that the facts rest on, missing or renamed. */
export const evidenceSlots: Mutation = (tools) => {
  const { world, r } = tools
  const filed = r.pick(world.filed)
  const file: FileJson = JSON.parse(filed.text)
  const needed = slotsOf(tools, r.pick(filed.copies))
  const accounts: Account[] = file.proof.accounts
  const [address, slot] = r.pick(needed)
  const { storage } = accounts.find((account) => account.address === address)!
  const at = storage.findIndex((one) => one.slot === slot)
  if (at < 0) return undefined
  if (chance(r, 50)) storage.splice(at, 1)
  else
    storage[at]!.slot = `0x${'0'.repeat(60)}${(1 + r.below(0xffff)).toString(16).padStart(4, '0')}`
  return made(tools, filed, JSON.stringify(file), 'a slot that is needed is missing or renamed')
}

function slotsOf({ world }: Tools, copy: Copy): [string, string][] {
  const { departmentRegistry, anchorRegistry, statusRegistry } = world.identity.contracts
  const { address, keys } = world.departments[copy.department]!
  const type = world.facts.typeHashes.get(copy.type)!
  const registry = [
    ...departmentSlots(address),
    ...keySlots(keys[copy.key].thumbprint),
    ...accreditationSlots(address, type, 0),
  ]
  return [
    ...registry.map((slot): [string, string] => [departmentRegistry, slot]),
    [anchorRegistry, anchorSlot(address, groupOf(copy.proof!.sequence).group)],
    [statusRegistry, statusSlot(address, copy.list, wordOf(copy.index).word)],
  ]
}
