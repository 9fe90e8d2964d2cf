import type { CertificateType } from '../../certificate/model.ts'
import type { JsonObject } from '../../credential/model.ts'
import { multibase58 } from '../../identity/base58.ts'
import type { Integrity, IntegritySigner } from '../../ports/integrity.ts'
import { requirePlainWords } from '../../vcdm/inlineContext.ts'
import { contextOf, listOf } from '../../vcdm/read.ts'
import { canonical, hashOf } from './canonical.ts'
import { keptContexts } from './contexts.ts'
import { loaderOf } from './loader.ts'
import { proofContext, proofType, suite } from './suite.ts'
import { verifyProofs } from './verify.ts'

/**
 * Data Integrity over the contexts that are kept here.
 *
 * @param types whose contexts documents may name too.
 * @throws {TrustError} `integrity/unknown-context` if a context file is not the one that is pinned.
 */
export function openIntegrity(
  signer: IntegritySigner,
  types: readonly CertificateType[],
): Integrity {
  const kept = keptContexts(types)
  const loader = loaderOf(kept)
  const { did, keyUrl } = signer
  return {
    did,
    known: (id) => kept.get(id)?.digests,
    async requireDefined(document) {
      requirePlainWords(document)
      await canonical(document, loader)
    },
    async secure(document, { purpose, created, challenge, domain }) {
      const unsecured = withProofContext(document)
      requirePlainWords(unsecured)
      const configuration: JsonObject = {
        type: proofType,
        cryptosuite: suite,
        created: `${created.toISOString().slice(0, 19)}Z`,
        verificationMethod: keyUrl,
        proofPurpose: purpose,
        ...(challenge !== undefined && { challenge }),
        ...(domain !== undefined && { domain }),
      }
      const { proof: earlier, ...bare } = unsecured
      const hash = await hashOf(bare, configuration, loader)
      const proof = { ...configuration, proofValue: multibase58(await signer.sign(hash)) }
      const others = listOf(earlier)
      return { ...bare, proof: others.length === 0 ? proof : [...others, proof] }
    },
    async verify(document, question) {
      requirePlainWords(document)
      return verifyProofs(document, question, loader)
    },
  }
}

/** Version 1.1 knows no Data Integrity proof of itself. */
function withProofContext(document: JsonObject): JsonObject {
  const contexts = listOf(document['@context'])
  if (contexts[0] !== contextOf['1.1'] || contexts.includes(proofContext)) return document
  return { ...document, '@context': [...contexts, proofContext] }
}
