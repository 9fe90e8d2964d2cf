import type { AccreditationChain } from '../../src/accreditation/model.ts'
import type { ChainView } from '../../src/ports/chain.ts'
import { good, other } from './deal.ts'
import { dressed, newChallenge } from './dress.ts'
import { verifierOf, viewOf } from './facts.ts'
import { sampleKey } from './keys.ts'
import type { Copy, Mutation, Tools, World } from './model.ts'

type Lie = { readonly told: string; readonly view: Partial<ChainView> }
type Teller = (tools: Tools, copy: Copy) => Lie | undefined

/**
 * A mirror that mixes its answers up: the record of another department, key, type or batch. What it says of
 * the right thing is its own word, but the wrong thing must be noticed.
 */
export const lies: Mutation = (tools) => {
  const { world, r } = tools
  const copy = good(tools)!
  const lie = r.pick([
    keyLie,
    keyLie,
    departmentLie,
    anchorLie,
    anchorLie,
    accreditationLie,
    accreditationLie,
    statusLie,
  ])(tools, copy)
  if (lie === undefined) return undefined
  const challenge = copy.holder !== undefined && r.below(2) === 0 ? newChallenge(tools) : undefined
  const { input, policy } = dressed(tools, [copy], { challenge })
  const view = { ...viewOf(world.facts), ...lie.view }
  return {
    told: `${copy.format}: ${lie.told}`,
    input,
    policy,
    verifier: verifierOf(world, { hasMirror: true, view }),
  }
}

/** Keys that somebody shows under a DID count only if the registry holds them for it. */
export const shownKeys: Mutation = (tools) => {
  const { world, r } = tools
  const copy = good(tools, ({ key, format }) => !(key === 'certified' && format === 'dc+sd-jwt'))!
  const others = world.departments.filter((_, at) => at !== copy.department)
  const lent = r.pick(others)
  const shown = r.pick([
    [],
    [world.stranger.jwk],
    Object.values(lent.keys).map(({ jwk }) => jwk),
    [sampleKey('odd', String(r.below(100))).jwk, world.holders[0]!.jwk],
    [{ kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }],
    [{ kty: 'EC', crv: 'secp256k1', x: world.stranger.jwk.x, y: world.stranger.jwk.y! }],
  ])
  const { input, policy } = dressed(tools, [copy], {})
  const verifier = { ...verifierOf(world, { hasMirror: true }), keysOf: async () => shown }
  return { told: `${copy.format}: another's keys shown under the DID`, input, policy, verifier }
}

const keyLie: Teller = ({ world, r }, copy) => {
  const own = world.departments[copy.department]!
  const record = world.facts.keys.get(own.keys[copy.key].thumbprint)!
  const lent = r.pick(world.departments.filter((one) => one !== own))
  const anchored = anchorOf(world, copy).time.getTime()
  const before = new Date(anchored - 1000 * r.below(1000))
  const key = r.pick([
    undefined,
    world.facts.keys.get(lent.keys[copy.key].thumbprint)!,
    world.facts.keys.get(own.keys.status.thumbprint)!,
    { ...record, department: lent.address },
    { ...record, thumbprint: lent.keys.main.thumbprint },
    { ...record, purpose: r.pick(['status', 'request'] as const) },
    { ...record, retiredAt: before },
    { ...record, compromisedSince: before },
    { ...record, validFrom: new Date(anchored + 1000 * r.below(1000)) },
    { ...record, validFrom: new Date(Number.NaN) },
    { ...record, retiredAt: new Date(Number.NaN) },
    { ...record, compromisedSince: new Date(Number.NaN) },
    ...(copy.format === 'dc+sd-jwt' && copy.key === 'certified'
      ? [{ ...record, certificateHash: `0x${'00'.repeat(32)}` }]
      : []),
  ])
  return { told: 'another key or window', view: { key: async () => key } }
}

const departmentLie: Teller = ({ world, r }, copy) => {
  const own = world.departments[copy.department]!
  const record = world.facts.departments.get(own.address)!
  const lent = r.pick(world.departments.filter((one) => one !== own))
  const department = r.pick([
    undefined,
    world.facts.departments.get(lent.address)!,
    { ...record, department: lent.address },
    { ...record, removedAt: anchorOf(world, copy).time },
    { ...record, removedAt: new Date(0) },
    { ...record, removedAt: new Date(Number.NaN) },
  ])
  return {
    told: 'another department, or a removed one',
    view: { department: async () => department },
  }
}

function anchorOf({ facts, departments }: World, copy: Copy) {
  return facts.anchors.get(departments[copy.department]!.address)![copy.proof!.sequence - 1]!
}

const anchorLie: Teller = ({ world, r }, copy) => {
  const own = world.departments[copy.department]!
  const record = anchorOf(world, copy)
  const lent = r.pick(world.departments.filter((one) => one !== own))
  const theirs = world.facts.anchors.get(lent.address)!
  const ours = world.facts.anchors.get(own.address)!.filter((one) => one !== record)
  const anchor = r.pick([
    undefined,
    r.pick(theirs),
    r.pick(ours),
    { ...r.pick(ours), sequence: record.sequence },
    { ...r.pick(theirs), issuer: own.address, sequence: record.sequence },
    { ...record, issuer: lent.address },
    { ...record, root: r.pick(ours).root },
    { ...record, root: `0x${'00'.repeat(32)}` },
    { ...record, root: record.root.toUpperCase() },
    { ...record, size: record.size + r.pick([-1, 1, 16]) },
    { ...record, sequence: record.sequence + 1 },
    { ...record, time: new Date(record.time.getTime() + 3_000_000_000) },
    { ...record, time: new Date(record.time.getTime() - 3_000_000_000) },
    { ...record, time: new Date(Number.NaN) },
    { ...record, time: new Date(0) },
  ])
  return { told: 'another batch', view: { anchor: async () => anchor } }
}

const accreditationLie: Teller = ({ world, r }, copy) => {
  const own = world.departments[copy.department]!
  const mine = [...world.facts.accreditations].filter(
    ([, chains]) => chains[0]?.[0]?.department === own.address,
  )
  const right = mine.find(([, chains]) =>
    chains.some(([first]) => first?.certificateType === typeHashOf(world, copy)),
  )
  const chain = right?.[1][0]
  if (chain === undefined) return undefined
  const [first, ...above] = chain as [AccreditationChain[number], ...AccreditationChain]
  const wrong = other(r, mine, right)?.[1] ?? []
  const theirs = [...world.facts.accreditations.values()].filter(
    ([one]) => one?.[0]?.department !== own.address && one !== undefined,
  )
  const before = new Date(0)
  const changed = (change: Partial<typeof first>): AccreditationChain => [
    { ...first, ...change },
    ...above,
  ]
  const at = r.below(chain.length)
  const link = (change: Partial<typeof first>): AccreditationChain =>
    chain.map((one, n) => (n === at ? { ...one, ...change } : one))
  const far = new Date(8.64e15)
  const answers: (readonly AccreditationChain[])[] = [
    [],
    wrong,
    r.pick(theirs),
    [[]],
    [changed({ rights: ['accredit'] })],
    [changed({ rights: [] })],
    [
      changed({
        certificateType: typeHashOf(world, copy).replace(/.$/, (digit) =>
          digit === '0' ? '1' : '0',
        ),
      }),
    ],
    [changed({ department: r.pick(world.departments.filter((one) => one !== own)).address })],
    [changed({ depth: first.depth + 1 })],
    [link({ until: before })],
    [link({ from: far })],
    [link({ withdrawnAt: before })],
    [link({ removedAt: before })],
    [link({ until: new Date(Number.NaN) })],
    [link({ depth: 9 })],
    ...(above.length > 0
      ? [
          [[first]],
          [[...chain.slice(0, -1)]],
          [[first, ...above.toReversed(), ...above]],
          [[first, first, ...above]],
          [changed({ by: undefined })],
        ]
      : [[[first, first]], [changed({ by: { department: own.address, index: 0 } })]]),
  ]
  const answer = r.pick(answers)
  return { told: 'another accreditation', view: { accreditations: async () => answer } }
}

function typeHashOf({ facts }: World, copy: Copy): string {
  return facts.typeHashes.get(copy.type)!
}

const statusLie: Teller = ({ r }, copy) => {
  const shift = BigInt((copy.index % 128) * 2)
  const all = (1n << 256n) - 1n
  const word = r.pick([1n, 2n, 3n]) << shift
  const rest = r.pick([0n, all & ~(3n << shift)])
  return { told: 'a word that ends it', view: { statusWord: async () => word | rest } }
}
