import { importPublicKey, verifySignature } from '#primitives'
import type { JsonObject } from '../../credential/model.ts'
import { InputError, isWeirError, TrustError } from '../../errors.ts'
import { bytesOfMultibase58, multibase58 } from '../../identity/base58.ts'
import { jwkOfDidKey } from '../../identity/didKey.ts'
import type { ProofQuestion } from '../../ports/integrity.ts'
import type { PublicKey } from '../../primitives/model.ts'
import { type Proof, readProofs } from '../../vcdm/proof.ts'
import { hashOf } from './canonical.ts'
import type { Loader } from './loader.ts'
import { proofType, suite } from './suite.ts'

/**
 * Verifies every proof of a document, chained ones over the proofs that they build on.
 *
 * @returns the did:key of each signer.
 * @throws {InputError} `vcdm/bad-proof` if there is none, or one has the wrong shape
 * @throws {TrustError} `integrity/...`, `signature/bad`, `signature/no-key`, `holder/wrong-nonce`,
 *   `holder/wrong-audience`
 * @see VC Data Integrity 1.0, sections 4.4 and 4.5
 */
export async function verifyProofs(
  document: JsonObject,
  question: ProofQuestion,
  loader: Loader,
): Promise<readonly string[]> {
  const proofs = readProofs(document)
  if (proofs.length === 0) throw new InputError('vcdm/bad-proof', { path: 'proof' })
  for (const proof of proofs) requireAnswer(proof, question)
  const { proof: _, ...unsecured } = document
  const signers: string[] = []
  for (const proof of proofs) {
    const earlier = previousOf(proof, proofs)
    const signed = earlier.length === 0 ? unsecured : { ...unsecured, proof: [...earlier] }
    signers.push(await verifyProof(signed, proof, loader))
  }
  return signers
}

/** What the proof says of itself answers the question. */
function requireAnswer(proof: Proof, question: ProofQuestion): void {
  const { type, cryptosuite, proofPurpose, expires, challenge, domains } = proof
  if (type !== proofType || cryptosuite !== suite) throw new TrustError('integrity/wrong-suite')
  if (proofPurpose !== question.purpose) throw new TrustError('integrity/wrong-purpose')
  if (expires !== undefined && !(question.at < expires)) throw new TrustError('integrity/expired')
  if (question.challenge !== undefined && challenge !== question.challenge) {
    throw new TrustError('holder/wrong-nonce')
  }
  if (question.domain !== undefined && !domains.includes(question.domain)) {
    throw new TrustError('holder/wrong-audience')
  }
}

function previousOf({ previousProofs }: Proof, proofs: readonly Proof[]): readonly JsonObject[] {
  return previousProofs.map((id) => {
    const found = proofs.find((one) => one.id === id)
    if (found === undefined) throw new TrustError('integrity/bad-chain')
    return found.json
  })
}

async function verifyProof(signed: JsonObject, proof: Proof, loader: Loader): Promise<string> {
  const { proofValue, ...configuration } = proof.json
  const key = keyOf(proof.verificationMethod)
  const signature = signatureOf(proofValue as string)
  const hash = await hashOf(signed, configuration, loader)
  if (!verifySignature(key, hash, signature)) throw new TrustError('signature/bad')
  return proof.verificationMethod.slice(0, proof.verificationMethod.indexOf('#'))
}

/** The one Ed25519 key of a did:key; other controllers would have to be fetched. */
function keyOf(verificationMethod: string): PublicKey {
  try {
    const jwk = jwkOfDidKey(verificationMethod)
    if (verificationMethod.includes('#') && jwk.crv === 'Ed25519') return importPublicKey(jwk)
  } catch (error) {
    if (!isWeirError(error)) throw error
  }
  throw new TrustError('signature/no-key')
}

/** 64 bytes in base58btc, in their one spelling (Data Integrity EdDSA Cryptosuites 1.0, section 2.2.1). */
function signatureOf(proofValue: string): Uint8Array {
  try {
    const bytes = bytesOfMultibase58(proofValue)
    if (bytes.length === 64 && multibase58(bytes) === proofValue) return bytes
  } catch (error) {
    if (!isWeirError(error)) throw error
  }
  throw new TrustError('signature/bad')
}
