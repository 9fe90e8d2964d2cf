import { encodeBase64url, randomBytes, sha256Base64url } from '#primitives'
import { linkOf, zeroLink } from '../../src/anchor/link.ts'
import type { InclusionProof } from '../../src/anchor/model.ts'
import { pathOf } from '../../src/anchor/proof.ts'
import { arrange, leafHash, positionOf, rootOf, treeOf } from '../../src/anchor/tree.ts'
import { fingerprint as fingerprintOf } from '../../src/credential/fingerprint.ts'
import { hex } from '../../src/primitives/bytes.ts'
import type { Verifier } from '../../src/verifier/model.ts'
import { good, keyOf } from './deal.ts'
import { part, policyOf } from './dress.ts'
import { verifierOf, viewOf } from './facts.ts'
import { nodeOf, spoilt } from './json.ts'
import { signed } from './keys.ts'
import type { Copy, Mutation, Tools } from './model.ts'
import { jsonOf, type Sheet, sheetOf, tokenOf } from './tokens.ts'

/**
 * A verifier whose chain holds one more batch, with this signing input in it: what stands between a
 * hostile token and acceptance is then its form alone. Signature and anchor are in order.
 */
export function anchoredToo(
  { world, r }: Tools,
  department: string,
  signingInput: string,
): { verifier: Verifier; withoutMirror: Verifier; proof: InclusionProof } {
  const { facts } = world
  const fingerprint = fingerprintOf(signingInput)
  const leaf = leafHash(fingerprint)
  const more = Array.from({ length: 15 + r.below(r.pick([2, 20, 120])) }, () => randomBytes(32))
  const leaves = arrange([leaf, ...more])
  const before = facts.anchors.get(department)!
  const last = before.at(-1)
  const record = {
    issuer: department,
    sequence: before.length + 1,
    previous: last === undefined ? zeroLink : linkOf(last),
    root: `0x${hex(rootOf(leaves))}`,
    size: leaves.length / 32,
    block: facts.block.number,
    time: facts.block.time,
  }
  const tree = treeOf(leaves)
  const index = positionOf(leaves, leaf)!
  const proof = { sequence: record.sequence, index, size: tree.size, path: pathOf(tree, index) }
  const anchors = new Map(facts.anchors).set(department, [...before, record])
  const reader = { proof: async () => proof, holdsUpTo: async () => true }
  const view = viewOf({ ...facts, anchors })
  const standing = (hasMirror: boolean) => verifierOf(world, { hasMirror, view, leaves: reader })
  return { verifier: standing(true), withoutMirror: standing(false), proof }
}

type Change = {
  told: string
  header?: string
  payload?: string
  disclosures?: string[]
  /** Asked about then; now if nothing is said. */
  at?: Date
}

/** A token of its right issuer, signed with its right key and anchored, that is nevertheless none. */
export const sealed: Mutation = (tools) => {
  const { world, r } = tools
  const copy = good(tools, ({ key }) => key === 'main' || key === 'certified')!
  const sheet = sheetOf(copy.token)
  const makers = [spoiltPayload, spoiltHeader, wrongHeader, wrongClaims, wrongClaims, tooEarly]
  if (sheet.disclosures !== undefined) makers.push(wrongDisclosures, wrongDisclosures)
  const change = r.pick(makers)(tools, copy, sheet)
  if (change === undefined) return undefined
  const { told, header = sheet.header, payload = sheet.payload } = change
  const disclosures = change.disclosures ?? sheet.disclosures
  if (header === sheet.header && payload === sheet.payload) return undefined
  const input = `${header}.${payload}`
  const signature = encodeBase64url(signed(keyOf(tools, copy), input))
  const token = tokenOf({ header, payload, signature, disclosures })
  const { address } = world.departments[copy.department]!
  const { verifier } = anchoredToo(tools, address, input)
  return {
    told: `${copy.format}, signed and anchored: ${told}`,
    input: token,
    policy: policyOf(world, undefined, change.at && { at: change.at }),
    verifier,
  }
}

type Maker = (tools: Tools, copy: Copy, sheet: Sheet) => Change | undefined

const spoiltPayload: Maker = ({ r }, _, { payload }) => {
  const { text, told } = spoilt(r, nodeOf(jsonOf(payload)))
  return { told: `payload ${told}`, payload: part(text) }
}

const spoiltHeader: Maker = ({ r }, _, { header }) => {
  const { text, told } = spoilt(r, nodeOf(jsonOf(header)))
  return { told: `header ${told}`, header: part(text) }
}

const wrongHeader: Maker = ({ world, r }, copy, { header }) => {
  const lent = r.pick(world.departments.filter((_, at) => at !== copy.department))
  const x5c = lent.x5c.map((der) => Buffer.from(der).toString('base64'))
  const isCertified = 'x5c' in jsonOf(header)
  const change = r.pick<Record<string, unknown>>([
    { alg: r.pick(['none', 'HS256', 'ES256K', 'EdDSA', 'ES384', 'toString', null, ['ES256']]) },
    {
      typ: r.pick([
        'kb+jwt',
        'vp+jwt',
        'statuslist+jwt',
        'oauth-authz-req+jwt',
        'at+jwt',
        'jwt',
        'VC+JWT',
        '',
        null,
      ]),
    },
    { crit: ['b64'] },
    { b64: true },
    { jwk: { ...copyKey } },
    { jku: 'http://127.0.0.1:9/' },
    { x5u: 'http://127.0.0.1:9/' },
    { zip: 'DEF' },
    { cty: r.pick(['vp', 'JWT', 1]) },
    { kid: r.pick([`${lent.did}#delegate-1`, '#delegate-1', '', 1, null]) },
    { x5c: isCertified ? r.pick([x5c, [], [x5c[1]], 'x']) : r.pick([x5c, [], null]) },
    { toString: 'x' },
  ])
  return {
    told: `header ${Object.keys(change).join()}`,
    header: part({ ...jsonOf(header), ...change }),
  }
}

const copyKey = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }

const wrongClaims: Maker = ({ world, r }, copy, sheet) => {
  const payload = jsonOf(sheet.payload)
  const weir = payload.weir as Record<string, unknown>
  const own = world.departments[copy.department]!
  const lent = r.pick(world.departments.filter((one) => one !== own))
  const ended = world.copies.filter(
    ({ department, fault }) =>
      department === copy.department &&
      ['revoked', 'suspended', 'superseded'].includes(fault ?? ''),
  )
  const { list, index } = r.pick(ended)
  const seconds = Math.floor(world.at.getTime() / 1000)
  const changes: [string, Record<string, unknown>][] = [
    ['status of an ended certificate', { weir: { ...weir, status: { list, index } } }],
    [
      'status outside the list',
      { weir: { ...weir, status: { list, index: 131_072 + r.below(1000) } } },
    ],
    [
      'status of another kind',
      {
        weir: {
          ...weir,
          status: r.pick([
            null,
            {},
            { list },
            { list, index: -1 },
            { list, index: '1' },
            { list, index, more: 1 },
          ]),
        },
      },
    ],
    [
      'another chain',
      {
        weir: { ...weir, chain: r.pick(['eip155:1', 'eip155:0', 'eip155:020260', 'solana:1', 1]) },
      },
    ],
    ['no certificate number', { weir: { ...weir, certificate: r.pick([undefined, '', 1]) } }],
    ['an unknown member of weir', { weir: { ...weir, x: 1 } }],
    [
      'a bad fingerprint replaced',
      { weir: { ...weir, replaces: r.pick(['x', '00', 1, 'A'.repeat(64)]) } },
    ],
    ['no weir', { weir: r.pick([undefined, null, [], 'x']) }],
    ['no salt', { salt: r.pick([undefined, '', 'AAAA', 1, null, '='.repeat(43)]) }],
    ['no signing time', { iat: r.pick([undefined, null, '1', -1, [1]]) }],
    ['signed in the future', { iat: seconds + 61 + r.below(1e6) }],
    ['signed long ago', { iat: seconds - 31 * 86_400 - r.below(1e6) }],
    ['not yet valid', { nbf: seconds + 61 + r.below(1e6) }],
    ['over', { exp: seconds - r.below(1e6) }],
    ['an end of another kind', { exp: r.pick(['never', -1, null, [seconds]]) }],
    ['a private key', { cnf: { jwk: { ...copyKey, d: 'A'.repeat(43) } } }],
    [
      'bound by name',
      { cnf: r.pick([{ kid: 'x' }, { jku: 'http://127.0.0.1:9/' }, { jwk: null }, [], 'x']) },
    ],
    [
      'another issuer',
      'iss' in payload
        ? { iss: lent.did, ...('issuer' in payload && { issuer: lent.did }) }
        : { iss: lent.did },
    ],
    ['no issuer', { iss: r.pick(['', 'did:web:x', `${own.did}x`, null, 1]) }],
    ...wrongBody(copy, payload, r),
  ]
  const [told, change] = r.pick(changes)
  return { told, payload: part({ ...payload, ...change }) }
}

/** Signed after it was anchored, by more than clocks differ. */
const tooEarly: Maker = ({ world, r }, _, { payload }) => {
  const seconds = Math.floor(world.facts.block.time.getTime() / 1000)
  const iat = seconds + 61 + r.below(400)
  const at = new Date(world.at.getTime() + 480_000)
  return { told: 'signed after it was anchored', payload: part({ ...jsonOf(payload), iat }), at }
}

const foreignType = 'urn:weir:certificate:registry-state:1'

function wrongBody(
  copy: Copy,
  payload: Record<string, unknown>,
  r: Tools['r'],
): [string, Record<string, unknown>][] {
  const notIssued = r.pick([foreignType, 'urn:weir:certificate:unheard:1', `${copy.type}0`])
  if (copy.format === 'dc+sd-jwt') {
    return [
      ['a type that it may not issue', { vct: notIssued }],
      ['no type', { vct: r.pick([undefined, '', null, 1, []]) }],
    ]
  }
  const wrap = (change: Record<string, unknown>) =>
    copy.format === 'jwt_vc' ? { vc: { ...(payload.vc as object), ...change } } : change
  return [
    [
      'a type that it may not issue',
      wrap({ credentialSchema: { id: notIssued, type: 'JsonSchema' } }),
    ],
    ['no schema', wrap({ credentialSchema: r.pick([undefined, null, 'x', { id: copy.type }]) })],
    ['no subject', wrap({ credentialSubject: r.pick([undefined, null, [], 'x']) })],
    ['another context', wrap({ '@context': r.pick([undefined, [], ['x'], 'x', [{}]]) })],
    ['no type of credential', wrap({ type: r.pick([undefined, [], ['x'], null, 1]) })],
    ...(copy.format === 'jwt_vc'
      ? ([['no beginning', { nbf: undefined }]] as [string, Record<string, unknown>][])
      : []),
  ]
}

/** RFC 9901 section 7.1, each rule broken by the issuer itself. */
const wrongDisclosures: Maker = ({ r }, copy, sheet) => {
  const payload = jsonOf(sheet.payload)
  const isSubject = copy.format === 'vc+sd-jwt'
  const holder = (isSubject ? payload.credentialSubject : payload) as Record<string, unknown>
  const listed = [...((holder._sd as string[] | undefined) ?? [])]
  const own = [...sheet.disclosures!]
  const salt = 'AAAAAAAAAAAAAAAAAAAAAA'
  const add = (encoded: string) => {
    listed.push(sha256Base64url(encoded))
    own.push(encoded)
  }
  const addParts = (...parts: unknown[]) => add(part(parts))
  const hideProtected = () => {
    const names = isSubject
      ? ['issuer', 'validUntil', 'exp', 'weir']
      : ['exp', 'cnf', 'status', 'weir', 'vct']
    const name = r.pick(names)
    const encoded = part([salt, name, payload[name] ?? { x: 1 }])
    delete payload[name]
    if (!isSubject) return add(encoded)
    payload._sd = [sha256Base64url(encoded)]
    own.push(encoded)
  }
  const visible = Object.keys(holder).find((name) => !name.startsWith('_sd'))
  const shown = own[0]
  const edits: [string, () => unknown][] = [
    ['a reserved name', () => addParts(salt, r.pick(['_sd', '...', '_sd_alg']), 'x')],
    ['a name that is visible too', () => addParts(salt, visible ?? 'x', 'y')],
    ['one of an element among members', () => addParts(salt, 'x')],
    ['too many parts', () => addParts(salt, 'n', 'x', 'y')],
    ['too few parts', () => addParts(salt)],
    ['no list', () => add(part(r.pick([{}, 'x', 1, null])))],
    ['salt of another kind', () => addParts(r.pick([1, null, [], {}]), 'n', 'x')],
    ['name of another kind', () => addParts(salt, r.pick([1, null, [], {}]), 'x')],
    [
      'unreadable',
      () =>
        add(
          part(
            `["${salt}","n",${r.pick(['1.5', '-0', '{"a":1,"a":1}', '"\\ud800"', '1e3', '[1,]'])}]`,
          ),
        ),
    ],
    ['spelled otherwise', () => add(`${part([salt, 'n', 'x'])}=`)],
    ['a digest twice', () => listed.length > 0 && listed.push(listed[0]!)],
    ['a digest twice that nothing opens', () => listed.push('B'.repeat(43), 'B'.repeat(43))],
    ['a digest of another kind', () => listed.push(r.pick([1, null, {}, []]) as never)],
    [
      'digests where nothing may hide',
      () => {
        payload.weir = { ...(payload.weir as object), _sd: ['A'.repeat(43)] }
      },
    ],
    [
      'a digest in the key of the holder',
      () => {
        payload.cnf = { ...((payload.cnf as object) ?? {}), _sd: ['A'.repeat(43)] }
      },
    ],
    [
      'another hash',
      () => {
        payload._sd_alg = r.pick(['sha-512', 'md5', 'SHA-256', null, 1, '__proto__'])
      },
    ],
    [
      'a hash named inside',
      () => {
        payload.x = { _sd_alg: 'sha-256' }
      },
    ],
    [
      'an element outside a list',
      () => {
        payload.x = { '...': 'A'.repeat(43) }
      },
    ],
    ['one that hides a protected claim', () => hideProtected()],
    [
      'one that nothing names',
      () => own.push(part([salt, 'n', r.below(1e9)])) && listed.push('C'.repeat(43)),
    ],
    [
      'one shown twice',
      () => shown !== undefined && own.push(shown) && listed.push('D'.repeat(43)),
    ],
  ]
  const [told, edit] = r.pick(edits)
  edit()
  if (told === 'a name that is visible too' && visible === undefined) return undefined
  if (
    (told === 'a digest twice' && listed.length === 0) ||
    (told === 'one shown twice' && shown === undefined)
  )
    return undefined
  holder._sd = listed
  return { told: `disclosures: ${told}`, payload: part(payload), disclosures: own }
}
