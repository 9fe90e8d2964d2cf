import type { ClaimPath } from '../presentation/model.ts'
import { badOption } from './options.ts'

/**
 * A claim's path as people write it: `location`, `parties.0.name`, `parties.*.name` for every element.
 *
 * @throws {InputError} `cli/bad-option`
 */
export function claimPath(text: string): ClaimPath {
  const parts = text.trim().split('.')
  if (parts.some((part) => part === '')) throw badOption(text === '' ? 'claims' : 'claim', 'empty')
  return parts.map((part) => {
    if (part === '*') return null
    return /^(?:0|[1-9]\d{0,5})$/.test(part) ? Number(part) : part
  })
}
