import { createRoute, z } from '@hono/zod-openapi'
import { leafHash } from '../../anchor/tree.ts'
import { InputError, OutsideError } from '../../errors.ts'
import type { BlockRef } from '../../identity/model.ts'
import type { LeafPlace, LeafPrefix, ProvenPlace } from '../../ports/mirror.ts'
import { proofJson } from '../../presentation/certificateFile.ts'
import { bytesFromHex, hex } from '../../primitives/bytes.ts'
import {
  advisedBits,
  byFingerprint,
  byLeaf,
  byPrefix,
  crowd,
  pastOf,
  provenByPrefix,
  readPrefix,
} from '../../registry/lookUp.ts'
import { problems } from '../problem.ts'
import type { RegistryRoutes } from './group.ts'
import { blockJson, blockSchema, didOf, hash, json } from './schemas.ts'

const leafText = z.string().regex(/^[0-9a-f]{64}$/)
const proofSchema = z
  .object({
    sequence: z.number().int(),
    index: z.number().int(),
    size: z.number().int(),
    path: z.array(leafText).openapi({ description: 'sibling hashes, leaf level first' }),
  })
  .openapi('InclusionProof', { description: 'RFC 9162 section 2.1.3' })
const place = z
  .object({
    leaf: leafText,
    issuer: z.string(),
    sequence: z.number().int(),
    index: z.number().int(),
    size: z.number().int(),
    proof: proofSchema.optional(),
  })
  .openapi('Leaf')
const listing = z
  .object({
    block: blockSchema,
    count: z.number().int().openapi({ description: 'leaves kept, padding included' }),
    bits: z.number().int().openapi({ description: 'how long a prefix should be now' }),
    atLeast: z.number().int(),
    prefix: z.string().optional(),
    leaves: z.array(place).optional(),
  })
  .openapi('Leaves')
const found = z
  .object({
    block: blockSchema,
    fingerprint: leafText.optional(),
    leaf: leafText,
    notice: z.string(),
    anchors: z.array(z.object({ issuer: z.string(), root: hash, proof: proofSchema })),
  })
  .openapi('AnchoredLeaf')

/** Prefixes proven at once. */
const mostProving = 4

const notice =
  'This node has now learnt what you looked up. Ask like this for your own certificates only; to check those of others use GET /fingerprints?prefix='

/** Fingerprints by the first bits of their leaf, or, for one's own, whole; and inclusion proofs. */
export const addFingerprintRoutes: RegistryRoutes = (app, { registry }) => {
  const { chainId } = registry.chain.identity
  const leafJson = (one: LeafPlace | ProvenPlace) => ({
    leaf: hex(one.leaf),
    issuer: didOf(one.issuer, chainId),
    sequence: one.sequence,
    index: one.index,
    size: one.size,
    ...('path' in one && { proof: proofJson(one) as z.infer<typeof proofSchema> }),
  })
  let proving = 0
  const proven = async (asked: LeafPrefix) => {
    // The one dear question: a few are answered at a time, so that all the others are not kept waiting.
    if (proving >= mostProving) throw new OutsideError('service/busy')
    proving += 1
    try {
      return await provenByPrefix(registry, asked)
    } finally {
      proving -= 1
    }
  }
  const whole = async (
    leaf: Uint8Array,
    { block, places, isComplete }: Awaited<ReturnType<typeof byLeaf>>,
  ) => {
    if (places.length === 0) throw absent(block, isComplete)
    const anchors = places.map((one) => ({
      issuer: didOf(one.issuer, chainId),
      root: one.root,
      proof: proofJson(one) as z.infer<typeof proofSchema>,
    }))
    return { block: blockJson(block), leaf: hex(leaf), notice, anchors }
  }

  app.openapi(
    createRoute({
      method: 'get',
      path: '/fingerprints',
      summary: 'Leaves that begin with a prefix, at least 256 of them',
      description:
        'A leaf is SHA-256(0x00 || fingerprint). Without a prefix: how many bits of a leaf to send. With one: every leaf that begins so. A prefix under which fewer than 256 leaves stand is refused, so that nobody learns which one is meant; a prefix of no bits is always long enough.',
      tags: ['fingerprints'],
      request: {
        query: z.object({
          prefix: z
            .string()
            .regex(/^[0-9a-f]{0,12}$/)
            .optional()
            .openapi({ description: 'first hex digits of a leaf, lower-case' }),
          bits: z
            .string()
            .regex(/^(0|[1-9][0-9]?)$/)
            .optional()
            .openapi({ description: 'how many bits of it count; by default four a digit' }),
          proofs: z.enum(['true', 'false']).optional(),
        }),
      },
      responses: { 200: json(listing, 'Leaves, or how to ask for them'), ...problems(400, 503) },
    }),
    async (c) => {
      const { prefix, bits, proofs } = c.req.valid('query')
      const past = pastOf(registry)
      const advice = {
        count: await registry.leaves.count(),
        bits: await advisedBits(registry),
        atLeast: crowd,
      }
      if (prefix === undefined) {
        if (bits !== undefined || proofs !== undefined) throw new InputError('mirror/bad-prefix')
        return c.json({ block: blockJson(past.view.block), ...advice }, 200)
      }
      const asked = readPrefix(prefix, bits === undefined ? undefined : Number(bits))
      const { block, places } =
        proofs === 'true' ? await proven(asked) : await byPrefix(registry, asked)
      const leaves = places.map(leafJson)
      return c.json({ block: blockJson(block), ...advice, prefix, leaves }, 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/fingerprints/{hex}',
      summary: 'Where one’s own fingerprint is anchored',
      description: notice,
      tags: ['fingerprints'],
      request: { params: z.object({ hex: leafText }) },
      responses: { 200: json(found, 'Where it stands, with proofs'), ...problems(400, 404, 503) },
    }),
    async (c) => {
      const fingerprint = bytesFromHex(c.req.valid('param').hex, 32)
      const result = await byFingerprint(registry, fingerprint)
      const answer = await whole(leafHash(fingerprint), result)
      return c.json({ fingerprint: hex(fingerprint), ...answer }, 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/proofs/{hex}',
      summary: 'Inclusion proof of one’s own leaf or fingerprint',
      description: notice,
      tags: ['fingerprints'],
      request: { params: z.object({ hex: leafText }) },
      responses: { 200: json(found, 'Where it stands, with proofs'), ...problems(400, 404, 503) },
    }),
    async (c) => {
      const bytes = bytesFromHex(c.req.valid('param').hex, 32)
      const asLeaf = await byLeaf(registry, bytes)
      if (asLeaf.places.length > 0) return c.json(await whole(bytes, asLeaf), 200)
      const answer = await whole(leafHash(bytes), await byFingerprint(registry, bytes))
      return c.json({ fingerprint: hex(bytes), ...answer }, 200)
    },
  )
}

function absent({ number, hash: at }: BlockRef, isComplete: boolean): InputError | OutsideError {
  if (!isComplete) return new OutsideError('mirror/incomplete', { block: number, hash: at })
  return new InputError('mirror/not-found', { block: number, hash: at })
}
