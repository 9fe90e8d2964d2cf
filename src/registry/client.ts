import { randomBytes } from '#primitives'
import type { InclusionProof } from '../anchor/model.ts'
import { rootFromProof } from '../anchor/proof.ts'
import { leafHash } from '../anchor/tree.ts'
import { readObject, readString, readUint } from '../credential/claims.ts'
import { parseJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { isWeirError, OutsideError, TrustError } from '../errors.ts'
import { parseEthrDid } from '../identity/did.ts'
import type { Chain, LeafReader } from '../ports/chain.ts'
import type { Fetch } from '../ports/fetch.ts'
import { readProof } from '../presentation/certificateFile.ts'
import { bytesFromHex, equalBytes, hex } from '../primitives/bytes.ts'
import { crowd } from './lookUp.ts'

/** Whom somebody asks, and how. */
export type RegistryNode = {
  readonly fetch: Fetch
  /** Base address, without a last `/`. */
  readonly url: string
  /** The chain that whoever asks trusts: what the node says is checked against it. */
  readonly chain: Chain
}

/** One leaf as a node showed it; nothing about it is believed yet. */
type Shown = { readonly issuer: string; readonly leaf: string; readonly proof: InclusionProof }

/** Bits that are told to a node at most: enough for a crowd of 256 among 268 million. */
const mostBits = 16
/** Leaves of a stranger's prefix that are checked against the chain. */
const samples = 8
/** Bytes of an answer at most: 4096 leaves of batches of 100,000. */
const maxBytes = 16 * 1024 * 1024

/**
 * Finds inclusion proofs at a registry node that learns no more of a fingerprint than its leaf's first bits,
 * which it shares with at least 256 others. The node itself says how many bits that is, and might say too
 * many: so a random prefix of that length is asked for first, and must bring 256 leaves of which a sample
 * is truly anchored.
 *
 * @returns a reader whose proofs are the node's word: `verify` checks them against the chain.
 */
export function registryLeaves(node: RegistryNode): LeafReader {
  let agreed: Promise<number> | undefined
  return {
    async proof(issuer, fingerprint) {
      agreed ??= agreeOnBits(node)
      const bits = await agreed.catch((error) => {
        agreed = undefined
        throw error
      })
      const leaf = leafHash(fingerprint)
      const shown = await ask(node, leaf, bits)
      const wanted = hex(leaf)
      return shown.find((one) => one.leaf === wanted && one.issuer === issuer)?.proof
    },
  }
}

async function agreeOnBits(node: RegistryNode): Promise<number> {
  const advice = await answerOf(node, '/fingerprints')
  const bits = readUint(advice.bits, 'bits', mostBits)
  if (bits === undefined) throw new OutsideError('mirror/bad-answer')
  if (bits === 0) return 0
  const shown = await ask(node, randomBytes(32), bits)
  const distinct = new Set(shown.map(({ leaf }) => leaf))
  if (distinct.size < crowd) throw new TrustError('mirror/prefix-too-long', { bits })
  const view = await node.chain.view()
  for (let i = 0; i < samples; i += 1) {
    const { issuer, leaf, proof } = shown[Math.floor(Math.random() * shown.length)]!
    const anchor = await view.anchor(issuer, proof.sequence)
    if (anchor === undefined || rootOf(leaf, proof) !== anchor.root) {
      throw new TrustError('mirror/wrong-leaves', { issuer, sequence: proof.sequence })
    }
  }
  return bits
}

function rootOf(leaf: string, { index, size, path }: InclusionProof): string | undefined {
  try {
    return `0x${hex(rootFromProof(bytesFromHex(leaf), index, size, path))}`
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}

/** All leaves that begin with the first bits of this one. */
async function ask(node: RegistryNode, leaf: Uint8Array, bits: number): Promise<Shown[]> {
  const cut = leaf.slice(0, Math.ceil(bits / 8))
  const spare = cut.length * 8 - bits
  if (spare > 0) cut[cut.length - 1] = (cut.at(-1)! >> spare) << spare
  const prefix = hex(cut).slice(0, Math.ceil(bits / 4))
  const answer = await answerOf(node, `/fingerprints?prefix=${prefix}&bits=${bits}&proofs=true`)
  if (!Array.isArray(answer.leaves)) throw new OutsideError('mirror/bad-answer')
  const shown = answer.leaves.map(shownLeaf)
  const isUnder = ({ leaf: found }: Shown) => equalBytes(masked(found, cut.length, spare), cut)
  if (!shown.every(isUnder)) throw new TrustError('mirror/other-subject')
  return shown
}

function masked(leaf: string, length: number, spare: number): Uint8Array {
  const cut = bytesFromHex(leaf.slice(0, 2 * length))
  if (spare > 0) cut[length - 1] = (cut[length - 1]! >> spare) << spare
  return cut
}

function shownLeaf(value: Json): Shown {
  try {
    const one = readObject(value, 'leaves')!
    const leaf = readString(one.leaf, 'leaf') ?? ''
    const proof = readProof(one.proof)
    const { address } = parseEthrDid(readString(one.issuer, 'issuer') ?? '')
    if (!/^[0-9a-f]{64}$/.test(leaf) || proof === undefined)
      throw new OutsideError('mirror/bad-answer')
    return { issuer: address, leaf, proof }
  } catch (cause) {
    throw new OutsideError('mirror/bad-answer', { cause })
  }
}

/** A statement's subject, in the words of the protocol. */
export type TrustQuestion = {
  readonly entity_id: string
  readonly authority_id: string
  readonly action: string
  readonly resource: string
}

/**
 * Asks a node for a trust statement (ToIP TRQP 2.0), which is its word alone.
 *
 * @throws {TrustError} `mirror/other-subject` where the answer speaks of another entity, authority, action
 *   or resource than was asked about.
 * @throws {OutsideError} `mirror/bad-answer`, and as `Fetch`.
 */
export async function askTrust(
  { fetch, url }: Pick<RegistryNode, 'fetch' | 'url'>,
  kind: 'authorization' | 'recognition',
  question: TrustQuestion,
): Promise<boolean> {
  const answer = await fetch({
    url: `${url}/${kind}`,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(question),
  })
  const body = bodyOf(answer)
  for (const member of ['entity_id', 'authority_id', 'action', 'resource'] as const) {
    if (body[member] !== question[member]) throw new TrustError('mirror/other-subject', { member })
  }
  const granted = body[kind === 'authorization' ? 'authorized' : 'recognized']
  if (typeof granted !== 'boolean') throw new OutsideError('mirror/bad-answer')
  return granted
}

async function answerOf({ fetch, url }: RegistryNode, path: string): Promise<JsonObject> {
  const headers = { accept: 'application/json' }
  return bodyOf(await fetch({ url: `${url}${path}`, headers, maxBytes, timeoutMs: 15_000 }))
}

function bodyOf({ status, body }: { status: number; body: Uint8Array }): JsonObject {
  if (status !== 200) throw new OutsideError('mirror/bad-answer', { status })
  try {
    return parseJsonObject(body, { maxLength: maxBytes, maxNodes: 1_000_000 })
  } catch (cause) {
    throw new OutsideError('mirror/bad-answer', { cause })
  }
}
