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

/** Milliseconds for which one look at the chain serves the groups that follow each other. */
const lookMs = 250

type Look = { readonly standing: Standing; readonly at: number; readonly thumbprint: string }
type Line = { waiting: Waiting[]; isRunning: boolean; look: Look | undefined }

const lines = new WeakMap<Issuer, Line>()

/**
 * Issues one certificate as `issueOne` does, together with whatever else is asked of this issuer at the
 * same time: they share one look at the chain, at most a quarter of a second old, one plan and one fsync.
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
    if (line.isRunning) return
    line.isRunning = true
    void work(issuer, line)
  })
}

async function work(issuer: Issuer, line: Line): Promise<void> {
  // Lets all that is ready now ask too.
  await new Promise(setImmediate)
  while (line.waiting.length > 0) {
    const group = line.waiting.splice(0, most)
    try {
      const standing = await standingFor(issuer, line)
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
      line.look = undefined
      for (const { reject } of group) reject(error)
    }
  }
  line.isRunning = false
}

/** As `issue` does for all of one call: the same look for groups close together, under the same key. */
async function standingFor(issuer: Issuer, line: Line): Promise<Standing> {
  const { thumbprint } = issuer.signer.key
  const known = line.look
  const now = performance.now()
  if (known?.thumbprint === thumbprint && now - known.at < lookMs) return known.standing
  line.look = undefined
  const standing = await requireStanding(issuer)
  await requireSameHistory(issuer, standing.view)
  line.look = { standing, at: now, thumbprint }
  return standing
}
