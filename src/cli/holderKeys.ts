import { readJwk } from '../credential/claims.ts'
import { parseJson } from '../credential/json.ts'
import type { PublicJwk } from '../credential/model.ts'
import { parseCredential } from '../credential/parse.ts'
import { assembleToken } from '../credential/token.ts'
import { InputError } from '../errors.ts'
import type { Issuer } from '../issuer/model.ts'
import type { OpenChain } from '../wire/chain.ts'
import type { Home } from '../wire/home.ts'
import { openVerifier } from '../wire/verifier.ts'
import { openWallet, type Wallet } from '../wire/wallet.ts'
import { readInput } from './files.ts'

/** Gives the holder keys for one request: the ones it had before where it is repeated. */
export type HolderKeys = {
  keysFor(idempotencyKey: string): Promise<readonly PublicJwk[] | undefined>
  close(): Promise<void>
}

/**
 * Holder keys from `--holder`: each a wallet of this home, which makes a fresh key for every certificate,
 * or a file with a public P-256 JWK. A repeated request gets the keys that it had, so that it is the same.
 *
 * @throws {InputError} `cli/unreadable`, `json/*`, `credential/bad-key`, and as `openWallet`
 */
export async function openHolderKeys(
  home: Home,
  chain: OpenChain,
  issuer: Issuer,
  holders: readonly string[],
): Promise<HolderKeys> {
  const sources: (Wallet | PublicJwk)[] = []
  const given = new Map<string, readonly PublicJwk[]>()
  const close = async () => {
    for (const source of sources) if ('holder' in source) await source.close()
  }
  try {
    for (const holder of holders) {
      if (/^[a-z][a-z0-9-]*$/.test(holder)) {
        sources.push(await openWallet(home, chain, openVerifier(chain), holder))
      } else sources.push(await readKey(holder))
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    keysFor: async (idempotencyKey) => {
      if (sources.length === 0) return undefined
      const before = given.get(idempotencyKey) ?? (await keysBefore(issuer, idempotencyKey))
      if (before !== undefined) return before
      const keys: PublicJwk[] = []
      for (const source of sources) keys.push('holder' in source ? await source.newKey() : source)
      given.set(idempotencyKey, keys)
      return keys
    },
    close,
  }
}

/** A wallet's file may carry a private key: it is refused, so that none goes round by accident. */
async function readKey(path: string): Promise<PublicJwk> {
  const json = parseJson(await readInput(path, '--holder', 16_384))
  if (typeof json === 'object' && json !== null && 'd' in json) {
    throw new InputError('credential/bad-key', { why: 'private' })
  }
  return readJwk(json, 'holder')
}

async function keysBefore(issuer: Issuer, key: string): Promise<PublicJwk[] | undefined> {
  const copies = await issuer.certificates.byKeys(issuer.department.address, [key])
  if (copies.length === 0) return undefined
  const keys = new Map<number, PublicJwk>()
  for (const planned of copies) {
    if (keys.has(planned.copy)) continue
    // Planned copies may be unsigned yet; the key stands in what will be signed.
    const { holderKey } = parseCredential(assembleToken(planned, new Uint8Array(64)))
    if (holderKey === undefined) return undefined
    keys.set(planned.copy, holderKey)
  }
  return [...keys.values()]
}
