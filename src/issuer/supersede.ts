import { parseELicence } from '../certificate/identifier.ts'
import { InputError } from '../errors.ts'
import type { CopyRecord } from '../ports/certificates.ts'
import { hex } from '../primitives/bytes.ts'
import { requireSameHistory } from './history.ts'
import { issueChunk } from './issue.ts'
import type { CertificateRequest, IssuedCredential, IssueOptions, Issuer } from './model.ts'
import { note } from './note.ts'
import { reach } from './reach.ts'
import type { Replaced } from './request.ts'
import { requireStanding } from './standing.ts'
import {
  type CertificateName,
  copiesOf,
  type Grounds,
  requestsFor,
  requireGrounds,
} from './status.ts'

/**
 * Issues a new version of a certificate and queues the old one's end; one batch carries both, so no
 * block shows both valid, or neither.
 *
 * 1. checks grounds, and that the old certificate can still end;
 * 2. plans the successor, whose payload names the fingerprint that it replaces;
 * 3. queues the end of every copy of the old one, bound to the successor;
 * 4. signs the successor.
 *
 * A crash in between changes nothing for the old certificate; repeating the call goes on.
 *
 * @returns the successor's copies.
 * @throws as `issueOne` and `changeStatus`; `status/same-certificate` if both are one.
 */
export async function supersede(
  issuer: Issuer,
  old: CertificateName,
  request: CertificateRequest,
  grounds: Grounds,
  options: IssueOptions = {},
): Promise<readonly IssuedCredential[]> {
  requireGrounds(grounds, true)
  const standing = await requireStanding(issuer)
  await requireSameHistory(issuer, standing.view)
  const copies = await oldCopies(issuer, old, request.idempotencyKey)
  const { idempotencyKey } = request
  const end = () => requestsFor(issuer, copies, 'superseded', grounds, idempotencyKey)
  await end()
  const planned = async () => {
    const requests = await end()
    if (requests.length === 0) return
    await issuer.lists.addRequests(requests)
    await reach(issuer, 'supersede/queued')
    await note(issuer, 'status/superseded', hex(copies[0]!.fingerprint), {
      ...grounds,
      entries: requests.length,
    })
  }
  const replaced = replacedFrom(copies)
  const [answer] = await issueChunk(issuer, standing, [request], options, { replaced, planned })
  if (answer === undefined || 'error' in answer) throw answer?.error
  return answer.credentials
}

/** The certificate to end; on a repeated call the one that the stored successor names. */
async function oldCopies(
  issuer: Issuer,
  name: CertificateName,
  successor: string,
): Promise<CopyRecord[]> {
  const { address } = issuer.department
  const [stored] = await issuer.certificates.byKeys(address, [successor])
  const copies = await copiesOf(issuer, stored?.replaces ? { fingerprint: stored.replaces } : name)
  if (copies[0]?.idempotencyKey === successor) throw new InputError('status/same-certificate')
  if (copies.some((copy) => copy.signature === undefined)) {
    throw new InputError('status/unknown-certificate')
  }
  return copies
}

function replacedFrom(copies: readonly CopyRecord[]): Replaced {
  const { idempotencyKey, certificate } = copies[0]!
  return {
    idempotencyKey,
    version: versionOf(certificate),
    fingerprints: copies.map(({ copy, format, fingerprint }) => ({
      copy,
      format,
      fingerprint: hex(fingerprint),
    })),
  }
}

/** An e-licence number says its version; others are counted from one. */
function versionOf(certificate: string): number {
  try {
    return parseELicence(certificate).version
  } catch {
    return 1
  }
}
