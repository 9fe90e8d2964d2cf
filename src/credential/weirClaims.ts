import { InputError } from '../errors.ts'
import { readObject, readSalt, readString, readUint, refuseOthers, required } from './claims.ts'
import type { JsonObject, StatusPosition } from './model.ts'

/** The members that tie a copy to our chain; all undefined in a foreign credential. */
export type WeirClaims = {
  readonly chain: string | undefined
  readonly status: StatusPosition | undefined
  readonly certificate: string | undefined
  readonly replaces: string | undefined
  readonly salt: string | undefined
}

const foreign: WeirClaims = {
  chain: undefined,
  status: undefined,
  certificate: undefined,
  replaces: undefined,
  salt: undefined,
}

/** Lists and entries that StatusRegistry can name. */
const max32 = 0xffff_ffff

/**
 * Reads `weir` and, where it is there, the `salt` that must be beside it.
 *
 * @throws {InputError} `credential/missing-claim`, `credential/bad-claim`, `credential/weak-salt`.
 */
export function readWeirClaims(payload: JsonObject): WeirClaims {
  const weir = readObject(payload.weir, 'weir')
  if (weir === undefined) return foreign
  refuseOthers(weir, ['chain', 'status', 'certificate', 'replaces'], 'weir')
  const chain = readString(required(weir.chain, 'weir.chain'), 'weir.chain')!
  if (!/^eip155:[1-9]\d{0,15}$/.test(chain)) throw bad('weir.chain')
  const position = readObject(required(weir.status, 'weir.status'), 'weir.status')!
  refuseOthers(position, ['list', 'index'], 'weir.status')
  const replaces = readString(weir.replaces, 'weir.replaces')
  if (replaces !== undefined && !/^[0-9a-f]{64}$/.test(replaces)) throw bad('weir.replaces')
  return {
    chain,
    status: {
      list: readUint(required(position.list, 'weir.status.list'), 'weir.status.list', max32)!,
      index: readUint(required(position.index, 'weir.status.index'), 'weir.status.index', max32)!,
    },
    certificate: readString(required(weir.certificate, 'weir.certificate'), 'weir.certificate'),
    replaces,
    salt: readSalt(required(payload.salt, 'salt'), 'salt'),
  }
}

function bad(path: string): InputError {
  return new InputError('credential/bad-claim', { path })
}
