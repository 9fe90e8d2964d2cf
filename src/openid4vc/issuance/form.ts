import { OAuthError } from '../oauthError.ts'

/** Parameters of a form, each at most once and never empty. */
export type Form = Readonly<Record<string, string>>

/** Parameters that may come several times and that nobody here looks at (RFC 8707). */
const ignored = new Set(['resource'])

/** Characters of a form where nothing else is said. */
const maxForm = 16_384

/**
 * Reads `application/x-www-form-urlencoded`; a parameter without a value counts as left out, one sent
 * twice is refused.
 *
 * @param maxLength characters at most.
 * @throws {OAuthError} `invalid_request`
 * @see RFC 6749, section 3.1 and 3.2
 */
export function readForm(text: string, maxLength = maxForm): Form {
  if (text.length > maxLength) throw invalid('The request is too large.')
  const form: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    if (ignored.has(name) || value === '') continue
    if (name in form) throw invalid('A parameter is included more than once.')
    if (!value.isWellFormed() || value.includes('\0')) throw invalid('A parameter is malformed.')
    form[name] = value
  }
  return form
}

/** A parameter that must be there. @throws {OAuthError} `invalid_request` */
export function requiredOf(form: Form, name: string): string {
  const value = form[name]
  if (value === undefined) throw invalid(`The parameter ${name} is missing.`)
  return value
}

/** The request is wrong, and this sentence says how. */
export function invalid(description: string): OAuthError {
  return new OAuthError('invalid_request', description)
}
