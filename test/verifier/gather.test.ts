import { describe, expect, test } from 'vitest'
import { writeCertificateFile } from '../../src/presentation/certificateFile.ts'
import type { Policy } from '../../src/verdict/model.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import {
  certificatePolicy,
  checked,
  department,
  findings,
  sample,
  stranger,
  verifierOf,
} from '../verdict/sample.ts'
import { fingerprintOfToken, type World } from '../verdict/world.ts'

/** A verifier without any leaves of its own. */
function without(world: World) {
  const { leaves: _, ...verifier } = verifierOf(world)
  return verifier
}

describe('gathering', () => {
  test('takes text and bytes alike, and refuses bytes that are no text', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    const evidence = await gather(verifierOf(world), new TextEncoder().encode(`${token}\n`))
    expect(verify(evidence, certificatePolicy(world)).outcome).toBe('valid')
    await expect(gather(verifierOf(world), Uint8Array.of(0xff))).rejects.toMatchObject({
      code: 'json/ill-formed-text',
    })
  })

  test('a proof that the holder hands over needs no leaves here', async () => {
    const { world, anchored } = sample()
    const credential = anchored()
    const proof = await world.leaves().proof(department, fingerprintOfToken(credential))
    const file = writeCertificateFile({ credential, proof })
    const verdict = await checked(world, file, certificatePolicy(world), without(world))
    expect(verdict.outcome).toBe('valid')
  })

  test('a wrong proof beside a good certificate is told, or mended by our own leaves', async () => {
    const { world, anchored } = sample()
    const other = anchored({ index: 1 })
    const credential = anchored({ index: 2 })
    const proof = await world.leaves().proof(department, fingerprintOfToken(other))
    const file = writeCertificateFile({ credential, proof })
    const policy = certificatePolicy(world)
    expect(findings(await checked(world, file, policy, without(world)))).toEqual([
      'fail anchor/wrong-batch',
    ])
    expect((await checked(world, file, policy)).outcome).toBe('valid')
  })

  test('a batch that is ahead of our view is awaited, not denied', async () => {
    const { world, issue, anchored } = sample()
    const credential = anchored()
    const proof = (await world.leaves().proof(department, fingerprintOfToken(credential)))!
    world.pass(3_600)
    const stale = {
      ...world.view(),
      anchor: async () => undefined,
      lastAnchor: async () => ({ sequence: 0, link: '' }),
    }
    const chain = { ...world.chain, view: async () => stale }
    const policy = certificatePolicy(world)
    const ahead = verifierOf(world, { chain })
    expect(findings(await checked(world, credential, policy, ahead))).toEqual([
      'unknown anchor/pending',
    ])
    const file = writeCertificateFile({ credential, proof })
    const handed = { ...without(world), chain }
    expect(findings(await checked(world, file, policy, handed))).toEqual(['unknown anchor/pending'])
    // A number in a proof is anybody's word: with all leaves here it changes nothing.
    const issuedAt = new Date(world.now().getTime() - 2_000_000)
    const forged = writeCertificateFile({
      credential: issue({ index: 77, issuedAt }),
      proof: { ...proof, sequence: 99 },
    })
    expect(findings(await checked(world, forged, policy))).toEqual(['fail anchor/not-anchored'])
  })

  test('of a date in the past, what came later was not there', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    const at = new Date(world.now().getTime() - 15_000)
    world.pass(5_000)
    const past = {
      ...world.view(),
      block: { number: 1, hash: '0x00', time: at },
      anchor: async () => undefined,
      lastAnchor: async () => ({ sequence: 0, link: '' }),
    }
    const verifier = verifierOf(world, { chain: { ...world.chain, view: async () => past } })
    const asked = (moment: Date): Policy => certificatePolicy(world, { at: moment })
    const evidence = await gather(verifier, token, { at })
    expect(findings(verify(evidence, asked(at)))).toEqual(['unknown anchor/pending'])
    expect(evidence.asked).toEqual(at)
    const later = new Date(at.getTime() + 700_000)
    const afterwards = await gather(verifier, token, { at: later })
    expect(findings(verify(afterwards, asked(later)))).toEqual(['fail anchor/not-anchored'])
  })

  test('nothing is asked about a token of another chain or of nobody', async () => {
    const { world, issue } = sample()
    const asked: string[] = []
    const silent = verifierOf(world, {
      keysOf: async (did) => {
        asked.push(did)
        return []
      },
    })
    const did = `did:ethr:0x1b5a:${department}`
    await gather(silent, issue({ did }))
    await gather(silent, 'nonsense')
    expect(asked).toEqual([])
    await gather(silent, issue({ key: stranger }))
    expect(asked.length).toBe(1)
  })
})
