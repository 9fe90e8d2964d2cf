import { randomBytes } from '#primitives'
import { typeOnChain } from '../../src/accreditation/typeName.ts'
import type { ChainAccount } from '../../src/adapters/chain/account.ts'
import { anchorWriter } from '../../src/adapters/chain/anchorWriter.ts'
import { pathOf } from '../../src/anchor/proof.ts'
import { arrange, leafHash, positionOf, rootOf, treeOf } from '../../src/anchor/tree.ts'
import { builtInTypes } from '../../src/certificate/types.ts'
import type { Format } from '../../src/credential/model.ts'
import type { KeyClaim } from '../../src/identity/calls.ts'
import { formatEthrDid } from '../../src/identity/did.ts'
import { certifyKey, createDevelopmentAuthority } from '../../src/identity/x509/authority.ts'
import { readLeaf } from '../../src/identity/x509/leaf.ts'
import { hex } from '../../src/primitives/bytes.ts'
import type { StatusChange } from '../../src/status/model.ts'
import { changed, wordOf } from '../../src/status/word.ts'
import { sampleAccount, sampleHash, type TestChain, testChainId } from '../../test/support/chain.ts'
import type { Random } from '../samples/random.ts'
import { between, chance } from './deal.ts'
import { sampleKey } from './keys.ts'
import { mint } from './mint.ts'
import { type Copy, type Department, type Key, type KeyName, keyNames } from './model.ts'

const formats: readonly Format[] = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc']
/** It counts for ten minutes, less than it takes to set up. */
const shortLived = 'urn:weir:certificate:registry-state:1'
const types = builtInTypes.map(({ uri }) => uri).filter((uri) => uri !== shortLived)
const year = 365 * 86_400_000

/** A department while the world is made. */
type Bureau = Department & {
  readonly account: ChainAccount
  readonly withdrawn: string | undefined
  readonly leaves: Uint8Array[]
}

/** What was done on the chain, for {@link readFacts}. */
export type Made = {
  readonly departments: readonly Bureau[]
  readonly holders: readonly Key[]
  readonly stranger: Key
  readonly copies: readonly Copy[]
  readonly types: readonly string[]
}

/**
 * Sets a small district up on a running chain, with real transactions: two roots, a department under one
 * and another under that; keys of every standing; batches, more than sixteen for one of them; and
 * beside good certificates those that are revoked, suspended, superseded, expired, not accredited, signed
 * with the wrong key or never anchored.
 */
export async function makeWorld(chain: TestChain, seed: string, r: Random): Promise<Made> {
  const departments = await makeDepartments(chain, seed)
  const holders = Array.from({ length: 6 }, (_, n) => sampleKey(seed, `holder ${n}`))
  const stranger = sampleKey(seed, 'stranger')
  const maker = copyMaker(chain, departments, holders, stranger, r)
  const copies: Copy[] = []
  for (const [number, department] of departments.entries()) {
    const batches = number === 1 ? 15 : 2
    for (let batch = 0; batch < batches; batch += 1) {
      const kinds = Array.from({ length: number === 1 ? 2 : 6 }, () => ({
        key: r.pick(['main', 'certified', 'old', 'leaked'] as const),
        type: r.pick(department.types),
      }))
      copies.push(...(await maker.batch(number, kinds, false)))
    }
  }
  const early = copies.length
  for (const { account, keys, withdrawn, address, types: own } of departments) {
    const writer = chain.writer(account)
    await writer.write({ call: 'retireKey', thumbprint: keys.old.thumbprint })
    const { thumbprint } = keys.leaked
    await writer.write({ call: 'declareCompromised', thumbprint, since: undefined })
    if (withdrawn === undefined) continue
    const keep = { certificateType: typeOnChain(own[0]!), index: 0 }
    const call = { department: address, certificateType: typeOnChain(withdrawn), index: 0, keep }
    await chain.writer(departments[0]!.account).write({ call: 'withdraw', ...call })
  }
  for (const [number, department] of departments.entries()) {
    const kinds = [
      ...Array.from({ length: 5 }, () => ({
        key: r.pick(['main', 'certified'] as const),
        type: r.pick(department.types),
      })),
      ...faults(department, departments[(number + 1) % departments.length]!, stranger),
    ]
    const changes = endSome(copies.slice(0, early), number)
    for (const { copy, fault } of changes) copies[copies.indexOf(copy)] = { ...copy, fault }
    copies.push(...(await maker.batch(number, kinds, true, changes)))
    copies.push(...(await maker.never(number)))
  }
  await chain.settle()
  return { departments, holders, stranger, copies, types: [...types, shortLived] }
}

type Kind = { key: KeyName; type: string; forger?: Key; fault?: string; soonOver?: boolean }

function faults(own: Bureau, other: Bureau, stranger: Key): Kind[] {
  const [type] = own.types as [string]
  const foreign = types.find((uri) => !own.types.includes(uri) && uri !== own.withdrawn)
  return [
    { key: 'old', type, fault: 'retired key' },
    { key: 'leaked', type, fault: 'compromised key' },
    { key: 'status', type, fault: 'key for statuses' },
    { key: 'main', type, forger: stranger, fault: 'signed by a stranger' },
    { key: 'main', type, forger: other.keys.main, fault: 'signed by another department' },
    { key: 'main', type: shortLived, fault: 'not accredited' },
    { key: 'main', type, soonOver: true, fault: 'expired' },
    ...(foreign === undefined
      ? []
      : [{ key: 'main' as const, type: foreign, fault: 'not accredited' }]),
    ...(own.withdrawn === undefined
      ? []
      : [{ key: 'main' as const, type: own.withdrawn, fault: 'accreditation withdrawn' }]),
  ]
}

function copyMaker(
  chain: TestChain,
  departments: readonly Bureau[],
  holders: readonly Key[],
  stranger: Key,
  r: Random,
) {
  let index = r.below(1000)
  let row = 1
  const make = (number: number, kind: Kind, iat: Date): Copy & { fingerprint: Uint8Array } => {
    const { key, type, forger, fault, soonOver } = kind
    const format = key === 'certified' && chance(r, 70) ? 'dc+sd-jwt' : r.pick(formats)
    const holder = chance(r, 85) ? r.below(holders.length) : undefined
    index += between(r, 1, 40)
    row += 1
    const list = r.below(3)
    const validUntil = soonOver
      ? new Date(iat.getTime() + 1000)
      : chance(r, 40)
        ? new Date(iat.getTime() + year)
        : undefined
    const department = departments[number]!
    const isNested = chance(r, 50)
    const { token, fingerprint } = mint({
      department,
      key,
      ...(forger && { forger }),
      type,
      format,
      row,
      chain: `eip155:${testChainId}`,
      list,
      index,
      iat,
      holder: holder === undefined ? undefined : holders[holder]!,
      ...(validUntil && { validUntil }),
      ...(chance(r, 30) && { listBase: 'https://lists.example' }),
      isNested,
    })
    return {
      token,
      fingerprint,
      format,
      department: number,
      key,
      holder,
      type,
      list,
      index,
      isLate: false,
      proof: undefined,
      validUntil,
      fault,
    }
  }
  const anchor = async (number: number, leaves: Uint8Array, changes: StatusChange[]) => {
    const { account, address, leaves: kept } = departments[number]!
    const writer = anchorWriter(chain.rpc, chain.deployment, account)
    const { sequence, link } = await writer.latest(address)
    const size = leaves.length / 32
    const root = `0x${hex(rootOf(leaves))}`
    const next = { issuer: address, sequence: sequence + 1, previous: link, root, size, changes }
    await writer.send(await writer.prepare(next))
    await chain.settle()
    kept.push(leaves)
    return sequence + 1
  }
  return {
    async batch(
      number: number,
      kinds: readonly Kind[],
      isLate: boolean,
      ends: readonly End[] = [],
    ): Promise<Copy[]> {
      const now = await chain.now()
      const made = kinds.map((kind) => make(number, kind, now))
      const padding = Array.from({ length: 16 + r.below(30) }, () => randomBytes(32))
      const own = made.map(({ fingerprint }) => leafHash(fingerprint))
      const leaves = arrange([...own, ...padding.slice(16)], padding)
      const sequence = await anchor(number, leaves, wordsOf(ends))
      const tree = treeOf(leaves)
      return made.map(({ fingerprint, ...copy }, at) => {
        const place = positionOf(leaves, own[at]!)!
        const proof = { sequence, index: place, size: tree.size, path: pathOf(tree, place) }
        return { ...copy, fingerprint, isLate, proof }
      })
    },
    async never(number: number): Promise<Copy[]> {
      const now = await chain.now()
      const [type] = departments[number]!.types as [string]
      const kind = { key: 'main', type, fault: 'never anchored' } as const
      return [make(number, kind, now), make(number, { ...kind, forger: stranger }, now)]
    },
  }
}

type End = { readonly copy: Copy; readonly fault: 'revoked' | 'suspended' | 'superseded' }

/** Three good certificates of a department, for the three states that end or stop one. */
function endSome(copies: readonly Copy[], number: number): End[] {
  const own = copies.filter(({ department }) => department === number)
  return (['revoked', 'suspended', 'superseded'] as const).map((fault, n) => ({
    copy: own[n * 2]!,
    fault,
  }))
}

/** Words of lists that no entry stood in before. */
function wordsOf(ends: readonly End[]): StatusChange[] {
  const words = new Map<string, StatusChange>()
  for (const { copy, fault } of ends) {
    const { list, index } = copy
    const { word, entry } = wordOf(index)
    const before = words.get(`${list}/${word}`)?.value ?? 0n
    words.set(`${list}/${word}`, { list, word, value: changed(before, entry, fault) })
  }
  return [...words.values()]
}

async function makeDepartments(chain: TestChain, seed: string): Promise<Bureau[]> {
  const now = await chain.now()
  const authority = await createDevelopmentAuthority({ organisation: 'Sample', now, days: 3650 })
  const plans: { types: readonly string[]; withdrawn?: string; under?: number }[] = [
    { types },
    { types: types.slice(0, 5), withdrawn: types[5]!, under: 0 },
    { types: types.slice(0, 3), under: 1 },
    { types: [types[2]!, types[7]!] },
  ]
  const administrator = chain.writer(sampleAccount('administrator'))
  const administer = async (call: Parameters<typeof administrator.propose>[0]) => {
    const { id } = await administrator.propose(call)
    await administrator.execute(id)
  }
  const made: Bureau[] = []
  for (const [number, { types: own, withdrawn, under }] of plans.entries()) {
    const account = sampleAccount(`mutate department ${number}`)
    const { address: department } = account
    const did = formatEthrDid(testChainId, department)
    const above = under === undefined ? undefined : made[under]
    const accreditor = above?.address
    const granted = withdrawn === undefined ? own : [...own, withdrawn]
    const until = new Date((await chain.now()).getTime() + (3 - number / 4) * year)
    if (above === undefined)
      await administer({ call: 'registerRoot', department, account: department })
    else {
      const by = { certificateType: typeOnChain(own[0]!), index: 0 }
      const call = {
        call: 'register',
        accreditor: accreditor!,
        by,
        department,
        account: department,
      } as const
      await chain.writer(above.account).write(call)
    }
    const writer = chain.writer(account)
    await writer.write({ call: 'acceptAccount', department })
    const key = (name: KeyName) => sampleKey(seed, `department ${number} ${name}`)
    const keys = Object.fromEntries(keyNames.map((name) => [name, key(name)])) as Bureau['keys']
    const leaf = await certifyKey(authority, {
      did,
      publicJwk: keys.certified.jwk,
      organisation: `Sample department ${number}`,
      now,
      days: 730,
    })
    for (const name of keyNames) {
      const { thumbprint } = keys[name]
      const claim: KeyClaim = {
        department,
        thumbprint,
        purpose: name === 'status' ? 'status' : 'assertion',
        certificateHash: name === 'certified' ? readLeaf(leaf).certificateHash : sampleHash(name),
      }
      await writer.write({ call: 'proposeKey', ...claim })
      if (above === undefined) await administer({ call: 'confirmKey', ...claim })
      else await chain.writer(above.account).write({ call: 'confirmKey', ...claim })
    }
    for (const uri of granted) {
      const certificateType = typeOnChain(uri)
      const rights = ['issue', 'accredit'] as const
      if (above === undefined) {
        const grant = { department, certificateType, rights, from: undefined, until }
        await administer({ call: 'grantRoot', ...grant })
      } else {
        const by = { department: above.address, index: 0 }
        const grant = { by, department, certificateType, rights, from: undefined, until }
        await chain.writer(above.account).write({ call: 'accredit', ...grant })
      }
    }
    made.push({
      address: department,
      did,
      keys,
      x5c: [leaf, authority.intermediate],
      types: own,
      account,
      withdrawn,
      leaves: [],
    })
  }
  return made
}
