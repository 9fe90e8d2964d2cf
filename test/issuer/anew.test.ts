import { expect, test } from 'vitest'
import { parseCredential } from '../../src/credential/parse.ts'
import { signAnew } from '../../src/issuer/anew.ts'
import { issueOne } from '../../src/issuer/issue.ts'
import { proofFor } from '../../src/issuer/proof.ts'
import { resume } from '../../src/issuer/resume.ts'
import { supersede } from '../../src/issuer/supersede.ts'
import {
  address,
  anchorAll,
  newWorld,
  titleRequest,
  type World,
  withNextKey,
} from '../support/issuer.ts'

const formats = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc'] as const
const grounds = { reason: 'transfer', legalBasis: 'article 14', operator: 'a', approver: 'b' }

const end = ({ model }: World, thumbprint: string, how: 'retiredAt' | 'compromisedSince') =>
  model.govern((state, time) => {
    state.keys.set(thumbprint, { ...state.keys.get(thumbprint)!, [how]: time })
  })

test.each(['retiredAt', 'compromisedSince'] as const)(
  'C1: what a key left unanchored when it ended (%s) is signed anew and never anchored as it was',
  async (how) => {
    const world = await newWorld()
    const old = await issueOne(world.issuer, titleRequest(1, { formats }))
    const issuer = withNextKey(world)
    end(world, world.issuer.signer.key.thumbprint, how)
    await anchorAll({ ...world, issuer })
    const copies = await world.store.certificates.byKeys(address, ['title-1'])
    expect(copies.map((copy) => copy.state)).toEqual(Array(4).fill('final'))
    for (const [at, copy] of (await issueOne(issuer, titleRequest(1, { formats }))).entries()) {
      const [before, after] = [old[at]!, copy].map(({ token }) => parseCredential(token))
      expect(after!.kid).toBe(issuer.signer.key.kid)
      expect(after!.claims).toEqual(before!.claims)
      expect(after!.disclosures.length).toBe(before!.disclosures.length)
      expect(after!.status).toEqual(before!.status)
      expect(after!.salt).not.toBe(before!.salt)
      expect((await proofFor(issuer, copy.fingerprint)).id).toBe(old[at]!.id)
      await expect(proofFor(issuer, old[at]!.fingerprint)).rejects.toMatchObject({
        code: 'issue/unknown-credential',
      })
    }
    const lines = await world.store.audit.scan(0, 100)
    expect(lines.filter(({ entry }) => entry.action === 'issue/signed-anew')).toHaveLength(4)
  },
)

test('what was final before its key ended stays as it is', async () => {
  const world = await newWorld()
  const [copy] = await issueOne(world.issuer, titleRequest(1))
  await anchorAll(world)
  const issuer = withNextKey(world)
  end(world, world.issuer.signer.key.thumbprint, 'retiredAt')
  expect(await signAnew(issuer)).toBe(0)
  expect((await proofFor(issuer, copy!.fingerprint)).token).toBe(copy!.token)
})

test('plans that a crash left unsigned are drawn up anew when their key has ended', async () => {
  const crash = new Error('crash')
  const world = await newWorld({
    at: (step) => {
      if (step === 'issue/planned') throw crash
    },
  })
  await expect(issueOne(world.issuer, titleRequest(1, { formats }))).rejects.toBe(crash)
  const { at: _, ...issuer } = withNextKey(world)
  end(world, world.issuer.signer.key.thumbprint, 'compromisedSince')
  expect(await resume(issuer)).toBe(4)
  const copies = await issueOne(issuer, titleRequest(1, { formats }))
  expect(copies.map((copy) => parseCredential(copy.token).kid)).toEqual(
    Array(4).fill(issuer.signer.key.kid),
  )
})

test('with no other key the copies wait, and nothing of the ended key is anchored', async () => {
  const world = await newWorld()
  await issueOne(world.issuer, titleRequest(1))
  end(world, world.issuer.signer.key.thumbprint, 'retiredAt')
  await expect(anchorAll(world)).rejects.toMatchObject({ code: 'issue/key-not-usable' })
  expect(world.model.anchors(address)).toEqual([])
})

test('a successor names the new fingerprint of what was signed anew before it', async () => {
  const world = await newWorld()
  const [old] = await issueOne(world.issuer, titleRequest(1))
  const next = withNextKey(world)
  await supersede(next, { fingerprint: old!.fingerprint }, titleRequest(2), grounds)
  end(world, world.issuer.signer.key.thumbprint, 'compromisedSince')
  expect(await signAnew(next)).toBe(1)
  const [first] = await issueOne(next, titleRequest(1))
  const [second] = await world.store.certificates.byKeys(address, ['title-2'])
  expect(first!.fingerprint).not.toBe(old!.fingerprint)
  expect(second!.replaces).toBe(first!.fingerprint)
  await anchorAll({ ...world, issuer: next })
  const states = (await world.store.certificates.scan(address, 0, 10)).map((copy) => copy.state)
  expect(states).toEqual(['final', 'final'])
})
