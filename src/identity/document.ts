import type { DIDDocument, Service, VerificationMethod } from 'did-resolver'
import { bytesOf, type Entry, type Erc1056State } from './erc1056.ts'
import { attributeMethod } from './verificationMethod.ts'

const didContext = 'https://www.w3.org/ns/did/v1'
const recoveryContext = 'https://w3id.org/security/suites/secp256k1recovery-2020/v2'
const recoveryMethod = 'EcdsaSecp256k1RecoveryMethod2020'
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The DID document of a state. Verification methods keep their numbers; what cannot be read as a key or
 * service of a known shape is left out, and its number stays taken.
 *
 * @param did canonical DID, the document's `id`.
 * @param chainId chain of the accounts (CAIP-10); addresses are lower-case.
 * @see did:ethr method specification; DID Core, section 5
 */
export function didDocument(did: string, chainId: number, state: Erc1056State): DIDDocument {
  if (state.owner === undefined) {
    return {
      '@context': didContext,
      id: did,
      verificationMethod: [],
      assertionMethod: [],
      authentication: [],
    }
  }
  const account = (id: string, address: string): VerificationMethod => ({
    id,
    type: recoveryMethod,
    controller: did,
    blockchainAccountId: `eip155:${chainId}:${address}`,
  })
  const controller = `${did}#controller`
  const contexts = new Set([didContext, recoveryContext])
  const methods = new Map<number, VerificationMethod>()
  const uses = { veriKey: [controller], sigAuth: [controller], enc: [] as string[] }

  for (const { number, name, value } of state.delegates) {
    if (name !== 'veriKey' && name !== 'sigAuth') continue
    const method = account(`${did}#delegate-${number}`, value)
    methods.set(number, method)
    uses[name].push(method.id)
  }
  for (const entry of state.keys) {
    const read = attributeMethod(`${did}#delegate-${entry.number}`, did, entry)
    if (read === undefined) continue
    methods.set(entry.number, read.method)
    uses[read.purpose].push(read.method.id)
    for (const context of read.contexts) contexts.add(context)
  }
  const services = state.services
    .map((entry) => service(did, entry))
    .filter((one) => one !== undefined)
  const inOrder = [...methods.entries()].sort(([a], [b]) => a - b).map(([, method]) => method)
  return {
    '@context': [...contexts],
    id: did,
    verificationMethod: [account(controller, state.owner), ...inOrder],
    authentication: uses.sigAuth,
    assertionMethod: uses.veriKey,
    ...(uses.enc.length > 0 && { keyAgreement: uses.enc }),
    ...(services.length > 0 && { service: services }),
  }
}

function service(did: string, { number, name, value }: Entry): Service | undefined {
  const type = /^did\/svc\/(\w+)$/.exec(name)?.[1]
  if (type === undefined) return undefined
  try {
    const text = utf8.decode(bytesOf(value))
    return { id: `${did}#service-${number}`, type, serviceEndpoint: endpoint(text) }
  } catch {
    return undefined
  }
}

/** An endpoint is a URI, or a JSON map or list of them (DID Core, section 5.4). */
function endpoint(text: string): Service['serviceEndpoint'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : text
  } catch {
    return text
  }
}
