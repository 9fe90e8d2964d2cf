import { sampleRecord } from '../../scripts/samples/records.ts'
import type { KeyDoor } from '../../src/adapters/veramo/keys.ts'
import type { AgentRoles } from '../../src/agent/model.ts'
import { drafts } from '../../src/certificate/draft.ts'
import { builtInTypes, findType } from '../../src/certificate/types.ts'
import { didJwk } from '../../src/credential/didJwk.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { prepare } from '../../src/credential/prepare.ts'
import { assembleToken } from '../../src/credential/token.ts'
import type { CertificateRequest, IssuedCredential } from '../../src/issuer/model.ts'
import type { Signer } from '../../src/ports/signing.ts'
import { finishAnswer, writeAnswer } from '../../src/presentation/answer.ts'
import { chooseDisclosures } from '../../src/presentation/choose.ts'
import {
  certificatePolicy,
  checked,
  department,
  holder,
  sample,
  titleType,
} from '../verdict/sample.ts'
import { chainId, fingerprintOfToken, signed } from '../verdict/world.ts'

/** Claims of a sample title; the holder's name marks them. */
export const claims = { ...sampleRecord('real-estate-title', 1, 1), right_holder: '样例金丝雀' }
export const canary = '样例金丝雀'
export const holderDid = didJwk(holder.jwk)

/**
 * A department with its key behind a door, and roles that issue and judge as the real ones do, on a
 * chain of plain data. What is issued is anchored at once, unless `anchors` is false.
 */
export function agentWorld({ anchors = true } = {}) {
  const { world, did, key } = sample()
  const kid = `${did}#delegate-1`
  const requests: CertificateRequest[] = []
  let index = 0

  const signer: Signer = {
    key: {
      did,
      kid,
      thumbprint: key.thumbprint,
      jwk: key.jwk,
      alg: 'ES256',
      purpose: 'assertion',
      x5c: [],
    },
    isRemote: false,
    sign: async (_kind, inputs) => inputs.map((input) => signed(key, input)),
    close: async () => {},
  }
  const made = new Map([
    ['assertion', { id: 'assertion', purpose: 'assertion', publicJwk: key.jwk }],
  ])
  const door: KeyDoor = {
    list: async () => [...made.values()],
    create: async () => {
      throw new Error('no new keys here')
    },
    remove: async (id) => void made.delete(id),
    signer: async (id) => (id === 'assertion' ? signer : undefined),
  }

  const roles: AgentRoles = {
    types: builtInTypes,
    async issue(request) {
      requests.push(request)
      const type = findType(request.type)
      const format = request.formats![0]!
      const [draft] = drafts(type, {
        claims: request.claims,
        issuer: { did, kid },
        chain: `eip155:${chainId}`,
        certificate: 'SAMPLE-1',
        status: { list: 1, index: index++ },
        iat: world.now(),
        copies: [{ format, salt: crypto.getRandomValues(new Uint8Array(32)) }],
        listBase: 'https://registry.invalid/status',
        ...(request.holderKeys && { holder: request.holderKeys[0]! }),
        ...(request.validUntil && { validUntil: request.validUntil }),
      })
      const prepared = prepare(draft!)
      const [signature] = await signer.sign('credential', [prepared.signingInput])
      const token = assembleToken(prepared, signature!)
      world.pass(10)
      if (anchors) world.anchor(department, [fingerprintOfToken(token)])
      world.pass(10)
      return [{ format, token } as IssuedCredential]
    },
    check: (input, question) => checked(world, input, { ...certificatePolicy(world), question }),
    async present({ tokens, nonce, audience, disclose }) {
      const credential = parseCredential(tokens[0]!)
      const disclosures = chooseDisclosures(credential, disclose[0]!, () => 'S')
      const answer = writeAnswer(credential, disclosures, { nonce, audience }, 'ES256', world.now())
      return finishAnswer(answer, signed(holder, answer.signingInput))
    },
  }
  return { world, did, key, door, roles, requests, titleType, chainId }
}
