import { InputError, isWeirError, OutsideError } from '../../errors.ts'

/** What SQLite's primary result codes mean to a caller. */
const sqliteCodes = new Map<number, 'store/io' | 'store/corrupt' | 'store/locked'>([
  [5, 'store/locked'],
  [6, 'store/locked'],
  [7, 'store/io'],
  [8, 'store/io'],
  [10, 'store/io'],
  [11, 'store/corrupt'],
  [13, 'store/io'],
  [14, 'store/io'],
  [26, 'store/corrupt'],
])

/**
 * Turns what a driver threw into one of Weir's errors; SQLite's message stays out, since it may quote
 * a value. Weir's own errors pass.
 *
 * @returns `store/duplicate` for a broken unique constraint, `store/io` (disk full, read-only, failed
 * write or fsync), `store/corrupt`, `store/locked`, else `store/unavailable`.
 */
export function storeError(error: unknown): Error {
  if (isWeirError(error)) return error
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') {
    if ((errcode & 0xff) === 19) return new InputError('store/duplicate')
    const known = sqliteCodes.get(errcode & 0xff)
    return known === undefined ? asError(error) : new OutsideError(known, { sqlite: errcode })
  }
  if (code === 'ERR_INVALID_STATE')
    return new OutsideError('store/unavailable', { reason: 'closed' })
  if (typeof code === 'string') return databaseError(code, error)
  return asError(error)
}

/** Whether the same transaction may succeed if it runs again (PostgreSQL: serialisation, deadlock). */
export function isConflict(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === '40001' || code === '40P01'
}

function databaseError(code: string, error: unknown): Error {
  if (code === '23505') return new InputError('store/duplicate')
  if (code.startsWith('53') && code !== '53300') return new OutsideError('store/io', { sql: code })
  if (code.startsWith('58') || code === '25006') return new OutsideError('store/io', { sql: code })
  if (code.startsWith('XX')) return new OutsideError('store/corrupt', { sql: code })
  if (/^(08|57|40|53|55|28|3D)/.test(code))
    return new OutsideError('store/unavailable', { sql: code })
  if (/^E[A-Z]+$/.test(code)) {
    const isFar = ['connect', 'getaddrinfo'].includes(
      String((error as { syscall?: unknown }).syscall),
    )
    const isNetwork = isFar || /^E(CONN|PIPE|TIMEDOUT|HOST|NET|NOTFOUND)/.test(code)
    return new OutsideError(isNetwork ? 'store/unavailable' : 'store/io', { reason: code })
  }
  return asError(error)
}

function asError(error: unknown): Error {
  if (!(error instanceof Error)) return new OutsideError('store/unavailable')
  const isLostConnection = /connection|timeout exceeded/i.test(error.message)
  return isLostConnection ? new OutsideError('store/unavailable', { cause: error }) : error
}
