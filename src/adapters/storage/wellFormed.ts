import { InputError } from '../../errors.ts'

/**
 * Refuses text that would not come back as it was given: SQLite replaces lone surrogates, PostgreSQL
 * takes no NUL. A key stored as another key would be issued twice.
 *
 * @throws {InputError} `json/ill-formed-text`.
 */
export function refuseIllFormed(rows: readonly (readonly unknown[])[]): void {
  for (const row of rows) {
    for (const value of row) {
      if (typeof value === 'string' && (!value.isWellFormed() || value.includes('\0'))) {
        throw new InputError('json/ill-formed-text')
      }
    }
  }
}
