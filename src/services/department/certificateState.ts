import { z } from '@hono/zod-openapi'
import type { Issuer } from '../../issuer/model.ts'
import { leafReader } from '../../issuer/proof.ts'
import { copiesOf } from '../../issuer/status.ts'
import { hex } from '../../primitives/bytes.ts'
import { statusIn, wordOf } from '../../status/word.ts'

const count = z.number().int()

/** Where a certificate stands; nothing of what it says. */
export const certificateState = z
  .object({
    certificate: z.string(),
    type: z.string(),
    copies: z.array(
      z.object({
        fingerprint: z.string(),
        copy: count,
        format: z.string(),
        state: z.enum(['reserved', 'durable', 'sent', 'anchored', 'final', 'refused']),
        status: z.enum(['valid', 'revoked', 'suspended', 'superseded']).openapi({
          description: 'On the chain, at its last final block',
        }),
        batch: count.optional(),
        proof: z
          .object({
            sequence: count,
            index: count,
            size: count,
            path: z.array(z.string()).openapi({ description: 'Sibling hashes, hex, leaf first' }),
          })
          .optional(),
        waiting: z.array(z.object({ to: z.string(), requested_at: z.iso.datetime() })),
      }),
    ),
  })
  .openapi('CertificateState')

/**
 * Reads all copies of the certificate that one fingerprint belongs to.
 *
 * @param fingerprint 64 hex digits.
 * @throws {InputError} `status/unknown-certificate` @throws {OutsideError} of the chain.
 */
export async function stateOf(
  issuer: Issuer,
  fingerprint: string,
): Promise<z.infer<typeof certificateState>> {
  const { address } = issuer.department
  const copies = await copiesOf(issuer, { fingerprint })
  const view = await issuer.chain.view()
  const leaves = leafReader(issuer)
  const shown = copies.map(async (copy) => {
    const { word, entry } = wordOf(copy.index)
    const status = statusIn(await view.statusWord(address, copy.list, word), entry)
    const requests = await issuer.lists.requestsFor(address, copy.list, copy.index)
    const proof = await leaves.proof(address, copy.fingerprint)
    return {
      fingerprint: hex(copy.fingerprint),
      copy: copy.copy,
      format: copy.format,
      state: copy.state,
      status,
      ...(copy.sequence !== undefined && { batch: copy.sequence }),
      ...(proof && { proof: { ...proof, path: proof.path.map(hex) } }),
      waiting: requests
        .filter(({ sequence }) => sequence === undefined)
        .map(({ to, requestedAt }) => ({ to, requested_at: requestedAt.toISOString() })),
    }
  })
  const { certificate, certificateType } = copies[0]!
  return { certificate, type: certificateType, copies: await Promise.all(shown) }
}
