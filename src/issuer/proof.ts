import type { InclusionProof } from '../anchor/model.ts'
import { pathOf } from '../anchor/proof.ts'
import { leafHash, positionOf, type Tree, treeOf } from '../anchor/tree.ts'
import { InputError } from '../errors.ts'
import type { CertificateStore } from '../ports/certificates.ts'
import type { LeafReader } from '../ports/chain.ts'
import type { OutboxStore } from '../ports/outbox.ts'
import { bytesFromHex } from '../primitives/bytes.ts'
import type { AnchoredCredential, Issuer } from './model.ts'
import { issuedFrom } from './sign.ts'

/** Trees that a reader keeps at hand: about 640 kB each for a batch of 10,000. */
const keptTrees = 8

/**
 * Inclusion proofs of what this store issued and anchored, made from the stored leaves.
 *
 * @returns a reader; it answers undefined for what is unknown or not final yet.
 */
export function leafReader(stores: {
  readonly certificates: CertificateStore
  readonly outbox: OutboxStore
}): LeafReader {
  const trees = new Map<string, Promise<Tree | undefined>>()
  const treeAt = (issuer: string, sequence: number): Promise<Tree | undefined> => {
    const name = `${issuer} ${sequence}`
    const tree = trees.get(name) ?? finalTree(stores.outbox, issuer, sequence)
    trees.delete(name)
    trees.set(name, tree)
    // What is not final yet will be; an error may pass.
    tree.then((found) => found ?? trees.delete(name)).catch(() => trees.delete(name))
    if (trees.size > keptTrees) trees.delete(trees.keys().next().value!)
    return tree
  }
  return {
    async proof(issuer, fingerprint) {
      const [copy] = await stores.certificates.byFingerprints(issuer, [fingerprint])
      if (copy?.sequence === undefined) return undefined
      const tree = await treeAt(issuer, copy.sequence)
      return tree && proofIn(tree, copy.sequence, fingerprint)
    },
    // Sequences have no gap and every batch is stored with its leaves.
    async holdsUpTo(issuer, sequence) {
      return sequence === 0 || (await stores.outbox.batch(issuer, sequence))?.state === 'final'
    },
  }
}

/**
 * An issued credential with the proof that its fingerprint is anchored.
 *
 * @param fingerprint 64 hex digits.
 * @throws {InputError} `issue/unknown-credential`; `anchor/not-final` until its batch is final.
 */
export async function proofFor(issuer: Issuer, fingerprint: string): Promise<AnchoredCredential> {
  const bytes = bytesFromHex(fingerprint, 32)
  const { address } = issuer.department
  const [copy] = await issuer.certificates.byFingerprints(address, [bytes])
  if (copy?.signature === undefined)
    throw new InputError('issue/unknown-credential', { fingerprint })
  const proof = await leafReader(issuer).proof(address, bytes)
  if (proof === undefined)
    throw new InputError('anchor/not-final', { fingerprint, state: copy.state })
  return { ...issuedFrom({ ...copy, signature: copy.signature }), proof }
}

async function finalTree(
  outbox: OutboxStore,
  issuer: string,
  sequence: number,
): Promise<Tree | undefined> {
  const batch = await outbox.batch(issuer, sequence)
  return batch?.state === 'final' && batch.leaves.length > 0 ? treeOf(batch.leaves) : undefined
}

function proofIn(
  tree: Tree,
  sequence: number,
  fingerprint: Uint8Array,
): InclusionProof | undefined {
  const index = positionOf(tree.levels[0]!, leafHash(fingerprint))
  if (index === undefined) return undefined
  return { sequence, index, size: tree.size, path: pathOf(tree, index) }
}
