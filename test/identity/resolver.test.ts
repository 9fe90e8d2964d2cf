import type { DIDDocument, VerificationMethod } from 'did-resolver'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateKeyPair } from '#primitives'
import { multikeyAttribute, multikeyValue } from '../../src/identity/multikey.ts'
import { hex } from '../../src/primitives/bytes.ts'
import { bytes32, type Call, openDidRegistry } from './didRegistry.ts'

let chain: Awaited<ReturnType<typeof openDidRegistry>>
beforeAll(async () => {
  chain = await openDidRegistry()
})
afterAll(() => chain.close())

const zero = `0x${'0'.repeat(40)}`
const secp = (byte: string) => `0x02${byte.repeat(32)}`

/** What both resolvers answer alike: the reference lists `sigAuth` for assertion too, the specification does not. */
function shape(document: DIDDocument | null) {
  const bare = (id: unknown) => String(id).split('#')[1]
  const authentication = (document?.authentication ?? []).map(bare).sort()
  return {
    methods: (document?.verificationMethod ?? []).map(method).sort(),
    authentication,
    assertion: (document?.assertionMethod ?? [])
      .map(bare)
      .filter((id) => id === 'controller' || !authentication.includes(id))
      .sort(),
    services: (document?.service ?? [])
      .map((one) => `${bare(one.id)} ${one.type} ${JSON.stringify(one.serviceEndpoint)}`)
      .sort(),
  }
}

function method({ id, type, controller, ...key }: VerificationMethod): string {
  const account = key.blockchainAccountId?.toLowerCase()
  const isLike = type.startsWith('EcdsaSecp256k1')
  return `${id.split('#')[1]} ${isLike ? type : ''} ${account ?? (isLike ? key.publicKeyHex : '')}`
}

/** A history's next block: some calls on the identity by whoever thinks to own it. */
const calls = fc.array(
  fc.record({
    from: fc.constantFrom(0, 0, 0, 1, 2),
    kind: fc.constantFrom(
      'attribute',
      'attribute',
      'unset',
      'delegate',
      'undelegate',
      'owner',
      'service',
    ),
    which: fc.integer({ min: 0, max: 2 }),
    validity: fc.constantFrom(2, 20, 200, 20_000),
  }),
  { minLength: 0, maxLength: 3 },
)

describe('a did:ethr read from a real ERC-1056 registry', () => {
  test('random histories resolve at every block as ethr-did-resolver resolves them', async () => {
    const runs = Number(process.env.WEIR_HISTORIES ?? 12)
    let identity = 3
    let compared = 0
    await fc.assert(
      fc.asyncProperty(fc.array(calls, { minLength: 6, maxLength: 14 }), async (blocks) => {
        const address = chain.accounts[identity++ % 17]!
        const did = chain.did(address)
        const owners = [address, chain.accounts[18]!, chain.accounts[19]!]
        for (const block of blocks) {
          await chain.mine(10, ...block.map((call) => callOf(address, owners, call)))
          // Validities and steps are even, so that no entry ends in the very second of this block:
          // there the two differ (see C4 below).
          const number = await chain.mine(9)
          const [ours, reference] = await Promise.all([
            chain.ours.resolve(`${did}?versionId=${number}`),
            chain.reference.resolve(`${did}?versionId=${number}`),
          ])
          expect(shape(ours.didDocument)).toEqual(shape(reference.didDocument))
          expect(ours.didDocumentMetadata).toEqual(reference.didDocumentMetadata)
          compared += (ours.didDocument?.verificationMethod ?? []).length - 1
          await chain.mine(1)
        }
        const last = await chain.ours.resolve(did)
        expect(last.didDocumentMetadata).toEqual(
          (await chain.reference.resolve(did)).didDocumentMetadata,
        )
        // The same at a time as at its block.
        for (const step of [5, 15, 30]) {
          const time = new Date((chain.now() - step) * 1000).toISOString().replace('.000', '')
          const atTime = await chain.ours.resolve(`${did}?versionTime=${time}`)
          expect(atTime.didResolutionMetadata.error).toBeUndefined()
        }
      }),
      { numRuns: runs, seed: 20_261_122 },
    )
    // The histories were not empty: delegates and keys were there to differ.
    expect(compared).toBeGreaterThan(runs * 5)
  })

  test("a department's P-256 key is a Multikey for assertion, under the number of its event", async () => {
    const address = chain.accounts[1]!
    const { publicJwk } = generateKeyPair()
    const value = `0x${hex(multikeyValue(publicJwk))}`
    await chain.mine(
      10,
      [address, 'addDelegate', address, bytes32('veriKey'), chain.accounts[2], 1000],
      [address, 'setAttribute', address, bytes32('did/svc/Hub'), '0x61', 1000],
      [address, 'setAttribute', address, multikeyAttribute, value, 1000],
    )
    const { didDocument } = await chain.ours.resolve(chain.did(address))
    const id = `${chain.did(address)}#delegate-2`
    expect(didDocument?.assertionMethod).toContain(id)
    expect(didDocument?.authentication).not.toContain(id)
    expect(didDocument?.verificationMethod?.at(-1)).toEqual({
      id,
      type: 'Multikey',
      controller: chain.did(address),
      publicKeyMultibase: expect.stringMatching(/^zDn[1-9A-HJ-NP-Za-km-z]+$/),
    })
  })

  test('C4: a revoked delegate is gone in the very block of its revocation', async () => {
    const address = chain.accounts[4 + 14]!
    const delegate = chain.accounts[5]!
    await chain.mine(10, [address, 'addDelegate', address, bytes32('veriKey'), delegate, 1000])
    const block = await chain.mine(10, [
      address,
      'revokeDelegate',
      address,
      bytes32('veriKey'),
      delegate,
    ])
    const did = chain.did(address)
    const ours = await chain.ours.resolve(`${did}?versionId=${block}`)
    expect(ours.didDocument?.verificationMethod).toHaveLength(1)
    // The reference compares with >= and still shows it.
    const reference = await chain.reference.resolve(`${did}?versionId=${block}`)
    expect(reference.didDocument?.verificationMethod).toHaveLength(2)
    const before = await chain.ours.resolve(`${did}?versionId=${block - 1}`)
    expect(before.didDocument?.verificationMethod).toHaveLength(2)
    expect(before.didDocumentMetadata.nextVersionId).toBe(String(block))
  })

  test('a deactivated DID stays so, though the registry lets its first key write again', async () => {
    const address = chain.accounts[19]!
    await chain.mine(10, [address, 'changeOwner', address, zero])
    await chain.mine(10, [address, 'setAttribute', address, multikeyAttribute, '0x8024', 1000])
    const { didDocument, didDocumentMetadata } = await chain.ours.resolve(chain.did(address))
    expect(didDocumentMetadata.deactivated).toBe(true)
    expect(didDocument?.verificationMethod).toEqual([])
    expect(didDocument?.assertionMethod).toEqual([])
  })
})

function callOf(
  address: string,
  owners: readonly string[],
  { from, kind, which, validity }: { from: number; kind: string; which: number; validity: number },
): Call {
  const sender = owners[from]!
  const names = [
    'did/pub/Secp256k1/veriKey/hex',
    'did/pub/Ed25519/sigAuth/hex',
    'did/pub/Sample/veriKey',
  ]
  const name = bytes32(names[which]!)
  const value = secp(`0${which + 1}`)
  const type = bytes32(which === 0 ? 'sigAuth' : 'veriKey')
  const delegate = owners[which]
  if (kind === 'attribute')
    return [
      sender,
      'setAttribute',
      address,
      name,
      which === 1 ? `0x${'07'.repeat(32)}` : value,
      validity,
    ]
  if (kind === 'unset')
    return [sender, 'revokeAttribute', address, name, which === 1 ? `0x${'07'.repeat(32)}` : value]
  if (kind === 'delegate') return [sender, 'addDelegate', address, type, delegate, validity]
  if (kind === 'undelegate') return [sender, 'revokeDelegate', address, type, delegate]
  if (kind === 'owner')
    return [sender, 'changeOwner', address, which === 2 && validity > 200 ? zero : owners[which]]
  const endpoint = Buffer.from(
    which === 0 ? 'https://hub.example' : '{"uri":"https://hub.example"}',
  )
  return [
    sender,
    'setAttribute',
    address,
    bytes32(`did/svc/Hub${which}`),
    `0x${endpoint.toString('hex')}`,
    validity,
  ]
}
