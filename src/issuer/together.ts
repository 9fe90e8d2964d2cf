import type { InputError, TrustError } from '../errors.ts'
import { requireSameHistory } from './history.ts'
import { issueChunk } from './issue.ts'
import type { CertificateRequest, IssuedCredential, Issuer } from './model.ts'
import { requireStanding, type Standing } from './standing.ts'

/** Requests that go together at most. */
const most = 500

type Waiting = {
  readonly request: CertificateRequest
  readonly resolve: (credentials: readonly IssuedCredential[]) => void
  readonly reject: (error: unknown) => void
}

type Look = { readonly standing: Promise<Standing>; readonly thumbprint: string }
type Line = { waiting: Waiting[]; isRunning: boolean; look: Look | undefined }

const lines = new WeakMap<Issuer, Line>()

/**
 * Issues one certificate as `issueOne` does, together with whatever else is asked of this issuer at the
 * same time: they share one look at the chain, one plan and one fsync. The look is
 * begun when the first of them asks, while those before are still being worked on.
 *
 * @param issuer the same object for all that shall go together.
 * @throws as `issueOne`; what one request is refused for does not touch the others.
 */
export function issueTogether(
  issuer: Issuer,
  request: CertificateRequest,
): Promise<readonly IssuedCredential[]> {
  const line = lines.get(issuer) ?? { waiting: [], isRunning: false, look: undefined }
  lines.set(issuer, line)
  return new Promise((resolve, reject) => {
    line.waiting.push({ request, resolve, reject })
    line.look ??= look(issuer)
    if (line.isRunning) return
    line.isRunning = true
    void work(issuer, line)
  })
}

async function work(issuer: Issuer, line: Line): Promise<void> {
  // Lets all that is ready now ask too.
  await new Promise(setImmediate)
  while (line.waiting.length > 0) {
    let group: Waiting[] | undefined
    try {
      const standing = await latest(issuer, line)
      group = taken(issuer, line)
      const answers = await issueChunk(
        issuer,
        standing,
        group.map(({ request }) => request),
        {},
      )
      for (const [i, { resolve, reject }] of group.entries()) {
        const answer = answers[i] as
          | { credentials: readonly IssuedCredential[] }
          | { error: InputError | TrustError }
        if ('error' in answer) reject(answer.error)
        else resolve(answer.credentials)
      }
    } catch (error) {
      for (const { reject } of group ?? taken(issuer, line)) reject(error)
    }
  }
  line.isRunning = false
}

/** Those whose turn it is; who is left has a look of their own. */
function taken(issuer: Issuer, line: Line): Waiting[] {
  const group = line.waiting.splice(0, most)
  line.look = line.waiting.length > 0 ? look(issuer) : undefined
  return group
}

/** What was looked at, unless another key signs by now. */
function latest(issuer: Issuer, { look: begun }: Line): Promise<Standing> {
  const isSameKey = begun?.thumbprint === issuer.signer.key.thumbprint
  return begun !== undefined && isSameKey ? begun.standing : look(issuer).standing
}

function look(issuer: Issuer): Look {
  const standing = requireStanding(issuer).then(async (found) => {
    await requireSameHistory(issuer, found.view)
    return found
  })
  // Whoever waits for it hears of a failure; until then nobody listens.
  standing.catch(() => {})
  return { standing, thumbprint: issuer.signer.key.thumbprint }
}
