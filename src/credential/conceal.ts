import { encodeBase64url, randomBytes, sha256Base64url } from '#primitives'
import { InputError } from '../errors.ts'
import type { Json, JsonObject } from './model.ts'

/** Bytes of a disclosure's salt, RFC 9901 section 9.3. */
const saltBytes = 16

type Branch = { conceals: boolean; readonly children: Map<string, Branch> }

/**
 * Replaces members and elements by digests, each with a fresh 128-bit salt; a part inside another
 * concealed part is concealed on its own too. `_sd` is sorted, so that it tells no order.
 *
 * @param payload is not written to.
 * @param pointers RFC 6901, each naming an object member or array element that is there.
 * @returns the payload with `_sd` and `...`, without `_sd_alg`; and the disclosures.
 * @throws {InputError} `credential/bad-disclosure` for a pointer that names nothing or stands twice;
 *   `credential/weak-salt` if the generator repeats itself.
 * @see RFC 9901, sections 4.2 and 6
 */
export function conceal(
  payload: JsonObject,
  pointers: readonly string[],
): { visible: JsonObject; disclosures: string[] } {
  const root: Branch = { conceals: false, children: new Map() }
  for (const pointer of pointers) plant(root, pointer)
  const salts = freshSalts(pointers.length)
  const disclosures: string[] = []
  const visible = concealObject(payload, root, salts, disclosures)
  return { visible, disclosures }
}

function refuse(why: string): InputError {
  return new InputError('credential/bad-disclosure', { why })
}

function plant(root: Branch, pointer: string): void {
  if (!pointer.startsWith('/')) throw refuse('pointer')
  let branch = root
  let from = 1
  while (from <= pointer.length) {
    const slash = pointer.indexOf('/', from)
    const end = slash < 0 ? pointer.length : slash
    const raw = pointer.slice(from, end)
    const name = raw.includes('~') ? raw.replaceAll('~1', '/').replaceAll('~0', '~') : raw
    let child = branch.children.get(name)
    if (child === undefined) {
      child = { conceals: false, children: new Map() }
      branch.children.set(name, child)
    }
    branch = child
    from = end + 1
  }
  if (branch.conceals) throw refuse('pointer twice')
  branch.conceals = true
}

let lastSalt = ''

/** Salts, one draw for all. A generator that answers the same twice in a row is broken (A12). */
function freshSalts(count: number): string[] {
  if (count === 0) return []
  const bytes = randomBytes(count * saltBytes)
  const salts: string[] = []
  for (let i = 0; i < count; i++) {
    const salt = encodeBase64url(bytes.subarray(i * saltBytes, (i + 1) * saltBytes))
    if (salt === lastSalt) throw new InputError('credential/weak-salt', { why: 'repeated' })
    lastSalt = salt
    salts.push(salt)
  }
  return salts
}

function concealInside(value: Json, branch: Branch, salts: string[], out: string[]): Json {
  if (branch.children.size === 0) return value
  if (Array.isArray(value)) return concealArray(value, branch, salts, out)
  if (typeof value === 'object' && value !== null) return concealObject(value, branch, salts, out)
  throw refuse('pointer')
}

function disclose(parts: readonly Json[], out: string[]): string {
  const disclosure = encodeBase64url(JSON.stringify(parts))
  out.push(disclosure)
  return sha256Base64url(disclosure)
}

function concealObject(
  object: JsonObject,
  branch: Branch,
  salts: string[],
  out: string[],
): JsonObject {
  const visible: JsonObject = { ...object }
  const digests: string[] = []
  for (const [name, child] of branch.children) {
    const value = object[name]
    if (value === undefined || !Object.hasOwn(object, name)) throw refuse('pointer')
    const inside = concealInside(value, child, salts, out)
    if (child.conceals) {
      delete visible[name]
      digests.push(disclose([salts.pop()!, name, inside], out))
    } else {
      visible[name] = inside
    }
  }
  if (digests.length > 0) visible._sd = digests.sort()
  return visible
}

function concealArray(
  array: readonly Json[],
  branch: Branch,
  salts: string[],
  out: string[],
): Json[] {
  const visible = [...array]
  for (const [position, child] of branch.children) {
    const index = /^(?:0|[1-9]\d{0,5})$/.test(position) ? Number(position) : -1
    const value = array[index]
    if (value === undefined) throw refuse('pointer')
    const inside = concealInside(value, child, salts, out)
    visible[index] = child.conceals ? { '...': disclose([salts.pop()!, inside], out) } : inside
  }
  return visible
}
