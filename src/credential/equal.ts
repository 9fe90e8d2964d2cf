import type { Json } from './model.ts'

/**
 * Whether two JSON values are the same: members in any order, elements in theirs, `-0` is not `0`.
 *
 * @param read came from the strict parser.
 * @param planned came from a program, so it may hold things that are no JSON: those are never equal.
 */
export function equalJson(read: Json, planned: unknown): boolean {
  if (typeof read !== 'object' || read === null) return Object.is(read, planned)
  if (typeof planned !== 'object' || planned === null) return false
  if (Array.isArray(read)) {
    if (!Array.isArray(planned) || planned.length !== read.length) return false
    for (let i = 0; i < read.length; i++) if (!equalJson(read[i]!, planned[i])) return false
    return true
  }
  if (Array.isArray(planned)) return false
  let members = 0
  for (const name in read) {
    if (!Object.hasOwn(planned, name)) return false
    if (!equalJson(read[name]!, (planned as Record<string, unknown>)[name])) return false
    members++
  }
  return Object.keys(planned).length === members
}
