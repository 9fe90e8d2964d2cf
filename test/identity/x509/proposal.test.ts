import { beforeAll, describe, expect, test } from 'vitest'
import { generateKeyPair, importPrivateKey, sign } from '#primitives'
import {
  certifyKey,
  createDevelopmentAuthority,
  type DevelopmentAuthority,
  issueCrls,
} from '../../../src/identity/x509/authority.ts'
import type { CertificateChain } from '../../../src/identity/x509/chain.ts'
import { readLeaf } from '../../../src/identity/x509/leaf.ts'
import {
  checkKeyProposal,
  type KeyProposal,
  keyProposalInput,
} from '../../../src/identity/x509/proposal.ts'

const now = new Date('2026-11-22T08:00:00Z')
const did = `did:ethr:0x4d2:0x${'ab12'.repeat(10)}`
const otherDid = `did:ethr:0x4d2:0x${'cd34'.repeat(10)}`
const keys = generateKeyPair()
const otherKeys = generateKeyPair()

let authority: DevelopmentAuthority
let crls: Uint8Array[]
beforeAll(async () => {
  authority = await createDevelopmentAuthority({ organisation: 'Sample District', now, days: 365 })
  crls = await issueCrls(authority, { revoked: [], now, days: 7 })
})

async function chainOf(subject: string, publicJwk = keys.publicJwk): Promise<CertificateChain> {
  const leaf = await certifyKey(authority, {
    did: subject,
    publicJwk,
    organisation: '示例局',
    now,
    days: 90,
  })
  return { leaf, intermediates: [authority.intermediate], roots: [authority.root], crls, at: now }
}

function proposalOf(chain: CertificateChain): KeyProposal {
  const { did, thumbprint, certificateHash } = readLeaf(chain.leaf)
  const registry = `0x${'11'.repeat(20)}`
  return { did, chainId: 0x4d2, registry, purpose: 'assertion', thumbprint, certificateHash }
}

const signed = (proposal: KeyProposal, jwk = keys.privateJwk) =>
  sign(importPrivateKey(jwk), keyProposalInput(proposal))

async function refusalOf(...args: Parameters<typeof checkKeyProposal>): Promise<unknown> {
  return checkKeyProposal(...args).then(
    () => undefined,
    (error: { code?: unknown }) => error.code ?? error,
  )
}

describe('F6: what an accreditor checks before it confirms a key', () => {
  test('a department’s own certificate, proposed with the key itself, is in order', async () => {
    const chain = await chainOf(did)
    const proposal = proposalOf(chain)
    expect(await refusalOf(proposal, chain, signed(proposal))).toBeUndefined()
  })

  test('no part can be swapped for another department’s, key’s, chain’s or registry’s', async () => {
    const chain = await chainOf(did)
    const proposal = proposalOf(chain)
    const signature = signed(proposal)
    const swaps: [Partial<KeyProposal>, string][] = [
      [{ did: otherDid }, 'certificate/other-subject'],
      [{ thumbprint: `0x${'22'.repeat(32)}` }, 'certificate/other-key'],
      [{ certificateHash: `0x${'22'.repeat(32)}` }, 'certificate/other-key'],
      [{ chainId: 0x4d3 }, 'certificate/no-possession'],
      [{ registry: `0x${'12'.repeat(20)}` }, 'certificate/no-possession'],
      [{ purpose: 'status' }, 'certificate/no-possession'],
    ]
    for (const [swap, code] of swaps) {
      expect(await refusalOf({ ...proposal, ...swap }, chain, signature), code).toBe(code)
    }
  })

  test('who copies a certificate cannot propose it: the key is not theirs', async () => {
    const chain = await chainOf(did)
    const proposal = proposalOf(chain)
    for (const signature of [
      signed(proposal, otherKeys.privateJwk),
      new Uint8Array(64),
      new Uint8Array(0),
      signed({ ...proposal, did: otherDid }),
    ]) {
      expect(await refusalOf(proposal, chain, signature)).toBe('certificate/no-possession')
    }
    const theirs = await chainOf(otherDid, keys.publicJwk)
    expect(await refusalOf(proposal, theirs, signed(proposal))).toBe('certificate/other-subject')
    const reissued = await chainOf(did)
    expect(await refusalOf(proposal, reissued, signed(proposal))).toBe('certificate/other-key')
  })

  test('F3: a certificate whose chain does not hold is not confirmed', async () => {
    const chain = await chainOf(did)
    const proposal = proposalOf(chain)
    const revoked = await issueCrls(authority, {
      revoked: [readLeaf(chain.leaf).serial],
      now,
      days: 7,
    })
    expect(await refusalOf(proposal, { ...chain, crls: revoked }, signed(proposal))).toBe(
      'certificate/revoked',
    )
    expect(await refusalOf(proposal, { ...chain, roots: [] }, signed(proposal))).toBe(
      'certificate/not-trusted',
    )
  })
})
