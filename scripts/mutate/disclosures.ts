import { encodeBase64url, sha256Base64url } from '#primitives'
import { chance, mostlyGood, other } from './deal.ts'
import { part } from './dress.ts'
import type { Copy, Mutation } from './model.ts'
import { asMutant, jsonOf, resigned, sheetOf, tokenOf } from './tokens.ts'

const hasSome = ({ token }: Copy) => token.split('~').length > 2

/** The three (or two) parts of a disclosure. */
function open(encoded: string): unknown[] {
  return JSON.parse(Buffer.from(encoded, 'base64url').toString())
}

const close = (parts: unknown) => encodeBase64url(JSON.stringify(parts))

/**
 * Disclosures twice, of others, altered, invented. Showing fewer of them, or in another order, is a
 * holder's right and never made here; but what lies inside a concealed part needs that part.
 */
export const disclosures: Mutation = (tools) => {
  const { world, r } = tools
  const copy = mostlyGood(tools, hasSome)!
  const sheet = sheetOf(copy.token)
  const own = sheet.disclosures!
  const at = r.below(own.length)
  const [salt, name, value] = open(own[at]!)
  const donor = other(r, world.copies.filter(hasSome), copy)!
  const set = (encoded: string) => own.splice(at, 1, encoded)
  const edits: [string, () => unknown][] = [
    ['stands twice', () => own.splice(r.below(own.length + 1), 0, own[at]!)],
    ['from another certificate', () => own.push(r.pick(sheetOf(donor.token).disclosures!))],
    ['replaced by another certificate’s', () => set(r.pick(sheetOf(donor.token).disclosures!))],
    ['with another value', () => set(close([salt, name, r.pick(['x', 1, null, {}, [], true])]))],
    [
      'with another name',
      () => set(close([salt, r.pick(['iss', 'weir', '__proto__', '_sd', '...', 'x']), value])),
    ],
    ['with another salt', () => set(close([`${salt}A`, name, value]))],
    ['without its salt', () => set(close([name, value]))],
    ['with a part too many', () => set(close([salt, name, value, null]))],
    ['spaced otherwise', () => set(encodeBase64url(JSON.stringify([salt, name, value], null, 1)))],
    ['empty', () => set('')],
    ['no JSON', () => set(r.pick(['AA', 'W10', 'e30', 'bnVsbA', '=', 'A']))],
    [
      'invented',
      () =>
        own.push(
          close(['AAAAAAAAAAAAAAAAAAAAAA', r.pick(['beds', 'name', 'right_holder', 'iat']), 'x']),
        ),
    ],
    [
      'invented many',
      () => own.push(...Array.from({ length: 60 }, (_, n) => close([`s${n}`, `n${n}`, n]))),
    ],
  ]
  const [told, edit] = r.pick(edits)
  edit()
  return asMutant(tools, copy, tokenOf(sheet), `disclosure ${told}`)
}

const around = new Map<string, string[]>()

/** Those disclosures of a token that hold the digest of another one. */
function parentsIn(token: string): string[] {
  const known = around.get(token)
  if (known !== undefined) return known
  const own = sheetOf(token).disclosures ?? []
  const digests = own.map(sha256Base64url)
  const found = own.filter((encoded) => {
    const text = Buffer.from(encoded, 'base64url').toString()
    return digests.some((digest) => text.includes(digest))
  })
  around.set(token, found)
  return found
}

/** A part inside a concealed part, shown without what is around it. */
export const orphans: Mutation = (tools) => {
  const copy = mostlyGood(tools, ({ token }) => parentsIn(token).length > 0)
  if (copy === undefined) return undefined
  const sheet = sheetOf(copy.token)
  const parent = tools.r.pick(parentsIn(copy.token))
  sheet.disclosures = sheet.disclosures!.filter((encoded) => encoded !== parent)
  return asMutant(tools, copy, tokenOf(sheet), 'what is inside a hidden part is shown')
}

/** Disclosures behind a token whose format has none, or a missing tilde. */
export const tildes: Mutation = (tools) => {
  const { world, r } = tools
  const copy = mostlyGood(tools)!
  const { token } = copy
  const donor = r.pick(world.copies.filter(hasSome))
  const changes: [string, string][] = token.endsWith('~')
    ? [
        ['no last tilde', token.slice(0, -1)],
        ['two tildes', `${token}~`],
        ['a tilde before', `~${token}`],
        ['no disclosure and no tilde', token.split('~')[0]!],
      ]
    : [
        ['a tilde behind', `${token}~`],
        ['disclosures behind', `${token}~${r.pick(sheetOf(donor.token).disclosures!)}~`],
      ]
  const [told, mutated] = r.pick(changes)
  return asMutant(tools, copy, mutated, told, false)
}

/** Digests added, changed, doubled or moved in the signed payload. */
export const digests: Mutation = (tools) => {
  const { r } = tools
  const copy = mostlyGood(tools, hasSome)!
  const sheet = sheetOf(copy.token)
  const payload = jsonOf(sheet.payload)
  const holder =
    '_sd' in payload ? payload : (payload.credentialSubject as Record<string, unknown> | undefined)
  const list = holder?._sd as string[] | undefined
  if (holder === undefined || list === undefined) return undefined
  const invented = close(['AAAAAAAAAAAAAAAAAAAAAA', 'invented', 'x'])
  const edits: [string, () => unknown][] = [
    [
      'added, with its disclosure',
      () => {
        list.push(sha256Base64url(invented))
        sheet.disclosures!.push(invented)
      },
    ],
    [
      'replaced, with its disclosure',
      () => {
        list.splice(0, 1, sha256Base64url(invented))
        sheet.disclosures!.push(invented)
      },
    ],
    ['twice', () => list.push(list[0]!)],
    ['removed', () => list.pop()],
    ['reversed', () => list.push(...list.splice(0).reverse())],
    ['of another kind', () => list.push(1 as never)],
    [
      'under another hash',
      () => {
        payload._sd_alg = r.pick(['sha-512', 'md5', 'SHA-256', null, 1])
      },
    ],
    ['under no hash name', () => delete payload._sd_alg],
    [
      'no list',
      () => {
        holder._sd = list[0]
      },
    ],
    [
      'of disclosures, whose names become plain',
      () => {
        payload.iss = 'x'
      },
    ],
  ]
  const [told, edit] = r.pick(edits)
  edit()
  const segment = part(payload)
  if (segment === sheet.payload) return undefined
  return resigned(tools, copy, { ...sheet, payload: segment }, `digest ${told}`)
}

/** A disclosure dropped, or one that the holder kept back added, after the holder bound what it shows. */
export const afterBinding: Mutation = (tools) => {
  const { r } = tools
  const copy = mostlyGood(tools, (one) => hasSome(one) && one.holder !== undefined)!
  const sheet = sheetOf(copy.token)
  const own = sheet.disclosures!
  const at = r.below(own.length)
  const kept = own.filter((_, n) => n !== at)
  const isDrop = chance(r, 50)
  const shown = tokenOf({ ...sheet, disclosures: isDrop ? own : kept })
  const mutant = asMutant(
    tools,
    { ...copy, token: '' },
    shown,
    'a disclosure more or less than was bound',
  )
  if (
    mutant === undefined ||
    !('input' in mutant) ||
    mutant.policy.question.kind !== 'presentation'
  )
    return undefined
  const then = tokenOf({ ...sheet, disclosures: isDrop ? kept : own })
  const input = mutant.input.replace(shown, then)
  return input === mutant.input ? undefined : { ...mutant, input }
}
