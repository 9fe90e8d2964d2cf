import { InputError } from '../../errors.ts'

/**
 * Refuses text that would not come back as it was given: SQLite replaces lone surrogates, PostgreSQL
 * takes no NUL. A key stored as another key would be issued twice.
 *
 * @throws {InputError} `json/ill-formed-text`.
 */
export function refuseIllFormed(texts: readonly (string | undefined)[]): void {
  for (const text of texts) {
    if (text !== undefined && (!text.isWellFormed() || text.includes('\0'))) {
      throw new InputError('json/ill-formed-text')
    }
  }
}
