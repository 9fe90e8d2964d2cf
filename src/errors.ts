/**
 * Every code that Weir answers with, errors and verdict checks alike. `messages/en.json` and
 * `messages/zh.json` hold one sentence for each; a test keeps list, sentences and use equal.
 */
export const codes = [
  // json and tokens
  'json/malformed',
  'json/duplicate-member',
  'json/too-deep',
  'json/too-large',
  'json/unsafe-number',
  'json/ill-formed-text',
  'credential/malformed',
  'credential/too-large',
  'credential/alg-not-allowed',
  'credential/header-not-allowed',
  'credential/wrong-typ',
  'credential/bad-base64url',
  'credential/missing-claim',
  'credential/bad-claim',
  'credential/weak-salt',
  'credential/bad-disclosure',
  'credential/unknown-format',
  'credential/bad-key',
  'credential/not-as-planned',
  'hex/malformed',
  // anchor
  'anchor/pending',
  'anchor/bad-leaf',
  'anchor/empty-batch',
  'anchor/duplicate-leaf',
  'anchor/not-ascending',
  'anchor/bad-path',
  'anchor/bad-record',
  // status and accreditation
  'status/bad-index',
  'status/final',
  'status/unchanged',
  'accreditation/holds',
  'accreditation/not-in-force',
  'accreditation/not-accredited',
  // evidence
  'evidence/bad-proof',
  'evidence/missing-proof',
  // identity
  'did/malformed',
  'did/zero-address',
  'did/unknown-parameter',
  'did/bad-version',
  'did/history-too-long',
  'key/not-yet-valid',
  'key/retired',
  'key/compromised',
  'certificate/malformed',
  'certificate/no-did',
  'certificate/wrong-key',
  'certificate/not-trusted',
  'certificate/bad-signature',
  'certificate/expired',
  'certificate/not-yet-valid',
  'certificate/weak-algorithm',
  'certificate/unknown-extension',
  'certificate/wrong-usage',
  'certificate/not-an-authority',
  'certificate/path-too-long',
  'certificate/name-constraint',
  'certificate/revoked',
  'certificate/crl-missing',
  'certificate/crl-stale',
  'certificate/crl-forged',
  'certificate/other-subject',
  'certificate/other-key',
  'certificate/no-possession',
  // chain
  'chain/behind',
  'chain/final-changed',
  'chain/inconsistent',
  'chain/unprovable',
  'chain/before-genesis',
  'chain/not-final-yet',
  'chain/bad-url',
  'chain/unreachable',
  'chain/bad-answer',
  'chain/too-large',
  'chain/refused',
  'chain/wrong-chain',
  'chain/wrong-code',
  'chain/state-damaged',
  'chain/start-failed',
  'chain/forbidden-chain-id',
  'chain/locked',
  'chain/port-taken',
  // certificate types
  'type/malformed',
  'type/bad-name',
  'type/bad-pattern',
  'type/bad-reference',
  'type/bad-layout',
  // certificates
  'certificate/unknown-type',
  'certificate/unknown-member',
  'certificate/missing-claim',
  'certificate/wrong-form',
  'certificate/no-such-day',
  'certificate/wrong-check-digit',
  'certificate/mangled-number',
  'certificate/bad-identifier',
  'certificate/bad-validity',
  'certificate/bad-fingerprint',
  // stores
  'store/duplicate',
  'store/not-found',
  'store/wrong-state',
  'store/bad-count',
  'store/newer-schema',
  'store/locked',
  'store/io',
  'store/corrupt',
  'store/unavailable',
  'store/no-backup',
  // configuration and command line
  'configuration/malformed',
  'configuration/missing',
  'cli/usage',
  'cli/bad-option',
  'cli/unreadable',
  'cli/too-large',
  'cli/cannot-write',
  'cli/file-exists',
  'cli/ambiguous',
  'internal/unexpected',
  // deployment
  'deployment/unreadable',
  'deployment/malformed',
  'deployment/deployer-used',
  'deployment/differs',
  // files of records
  'connector/bad-encoding',
  'connector/bad-csv',
  'connector/record-too-large',
  'connector/too-many-rows',
  'connector/wrong-width',
  'connector/unknown-column',
  'connector/duplicate-column',
  'connector/missing-column',
  // presentation and holder
  'presentation/malformed',
  'presentation/duplicate',
  'presentation/bad-request',
  'presentation/unknown-claim',
  'presentation/discloses-more',
  'presentation/not-bound',
  'presentation/not-answered',
  'holder/not-ours',
  'holder/refused',
  'holder/not-held',
  // keys
  'key/wrong-kind',
  'key/unavailable',
  'key/unknown',
  'key/exists',
  'key/bad-id',
  'key/not-authentic',
  'key/wrong-secret',
  'key/weak-secret',
  'key/open-to-others',
  'key/no-file',
  'key/damaged-store',
  'key/repeated-nonce',
  // issuer
  'issue/bad-request',
  'issue/idempotency-conflict',
  'issue/not-accredited',
  'issue/unknown-department',
  'issue/key-not-usable',
  'issue/plan-changed',
  'issue/bad-signature',
  'issue/repeated-randomness',
  'issue/unknown-credential',
  'anchor/behind-chain',
  'anchor/chain-lost-final',
  'anchor/bad-batch',
  'anchor/stalled',
  'anchor/not-final',
  'anchor/leaves-missing',
  'status/no-successor',
  'status/needs-grounds',
  'status/needs-approver',
  'status/unknown-certificate',
  'status/same-certificate',
  // issuer
  'chain/would-revert',
  // registry
  'registry/not-allowed',
  'registry/unknown-department',
  'registry/department-exists',
  'registry/department-removed',
  'registry/zero',
  'registry/not-pending',
  'registry/key-exists',
  'registry/key-unknown',
  'registry/key-not-proposed',
  'registry/key-retired',
  'registry/bad-purpose',
  'registry/bad-time',
  'registry/bad-rights',
  'registry/out-of-scope',
  'registry/too-deep',
  'registry/cycle',
  'registry/not-in-force',
  'registry/unknown-operation',
  'registry/operation-closed',
  'registry/already-approved',
  'registry/already-objected',
  'registry/operation-not-ready',
  'registry/operation-failed',
  'registry/bad-threshold',
  'registry/duplicate-administrator',
  'registry/no-effect',
  // verdict
  'verdict/not-reached',
  'form/well-formed',
  'form/foreign',
  'signature/good',
  'signature/bad',
  'signature/no-key',
  'holder/not-asked',
  'holder/bound',
  'holder/missing',
  'holder/no-key',
  'holder/bad-signature',
  'holder/other-credential',
  'holder/wrong-nonce',
  'holder/wrong-audience',
  'holder/too-old',
  'holder/from-the-future',
  'holder/different-holders',
  'validity/within',
  'validity/not-yet',
  'validity/expired',
  'evidence/read-now',
  'evidence/header-pinned',
  'evidence/header-not-vouched',
  'evidence/other-code',
  'issuer/registered',
  'issuer/other-chain',
  'issuer/removed',
  'accreditation/unknown-issuer',
  'key/counted',
  'key/not-registered',
  'key/other-department',
  'key/wrong-purpose',
  'key/other-certificate',
  'key/certificate-expired',
  'anchor/anchored',
  'anchor/late',
  'anchor/no-proof',
  'anchor/not-anchored',
  'anchor/wrong-issuer',
  'anchor/wrong-batch',
  'time/plausible',
  'time/signed-in-the-future',
  'time/signed-after-anchoring',
  'time/anchored-too-late',
  'status/valid',
  'status/revoked',
  'status/suspended',
  'status/superseded',
  'status/other-date',
  'evidence/malformed',
  'evidence/moving',
  // accreditor
  'accreditor/unknown-department',
  'accreditor/not-ours',
  'accreditor/out-of-scope',
  'accreditor/bad-wish',
  'accreditor/nothing-to-withdraw',
  'accreditor/key-taken',
  'accreditor/unknown-key',
  'issue/not-drained',
  // agent
  'agent/not-supported',
  'agent/bad-credential',
  'agent/no-token',
  'agent/not-as-signed',
  'agent/no-challenge',
  // fsck
  'fsck/missing-batch',
  'fsck/wrong-batch',
  'fsck/other-on-chain',
  'fsck/not-on-chain',
  'fsck/broken-link',
  'fsck/wrong-fingerprint',
  'fsck/unreadable',
  'fsck/wrong-row',
  'fsck/wrong-signature',
  'fsck/unknown-key',
  'fsck/status-twice',
  'fsck/successor-alone',
  'fsck/wrong-status',
] as const

/** A stable name `room/what`; programs branch on it, never on text. */
export type Code = (typeof codes)[number]

/** What stands beside a code: paths, counts, digests, addresses. Never claims, salts, keys or tokens. */
export type Detail = Readonly<Record<string, string | number | boolean>>

class WeirError extends Error {
  readonly code: Code
  readonly detail: Detail

  /** @param facts `cause`, kept as it is, and members of `detail`; objects are dropped. */
  constructor(code: Code, { cause, ...facts }: Readonly<Record<string, unknown>> = {}) {
    super(code, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = Object.fromEntries(Object.entries(facts).filter(isPlain))
  }
}

function isPlain(entry: [string, unknown]): entry is [string, string | number | boolean] {
  return ['string', 'number', 'boolean'].includes(typeof entry[1])
}

/** The caller gave something that Weir cannot take: fix it and call again. */
export class InputError extends WeirError {
  override readonly name = 'InputError'
}

/** Something is not what it claims to be: refuse it. */
export class TrustError extends WeirError {
  override readonly name = 'TrustError'
}

/** Something outside failed or did not answer: nothing is wrong with the input, try again later. */
export class OutsideError extends WeirError {
  override readonly name = 'OutsideError'
}

/** Whether this is one of Weir's three errors, which have a code and a sentence for people. */
export function isWeirError(error: unknown): error is InputError | TrustError | OutsideError {
  return error instanceof WeirError
}
