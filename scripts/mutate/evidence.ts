import { proofJson } from '../../src/presentation/certificateFile.ts'
import type { Policy } from '../../src/verdict/model.ts'
import { other } from './deal.ts'
import { bitOf, type FileJson, made, pinned } from './evidenceFile.ts'
import { edited, nodeOf, write } from './json.ts'
import type { Mutation, Tools } from './model.ts'
import { bent } from './proofs.ts'
import { scratched } from './text.ts'

/** One character of the file. */
export const evidenceText: Mutation = (tools) => {
  const { world, r } = tools
  const filed = r.pick(world.filed)
  const { text, told } = scratched(r, filed.text)
  // The holder of an unbound SD-JWT may cut disclosures off, in here too: told apart by the token's end.
  return made(tools, filed, text, told)
}

/** What the file says about a credential: the batch, those after it, the place in it, the key, the records. */
export const evidenceClaims: Mutation = (tools) => {
  const { world, r } = tools
  const filed = r.pick(world.filed)
  const file: FileJson = JSON.parse(filed.text)
  const at = r.below(file.credentials.length)
  const own = file.credentials[at]!
  if (own.anchor === undefined) return undefined
  const copy = filed.copies[at]!
  const donorFile: FileJson = JSON.parse(other(r, world.filed, filed)!.text)
  const donor = r.pick(donorFile.credentials)
  const { anchor } = own
  const { record, following } = anchor
  const department = world.departments[copy.department]!
  const batches = world.facts.anchors.get(department.address)!
  const field = r.pick(['issuer', 'sequence', 'previous', 'root', 'size', 'block', 'time'])
  const bend = bent(tools, copy)
  const edits: [string, () => unknown][] = [
    [
      `record ${field}`,
      () => {
        record[field] = nudged(r, record[field]!)
      },
    ],
    [
      'record of another batch',
      () => {
        anchor.record = recordJson(
          r.pick(batches.filter((one) => one.sequence !== record.sequence)),
        )
      },
    ],
    [
      'following: one less',
      () => (following.length > 0 ? following.splice(r.below(following.length), 1) : undefined),
    ],
    ['following: one more', () => following.push({ ...(following.at(-1) ?? record) })],
    ['following: reversed', () => following.reverse()],
    [
      'following: one altered',
      () => {
        const [next] = following
        if (next !== undefined) next[field] = nudged(r, next[field]!)
      },
    ],
    [
      'the whole anchor of another',
      () => {
        if (donor.anchor !== undefined) own.anchor = donor.anchor
      },
    ],
    ['no anchor', () => delete own.anchor],
    [
      'its proof',
      () => {
        if (bend !== undefined) anchor.proof = proofJson(bend.proof)
      },
    ],
    [
      'its proof',
      () => {
        if (bend !== undefined) anchor.proof = proofJson(bend.proof)
      },
    ],
    [
      'no record of accreditation',
      () => {
        own.accreditations = []
      },
    ],
    [
      'another record of accreditation',
      () => {
        own.accreditations = [1 + r.below(1000)]
      },
    ],
    [
      'all of another',
      () => {
        file.credentials[at] = donor
      },
    ],
    ['none at all', () => file.credentials.splice(at, 1)],
    ...(own.jwk === undefined
      ? []
      : ([
          ['no key', () => delete own.jwk],
          [
            'another’s key',
            () => {
              own.jwk = r.pick([
                world.stranger.jwk,
                department.keys.status.jwk,
                r.pick(world.holders).jwk,
              ])
            },
          ],
          [
            'another curve',
            () => {
              own.jwk = { ...own.jwk, crv: 'secp256k1' }
            },
          ],
          ['half a key', () => (own.jwk = { kty: 'EC', crv: 'P-256', x: own.jwk?.x ?? '' })],
        ] as [string, () => unknown][])),
  ]
  const [told, edit] = r.pick(edits)
  edit()
  if (
    told === 'none at all' &&
    JSON.stringify(file.credentials) === '[]' &&
    filed.copies.length > 1
  )
    return undefined
  return made(tools, filed, JSON.stringify(file), told)
}

function recordJson({ time, ...record }: { time: Date }) {
  return { ...record, time: time.getTime() / 1000 }
}

/** Another presentation in the same file: another certificate, or the same one altered. */
export const evidenceInput: Mutation = (tools) => {
  const { world, r } = tools
  const filed = r.pick(world.filed)
  const file: FileJson = JSON.parse(filed.text)
  const donor = r.pick(world.copies.filter((copy) => !filed.copies.includes(copy)))
  const lent = other(r, world.filed, filed)!
  const edits: [string, () => unknown][] = [
    [
      'another certificate',
      () => {
        file.input = donor.token
      },
    ],
    [
      'another file’s',
      () => {
        file.input = JSON.parse(lent.text).input
      },
    ],
    [
      'scratched',
      () => {
        file.input = safeScratch(tools, file.input)
      },
    ],
    [
      'scratched',
      () => {
        file.input = safeScratch(tools, file.input)
      },
    ],
    [
      'nothing',
      () => {
        file.input = ''
      },
    ],
  ]
  const [told, edit] = r.pick(edits)
  edit()
  if (told === 'another file’s' && lent.copies.every((copy, at) => copy === filed.copies[at]))
    return undefined
  return made(tools, filed, JSON.stringify(file), `input ${told}`)
}

function safeScratch({ r }: Tools, input: string): string {
  const { text } = scratched(r, input)
  return text.endsWith('~') && input.startsWith(text) ? `${text}x` : text
}

/** Structure of the file outside its proofs. */
export const evidenceStructure: Mutation = (tools) => {
  const { world, r } = tools
  const filed = r.pick(world.filed)
  const file: FileJson = JSON.parse(filed.text)
  const part = r.pick(['anchor', 'file'] as const)
  const at = r.below(file.credentials.length)
  const own = file.credentials[at]!
  if (part === 'anchor') {
    if (own.anchor === undefined) return undefined
    const { anchor, ...rest } = own
    const root = nodeOf(anchor)
    const told = edited(r, root)
    file.credentials[at] = { ...rest, anchor: '@@' as never }
    return made(
      tools,
      filed,
      JSON.stringify(file).replace('"@@"', () => write(root)),
      told,
    )
  }
  const change = r.pick<Record<string, unknown>>([
    { evidence: r.pick([0, 2, '1', null, undefined]) },
    { input: r.pick([undefined, null, 1, [file.input]]) },
    {
      proof: r.pick([
        undefined,
        null,
        [],
        'x',
        { header: file.proof.header },
        { ...file.proof, more: 1 },
        { ...file.proof, accounts: [] },
      ]),
    },
    { credentials: r.pick([undefined, null, {}, []]) },
    { more: 1 },
    { kind: 'read' },
    { constructor: 1 },
  ])
  return made(
    tools,
    filed,
    JSON.stringify({ ...file, ...change }),
    `member ${Object.keys(change).join()}`,
  )
}

/** The file as it is, before a verifier that did not keep its header, or means other contracts. */
export const evidenceTrust: Mutation = (tools) => {
  const { world, r } = tools
  const filed = r.pick(world.filed)
  const { identity, at } = world
  const { contracts, codeHashes } = identity
  const name = r.pick(['departmentRegistry', 'anchorRegistry', 'statusRegistry'] as const)
  const swap = r.pick([
    'departmentRegistry',
    'anchorRegistry',
    'statusRegistry',
    'didRegistry',
  ] as const)
  const changes: [string, Partial<Policy>][] = [
    ['no header kept', { pinnedHeaders: [] }],
    [
      'another header kept',
      {
        pinnedHeaders: [
          `0x${'11'.repeat(32)}`,
          filed.header.slice(2),
          `${filed.header.slice(0, -1)}`,
        ],
      },
    ],
    ['another chain', { chain: `eip155:${identity.chainId + 1 + r.below(9)}` }],
    [
      'a deployment on another chain',
      { deployment: { ...identity, chainId: identity.chainId + 1 } },
    ],
    [
      'another code',
      {
        deployment: { ...identity, codeHashes: { ...codeHashes, [name]: `0x${'22'.repeat(32)}` } },
      },
    ],
    [
      'contracts mixed up',
      { deployment: { ...identity, contracts: { ...contracts, [name]: contracts[swap] } } },
    ],
    ['asked much later', { at: new Date(at.getTime() + 601_000 + r.below(1e9)) }],
    ['asked about before', { at: new Date(at.getTime() - 70_000 - r.below(1e9)) }],
  ]
  const [told, change] = r.pick(changes)
  if (told === 'contracts mixed up' && name === swap) return undefined
  return { told: `evidence: ${told}`, evidence: filed.text, policy: pinned(tools, filed, change) }
}

function nudged(r: Tools['r'], value: string | number): string | number {
  if (typeof value === 'number') return value + r.pick([-1, 1, 16, 1000])
  return bitOf(r, value)
}
