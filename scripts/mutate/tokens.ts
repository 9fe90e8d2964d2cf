import { createHmac, createPublicKey } from 'node:crypto'
import { encodeBase64url } from '#primitives'
import { chance, keyOf, mostlyGood, other, wrongKey } from './deal.ts'
import { dressed, newChallenge, part } from './dress.ts'
import { edited, nodeOf, write } from './json.ts'
import { signed, twin } from './keys.ts'
import type { Copy, Mutant, Mutation, Tools } from './model.ts'
import { flippedSegment, respelled, scratched } from './text.ts'

/** A token cut into its parts, as they stand. */
export type Sheet = {
  header: string
  payload: string
  signature: string
  /** Undefined for a plain JWT. */
  disclosures: string[] | undefined
}

/** Cuts a good token. */
export function sheetOf(token: string): Sheet {
  const [jwt = '', ...rest] = token.split('~')
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  return {
    header,
    payload,
    signature,
    disclosures: rest.length === 0 ? undefined : rest.slice(0, -1),
  }
}

/** Puts the parts together again. */
export function tokenOf({ header, payload, signature, disclosures }: Sheet): string {
  const jwt = `${header}.${payload}.${signature}`
  return disclosures === undefined ? jwt : `${[jwt, ...disclosures].join('~')}~`
}

/** The JSON behind a segment. */
export function jsonOf(segment: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(segment, 'base64url').toString())
}

/** A mutated token in what a holder hands over; bound by the holder where it can be, half of the time. */
export function asMutant(
  tools: Tools,
  copy: Copy,
  mutated: string,
  told: string,
  mayBind = true,
): Mutant | undefined {
  if (mutated.trim() === copy.token) return undefined
  const isBound = mayBind && copy.holder !== undefined && chance(tools.r, 50)
  const challenge = isBound ? newChallenge(tools) : undefined
  return {
    told: `${copy.format}: ${told}`,
    ...dressed(tools, [{ ...copy, mutated }], { challenge }),
  }
}

/** One character of the text. Cutting whole disclosures off is legal for a holder: never made here. */
export const characters: Mutation = (tools) => {
  const copy = mostlyGood(tools)!
  const { text, told } = scratched(tools.r, copy.token)
  if (text === '' || (text.endsWith('~') && copy.token.startsWith(text))) return undefined
  return asMutant(tools, copy, text, told, false)
}

/** Bits of the decoded header, payload, signature or a disclosure. */
export const bits: Mutation = (tools) => {
  const { r } = tools
  const copy = mostlyGood(tools)!
  const sheet = sheetOf(copy.token)
  const part = r.pick(['header', 'payload', 'signature', 'disclosures'] as const)
  if (part === 'disclosures') {
    const { disclosures } = sheet
    if (disclosures === undefined || disclosures.length === 0) return undefined
    const at = r.below(disclosures.length)
    const { text, told } = flippedSegment(r, disclosures[at]!)
    disclosures[at] = text
    return asMutant(tools, copy, tokenOf(sheet), `disclosure ${at} ${told}`)
  }
  const { text, told } = flippedSegment(r, sheet[part])
  const mutated = tokenOf({ ...sheet, [part]: text })
  const flippedTwin = encodeBase64url(twin(Buffer.from(sheet.signature, 'base64url')))
  return text === flippedTwin ? undefined : asMutant(tools, copy, mutated, `${part} ${told}`)
}

/** The same bytes in another spelling of base64url: there is one. */
export const spelling: Mutation = (tools) => {
  const { r } = tools
  const copy = mostlyGood(tools)!
  const sheet = sheetOf(copy.token)
  const name = r.pick(['header', 'payload', 'signature'] as const)
  const mutated = tokenOf({ ...sheet, [name]: respelled(r, sheet[name]) })
  return asMutant(tools, copy, mutated, `${name} spelled otherwise`)
}

/** Another structure of header or payload; the signature kept, the issuer's own, or somebody's. */
export const structure: Mutation = (tools) => {
  const { r } = tools
  const copy = mostlyGood(tools)!
  const sheet = sheetOf(copy.token)
  const name = chance(r, 25) ? 'header' : 'payload'
  const root = nodeOf(jsonOf(sheet[name]))
  const told = edited(r, root)
  const segment = part(write(root))
  if (segment === sheet[name]) return undefined
  return resigned(tools, copy, { ...sheet, [name]: segment }, `${name} ${told}`)
}

/** A changed signing input under one signature or another; nothing that was not anchored is accepted. */
export function resigned(tools: Tools, copy: Copy, sheet: Sheet, told: string): Mutant | undefined {
  const { r } = tools
  const input = `${sheet.header}.${sheet.payload}`
  const how = r.below(3)
  if (how === 0) return asMutant(tools, copy, tokenOf(sheet), `${told}, signature kept`)
  const { key, name } =
    how === 1 ? { key: keyOf(tools, copy), name: 'its issuer' } : wrongKey(tools, copy)
  const signature = encodeBase64url(signed(key, input))
  return asMutant(tools, copy, tokenOf({ ...sheet, signature }), `${told}, signed by ${name}`)
}

/** The very bytes that are anchored, signed with a key that must not count. */
export const wrongSigner: Mutation = (tools) => {
  const copy = mostlyGood(tools)!
  const sheet = sheetOf(copy.token)
  const { key, name } = wrongKey(tools, copy)
  const signature = encodeBase64url(signed(key, `${sheet.header}.${sheet.payload}`))
  return asMutant(tools, copy, tokenOf({ ...sheet, signature }), `unchanged, signed by ${name}`)
}

/** Header of one certificate, payload of another, signature of a third; issuers and formats mixed. */
export const splice: Mutation = (tools) => {
  const { world, r } = tools
  const copy = mostlyGood(tools)!
  const donor = other(r, world.copies, copy)!
  const [own, lent] = [sheetOf(copy.token), sheetOf(donor.token)]
  const names = ['header', 'payload', 'signature', 'disclosures'] as const
  const taken = r.pick(names)
  const sheet = { ...own, [taken]: lent[taken] }
  if (taken === 'header' && own.header === lent.header) return undefined
  const isSame = taken === 'disclosures' && !(lent.disclosures?.length ?? 0)
  // Taking no disclosures of another is showing none of one's own, which is legal in the same form.
  if (isSame) return undefined
  const told = `${taken} of a ${donor.format} of ${donor.department === copy.department ? 'the same' : 'another'} department`
  return asMutant(tools, copy, tokenOf(sheet), told)
}

/** One department claims to be another, and signs as itself. */
export const impostor: Mutation = (tools) => {
  const { world, r } = tools
  const copy = mostlyGood(
    tools,
    ({ format, key }) => !(format === 'dc+sd-jwt' && key === 'certified'),
  )!
  const victim = other(r, world.departments, world.departments[copy.department]!)!
  const sheet = sheetOf(copy.token)
  const own = world.departments[copy.department]!.did
  const rename = (segment: string) =>
    part(Buffer.from(segment, 'base64url').toString().replaceAll(own, victim.did))
  const names = r.pick([['header'], ['payload'], ['header', 'payload']] as const)
  const renamed: Sheet = { ...sheet }
  for (const name of names) renamed[name] = rename(sheet[name])
  return resigned(tools, copy, renamed, `another department's name in ${names.join(' and ')}`)
}

const otherTyps = [
  'kb+jwt',
  'vp+jwt',
  'statuslist+jwt',
  'oauth-authz-req+jwt',
  'at+jwt',
  'jwt',
  'VC+JWT',
  'vc+jwt',
  'dc+sd-jwt',
  'vc+sd-jwt',
  'JWT',
  'application/vc+jwt',
  '',
  null,
  1,
  ['vc+jwt'],
  '__proto__',
  'constructor',
]
const otherAlgs = [
  'none',
  'None',
  'NONE',
  '',
  null,
  0,
  'HS256',
  'HS384',
  'RS256',
  'PS256',
  'ES256K',
  'ES256K-R',
  'ES384',
  'EdDSA',
  'Ed25519',
  'es256',
  'constructor',
  'toString',
  '__proto__',
  'isPrototypeOf',
  'hasOwnProperty',
  ['ES256'],
]

/** Header members that would choose algorithm or key, change the kind, or ask for more. */
export const headers: Mutation = (tools) => {
  const { world, r } = tools
  const copy = mostlyGood(tools)!
  const sheet = sheetOf(copy.token)
  const header = jsonOf(sheet.header)
  const { key, name: forger } = wrongKey(tools, copy)
  const lent = r.pick(world.departments)
  const x5c = lent.x5c.map((der) => Buffer.from(der).toString('base64'))
  const alg = r.pick(otherAlgs)
  const typ = r.pick(otherTyps)
  const changes: [string, Record<string, unknown>][] = [
    [`alg ${JSON.stringify(alg)}`, { alg }],
    [`typ ${JSON.stringify(typ)}`, { typ }],
    ['jwk of the forger', { jwk: key.jwk }],
    ['jku', { jku: 'http://127.0.0.1:9/keys' }],
    ['x5u', { x5u: 'http://127.0.0.1:9/cert' }],
    ['x5t#S256', { 'x5t#S256': 'A'.repeat(43) }],
    ['crit', { crit: r.pick([['b64'], ['exp'], [], ['x']]) }],
    ['b64 false', { b64: false, crit: ['b64'] }],
    ['zip', { zip: 'DEF' }],
    ['kid of another', { kid: `${lent.did}#delegate-1` }],
    ['kid odd', { kid: r.pick(['', '#delegate-1', 'x', null, 1, '../key', ['a']]) }],
    ['x5c of a department', { x5c }],
    ['x5c of a department and no kid', { x5c, kid: undefined }],
    [
      'x5c odd',
      {
        x5c: r.pick([[], '', [''], ['MAA='], [...x5c].reverse(), [x5c[1]], [...x5c, x5c[1]], null]),
      },
    ],
    ['no alg', { alg: undefined }],
    ['no typ', { typ: undefined }],
    ['no kid', { kid: undefined }],
  ]
  const [told, change] = r.pick(changes)
  const segment = part({ ...header, ...change })
  if (segment === sheet.header) return undefined
  const input = `${segment}.${sheet.payload}`
  const changed = { ...sheet, header: segment }
  if (typeof alg === 'string' && /^none$/i.test(alg) && 'alg' in change) {
    return asMutant(
      tools,
      copy,
      tokenOf({ ...changed, signature: r.pick(['', 'AA', sheet.signature]) }),
      told,
    )
  }
  if (alg === 'HS256' && change.alg === 'HS256') {
    const signature = encodeBase64url(hmac(tools, copy, input))
    return asMutant(
      tools,
      copy,
      tokenOf({ ...changed, signature }),
      `${told} keyed with the public key`,
    )
  }
  if (told === 'jwk of the forger' || told.startsWith('x5c of')) {
    const by = told === 'jwk of the forger' ? key : lent.keys.certified
    const signature = encodeBase64url(signed(by, input))
    return asMutant(tools, copy, tokenOf({ ...changed, signature }), `${told}, signed by ${forger}`)
  }
  return resigned(tools, copy, changed, told)
}

/** HMAC with every form in which a careless verifier might hold the public key. */
function hmac(tools: Tools, copy: Copy, input: string): Uint8Array {
  const { jwk } = keyOf(tools, copy)
  const key = createPublicKey({ key: jwk as never, format: 'jwk' })
  const secret = tools.r.pick([
    JSON.stringify(jwk),
    key.export({ format: 'pem', type: 'spki' }) as string,
    key.export({ format: 'der', type: 'spki' }),
    Buffer.from(jwk.x, 'base64url'),
    Buffer.concat([
      Buffer.of(4),
      Buffer.from(jwk.x, 'base64url'),
      Buffer.from(jwk.y!, 'base64url'),
    ]),
    '',
  ])
  const mac = createHmac('sha256', secret).update(input).digest()
  return tools.r.below(2) === 0 ? mac : Buffer.concat([mac, mac])
}
