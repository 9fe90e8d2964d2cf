import { parseCredential } from '../credential/parse.ts'
import { thumbprintHex } from '../credential/thumbprint.ts'
import { assembleToken } from '../credential/token.ts'
import { InputError } from '../errors.ts'
import type { CopyRecord } from '../ports/certificates.ts'
import type { Issuer } from './model.ts'
import { note } from './note.ts'
import { type Grounds, isErased, requestsFor, requireGrounds } from './status.ts'

/** Copies that are read together. */
const pageSize = 1_000

/** What was queued for one holder key. */
export type KeyRevocation = {
  /** Copies bound to the key, every format. */
  readonly copies: number
  /** Numbers of the requests, one for each status entry that was not final yet. */
  readonly requests: readonly number[]
}

/**
 * Queues the revocation of every copy that is bound to a holder key: its owner lost the wallet, or somebody
 * else has it. Other copies of the same certificates stay. Reads the whole store; an erased copy can only
 * be named by its fingerprint.
 *
 * @param thumbprint of the key, RFC 7638, `0x` and 64 hex digits.
 * @throws {InputError} `status/needs-grounds`, `status/needs-approver`: two people are needed.
 */
export async function revokeHolderKey(
  issuer: Issuer,
  thumbprint: string,
  grounds: Grounds,
): Promise<KeyRevocation> {
  requireGrounds(grounds, true)
  const { address } = issuer.department
  const requests: number[] = []
  let copies = 0
  let after = 0
  for (;;) {
    const page = await issuer.certificates.scan(address, after, pageSize)
    if (page.length === 0) break
    after = page.at(-1)!.id
    const bound = page.filter((copy) => !isErased(copy) && holderOf(copy) === thumbprint)
    copies += bound.length
    for (const copy of bound) {
      const wanted = await requestFor(issuer, copy, grounds)
      requests.push(...(await issuer.lists.addRequests(wanted)))
    }
  }
  if (requests.length > 0) {
    const detail = { ...grounds, copies, entries: requests.length }
    await note(issuer, 'status/holder-key-revoked', thumbprint, detail)
  }
  return { copies, requests }
}

function holderOf(copy: CopyRecord): string | undefined {
  const { holderKey } = parseCredential(assembleToken(copy, copy.signature ?? new Uint8Array(64)))
  return holderKey && thumbprintHex(holderKey)
}

/** None where the entry is final, or is revoked by what waits: formats of one copy share it. */
async function requestFor(issuer: Issuer, copy: CopyRecord, grounds: Grounds) {
  try {
    return await requestsFor(issuer, [copy], 'revoked', grounds)
  } catch (error) {
    const isOver =
      error instanceof InputError && ['status/final', 'status/unchanged'].includes(error.code)
    if (!isOver) throw error
    return []
  }
}
