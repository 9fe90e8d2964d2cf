import { DataIntegrityProof } from '@digitalbazaar/data-integrity'
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey'
import { cryptosuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite'
import * as vc from '@digitalbazaar/vc'
import jsigs from 'jsonld-signatures'
import { keptContexts } from '../../../src/adapters/dataIntegrity/contexts.ts'
import { builtInTypes } from '../../../src/certificate/types.ts'
import type { JsonObject } from '../../../src/credential/model.ts'

const kept = keptContexts(builtInTypes)

/** DIDs are resolved by rule, contexts come from memory, nothing else is answered. */
async function documentLoader(url: string) {
  const answer = (document: unknown) => ({ contextUrl: null, documentUrl: url, document })
  const context = kept.get(url)
  if (context !== undefined) return answer(context.json)
  const [did = '', fragment] = url.split('#')
  if (!did.startsWith('did:key:z6Mk')) throw new Error('no such document')
  const publicKeyMultibase = did.slice('did:key:'.length)
  const id = `${did}#${publicKeyMultibase}`
  const key = { id, type: 'Multikey', controller: did, publicKeyMultibase }
  const context1 = 'https://w3id.org/security/multikey/v1'
  if (fragment !== undefined) return answer({ '@context': context1, ...key })
  return answer({
    '@context': ['https://www.w3.org/ns/did/v1', context1],
    id: did,
    verificationMethod: [key],
    assertionMethod: [id],
    authentication: [id],
  })
}

/** Another issuer, holder and verifier: @digitalbazaar/vc. */
export async function secondImplementation() {
  const pair = await Ed25519Multikey.generate()
  const did = `did:key:${pair.publicKeyMultibase}`
  pair.controller = did
  pair.id = `${did}#${pair.publicKeyMultibase}`
  const suite = () => new DataIntegrityProof({ signer: pair.signer(), cryptosuite })
  const verifying = () => new DataIntegrityProof({ cryptosuite })
  const copy = (document: unknown) => JSON.parse(JSON.stringify(document))
  return {
    did,
    issue: (credential: object): Promise<JsonObject> =>
      vc.issue({ credential: copy(credential), suite: suite(), documentLoader }),
    present: (
      presentation: object,
      answer: { challenge: string; domain?: string },
    ): Promise<JsonObject> =>
      vc.signPresentation({
        presentation: copy(presentation),
        suite: suite(),
        documentLoader,
        ...answer,
      }),
    /** Signs anything with any purpose. */
    sign: (document: object, purpose: string, changes: object = {}): Promise<JsonObject> => {
      const made = suite()
      made.proof = changes
      return jsigs.sign(copy(document), {
        suite: made,
        purpose: new jsigs.purposes.ControllerProofPurpose({ term: purpose }),
        documentLoader,
      })
    },
    verifies: async (credential: object): Promise<boolean> => {
      const result = await vc.verifyCredential({
        credential: copy(credential),
        suite: verifying(),
        documentLoader,
        checkStatus: async () => ({ verified: true }),
      })
      return result.verified
    },
    verifiesPresentation: async (
      presentation: object,
      answer: { challenge: string; domain?: string },
    ): Promise<boolean> => {
      const result = await vc.verify({
        presentation: copy(presentation),
        suite: verifying(),
        documentLoader,
        checkStatus: async () => ({ verified: true }),
        ...answer,
      })
      return result.verified
    },
  }
}
