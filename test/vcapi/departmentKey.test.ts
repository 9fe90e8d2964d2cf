import { beforeEach, expect, test } from 'vitest'
import { thumbprintHex } from '../../src/credential/thumbprint.ts'
import { certifyKey, createDevelopmentAuthority } from '../../src/identity/x509/authority.ts'
import { readLeaf } from '../../src/identity/x509/leaf.ts'
import { issueOne } from '../../src/issuer/issue.ts'
import { issueCredential } from '../../src/vcapi/issueCredential.ts'
import type { VcApi } from '../../src/vcapi/model.ts'
import { verifyCredential } from '../../src/vcapi/verifyCredential.ts'
import { addKey } from '../support/chainModel.ts'
import { titleRequest, type World } from '../support/issuer.ts'
import { make } from '../verdict/sample.ts'
import { newKey } from '../verdict/world.ts'
import { codes, credential, newVcApi } from './world.ts'

let api: VcApi
let world: World
beforeEach(async () => {
  ;({ api, world } = await newVcApi())
})
const errorsOf = async (token: string) => codes((await verifyCredential(api, token)).errors)

/** A certificate that brings its own key, with an X.509 certificate that names a department. */
async function withOwnKey(did: string) {
  const key = newKey()
  const now = api.clock()
  const authority = await createDevelopmentAuthority({ organisation: 'Sample', now, days: 365 })
  const options = { did, publicJwk: key.jwk, organisation: 'Sample', now, days: 30 }
  const leaf = await certifyKey(authority, options)
  const chain = `eip155:${api.verifier.chain.identity.chainId}`
  const weir = { chain, status: { list: 0, index: 7 }, certificate: 'SAMPLE-1' }
  const x5c = [leaf, authority.intermediate]
  const payload = { weir }
  const token = make({ format: 'dc+sd-jwt', did, key, issuedAt: now, x5c, payload })
  return { token, leaf, thumbprint: thumbprintHex(key.jwk) }
}

test('A6, H13: whoever certifies a key of their own in a department’s name is refused', async () => {
  const { token } = await withOwnKey(api.issuer.department.did)
  expect(await errorsOf(token)).toEqual(['key/not-registered'])
})

test('A6: nor does it count for a department that no registry knows', async () => {
  const { did } = api.issuer.department
  const { token } = await withOwnKey(did.replace(/0x[0-9a-f]{40}$/, `0x${'e5'.repeat(20)}`))
  expect(await errorsOf(token)).toEqual(['signature/no-key'])
})

test('the same certificate counts once the registry holds that key with it', async () => {
  const { token, leaf, thumbprint } = await withOwnKey(api.issuer.department.did)
  world.model.govern((state, time) => {
    addKey(state, time, world.address, thumbprint)
    const record = state.keys.get(thumbprint)!
    state.keys.set(thumbprint, { ...record, certificateHash: readLeaf(leaf).certificateHash })
  })
  expect(await errorsOf(token)).toEqual([])
})

test('C2: what a compromised key signed is refused where no block says when', async () => {
  const [copy] = await issueOne(world.issuer, titleRequest(1))
  const { token } = copy!
  const issued = await issueCredential(api, credential(), { format: 'vc+jwt' })
  const other = String(issued.id).slice('data:application/vc+jwt,'.length)
  expect([await errorsOf(token), await errorsOf(other)]).toEqual([[], []])
  const { thumbprint } = world.issuer.signer.key
  world.model.govern((state, time) => {
    state.keys.set(thumbprint, { ...state.keys.get(thumbprint)!, compromisedSince: time })
  })
  expect(await errorsOf(token)).toEqual(['key/compromised'])
  expect(await errorsOf(other)).toEqual(['key/compromised'])
})
