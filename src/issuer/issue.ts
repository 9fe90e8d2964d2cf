import { InputError, isWeirError, type TrustError } from '../errors.ts'
import { requireSameHistory } from './history.ts'
import type { Answer, CertificateRequest, IssuedCredential, IssueOptions, Issuer } from './model.ts'
import { isRefusal, plan } from './plan.ts'
import { reach } from './reach.ts'
import { type CheckedRequest, checkRequest, type Replaced } from './request.ts'
import { finish } from './resume.ts'
import { signPlans } from './sign.ts'
import { requireStanding, type Standing } from './standing.ts'

/** Requests that are planned, signed and stored together, each time with one fsync. */
const defaultChunk = 2_000

/** After these a chunk looks again. */
const again: ReadonlySet<string> = new Set(['store/duplicate', 'issue/key-exchanged'])

/** How often a chunk looks again after another call was first with a part of it. */
const attempts = 10

/** Chunks that are worked on at a time: the database writes one while cores prepare and sign others. */
const depth = 4

/**
 * Issues certificates, one or a hundred thousand:
 *
 * 1. checks each request against its type and the issuer's own accreditation;
 * 2. gives a repeated request (same idempotency key) the stored answer;
 * 3. reserves status entries, identifiers and salts;
 * 4. encodes and lints what will be signed;
 * 5. stores it;
 * 6. signs, compares every token with its plan, verifies signatures (see `signPlans`);
 * 7. stores the signatures, and only then answers.
 *
 * A crash leaves copies that are `reserved`; {@link resume} signs what was planned.
 *
 * @returns one answer a request, in order, while later ones are still being worked on.
 * @throws {TrustError} `issue/unknown-department`, `issue/key-not-usable`, `anchor/behind-chain`,
 * `issue/plan-changed`, `issue/bad-signature`, `issue/repeated-randomness`
 * @throws {OutsideError} from the chain, the store or the signer; repeat the call with the same keys.
 * @see docs/issuance.md
 */
export async function* issue(
  issuer: Issuer,
  requests: Iterable<CertificateRequest> | AsyncIterable<CertificateRequest>,
  options: IssueOptions = {},
): AsyncGenerator<Answer, void, undefined> {
  const standing = await requireStanding(issuer)
  await requireSameHistory(issuer, standing.view)
  const running: Promise<Answer[]>[] = []
  const count = { done: 0, refused: 0 }
  const report = (answers: readonly Answer[]) => {
    count.done += answers.length
    count.refused += answers.filter((answer) => 'error' in answer).length
    options.progress?.({ ...count })
    return answers
  }
  try {
    for await (const chunk of chunks(requests, options.chunk ?? defaultChunk)) {
      const answers = issueChunk(issuer, standing, chunk, options)
      // Whoever fails first is thrown below; the others must not go unheard.
      answers.catch(() => {})
      running.push(answers)
      if (running.length >= depth) yield* report(await running.shift()!)
    }
    while (running.length > 0) yield* report(await running.shift()!)
  } finally {
    await Promise.allSettled(running)
  }
}

/**
 * Issues one certificate.
 *
 * @returns its copies in every format.
 * @throws as {@link issue}, and whatever the request is refused for.
 */
export async function issueOne(
  issuer: Issuer,
  request: CertificateRequest,
  options: IssueOptions = {},
): Promise<readonly IssuedCredential[]> {
  const standing = await requireStanding(issuer)
  await requireSameHistory(issuer, standing.view)
  const [answer] = await issueChunk(issuer, standing, [request], options)
  if (answer === undefined || 'error' in answer) throw answer?.error
  return answer.credentials
}

/** What `supersede` adds to issuing. */
export type Succession = {
  readonly replaced: Replaced
  /** Called when the successor is planned, before it is signed. */
  readonly planned: () => Promise<void>
}

/** Issues certificates that are planned, signed and stored together. */
export async function issueChunk(
  issuer: Issuer,
  standing: Standing,
  requests: readonly CertificateRequest[],
  options: IssueOptions,
  succession?: Succession,
): Promise<Answer[]> {
  const checked = await Promise.all(
    requests.map((request) => check(issuer, standing, request, succession?.replaced)),
  )
  await reach(issuer, 'issue/checked')
  const wanted = checked.filter((one) => 'hash' in one)
  const answers = await answersFor(issuer, wanted, options, succession)
  return requests.map(({ idempotencyKey }, at) => {
    const one = checked[at]!
    if ('error' in one) return { idempotencyKey, error: one.error }
    const answer = answers.get(idempotencyKey)!
    if (answer.hash === one.hash) return answer.answer
    return { idempotencyKey, error: new InputError('issue/idempotency-conflict') }
  })
}

type Known = { readonly hash: string; readonly answer: Answer }

/** One answer for each idempotency key: stored, finished or new. */
async function answersFor(
  issuer: Issuer,
  wanted: readonly CheckedRequest[],
  options: IssueOptions,
  succession: Succession | undefined,
): Promise<Map<string, Known>> {
  const answers = new Map<string, Known>()
  for (let attempt = 1; ; attempt += 1) {
    const keys = [...new Set(wanted.map((one) => one.request.idempotencyKey))]
    const stored = await issuer.certificates.byKeys(issuer.department.address, keys)
    const old = Map.groupBy(stored, (copy) => copy.idempotencyKey)
    const fresh = firstOfEach(wanted).filter((one) => !old.has(one.request.idempotencyKey))
    try {
      const drawn = fresh.length === 0 ? [] : await plan(issuer, fresh)
      const isPlanned = (one: CheckedRequest) =>
        old.get(one.request.idempotencyKey)?.[0]?.requestHash === one.hash
      if (drawn.some((one) => 'plans' in one) || wanted.some(isPlanned)) {
        await succession?.planned()
      }
      for (const [key, copies] of old) {
        const credentials = await finish(issuer, copies, options.verifyEvery)
        const hash = copies[0]!.requestHash
        answers.set(key, { hash, answer: { idempotencyKey: key, credentials } })
      }
      const plans = drawn.flatMap((one) => ('plans' in one ? one.plans : []))
      const signed = new Map<string, IssuedCredential[]>()
      for (const one of await signPlans(issuer, plans, options.verifyEvery)) {
        const before = signed.get(one.idempotencyKey)
        if (before === undefined) signed.set(one.idempotencyKey, [one])
        else before.push(one)
      }
      for (const [at, { hash, request }] of fresh.entries()) {
        const { idempotencyKey } = request
        const one = drawn[at]!
        const answer: Answer =
          'error' in one
            ? { idempotencyKey, error: one.error }
            : { idempotencyKey, credentials: signed.get(idempotencyKey) ?? [] }
        answers.set(idempotencyKey, { hash, answer })
      }
      return answers
    } catch (error) {
      // Another call planned or signed some of these in between: its answer is ours. Or the key was
      // exchanged: what was planned is drawn up anew.
      const mayAgain = isWeirError(error) && again.has(error.code)
      if (!mayAgain || attempt === attempts) throw error
    }
  }
}

/** The first request under each key; whether the others ask for the same is seen afterwards. */
function firstOfEach(wanted: readonly CheckedRequest[]): CheckedRequest[] {
  const seen = new Set<string>()
  return wanted.filter(({ request: { idempotencyKey: key } }) => !seen.has(key) && seen.add(key))
}

/** A request that may be issued, or why not. */
async function check(
  issuer: Issuer,
  standing: Standing,
  request: CertificateRequest,
  replaced: Replaced | undefined,
): Promise<CheckedRequest | { readonly error: InputError | TrustError }> {
  try {
    const checked = checkRequest(issuer.types, request, replaced)
    if (await standing.mayIssue(checked.type.uri)) return checked
    return { error: new InputError('issue/not-accredited', { type: checked.type.uri }) }
  } catch (error) {
    if (isRefusal(error)) return { error }
    throw error
  }
}

/** Cuts any sequence into arrays of at most `size`. */
async function* chunks<T>(
  items: Iterable<T> | AsyncIterable<T>,
  size: number,
): AsyncGenerator<T[], void, undefined> {
  let chunk: T[] = []
  for await (const item of items) {
    chunk.push(item)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}
