import { decodeBase64url, decodeUtf8 } from '#primitives'
import { InputError } from '../../errors.ts'
import { keyProposalTyp } from '../../identity/x509/proposal.ts'
import type { SignerKey, SigningKind } from '../../ports/signing.ts'

/** The purpose whose keys sign a kind of token, and the `typ` values of that kind. */
const kinds: Readonly<
  Record<SigningKind, { purposes: readonly SignerKey['purpose'][]; typs: readonly string[] }>
> = {
  credential: { purposes: ['assertion'], typs: ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'JWT'] },
  'status-list': { purposes: ['status'], typs: ['statuslist+jwt', 'vc+jwt'] },
  request: { purposes: ['request'], typs: ['oauth-authz-req+jwt'] },
  'key-binding': { purposes: ['holder'], typs: ['kb+jwt'] },
  presentation: { purposes: ['holder'], typs: ['vp+jwt'] },
  'key-proof': { purposes: ['holder'], typs: ['openid4vci-proof+jwt'] },
  'key-proposal': {
    purposes: ['assertion', 'status', 'request'],
    typs: [keyProposalTyp],
  },
}

/**
 * Refuses to sign anything but tokens of one kind with a key of its purpose: whoever reaches the signer
 * cannot make it sign other bytes.
 *
 * @param inputs JWS signing inputs; each header must be compact JSON with `alg` of the key.
 * @throws {InputError} `key/wrong-kind`
 */
export function requireKind(
  { purpose, alg }: Pick<SignerKey, 'purpose' | 'alg'>,
  kind: SigningKind,
  inputs: readonly string[],
): void {
  const { purposes, typs } = kinds[kind]
  if (!purposes.includes(purpose)) throw new InputError('key/wrong-kind')
  let judged: string | undefined
  for (const input of inputs) {
    const dot = input.indexOf('.')
    const header = input.slice(0, Math.max(dot, 0))
    // A batch has one header, seldom two.
    if (header !== judged) {
      requireHeader(header, alg, typs)
      judged = header
    }
    if (!payloadPattern.test(input.slice(dot + 1))) throw new InputError('key/wrong-kind')
  }
}

const payloadPattern = /^[A-Za-z0-9_-]+$/

function requireHeader(header: string, alg: string, typs: readonly string[]): void {
  try {
    const text = decodeUtf8(decodeBase64url(header))
    const value: unknown = JSON.parse(text)
    // Written back the same: no member stands twice, and every reader reads the same `typ`.
    if (
      typeof value === 'object' &&
      value !== null &&
      JSON.stringify(value) === text &&
      Object.hasOwn(value, 'typ') &&
      typs.includes((value as { typ: string }).typ) &&
      Object.hasOwn(value, 'alg') &&
      (value as { alg: string }).alg === alg
    ) {
      return
    }
  } catch {
    // Falls through: not a header at all.
  }
  throw new InputError('key/wrong-kind')
}
