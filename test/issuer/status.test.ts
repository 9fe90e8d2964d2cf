import { describe, expect, test } from 'vitest'
import { parseCredential } from '../../src/credential/parse.ts'
import { anchorStep } from '../../src/issuer/anchor.ts'
import { issueOne } from '../../src/issuer/issue.ts'
import type { Issuer } from '../../src/issuer/model.ts'
import { changeStatus, type Grounds, type StatusWish } from '../../src/issuer/status.ts'
import { supersede } from '../../src/issuer/supersede.ts'
import { entriesPerWord } from '../../src/status/word.ts'
import {
  address,
  anchorAll,
  degreeRequest,
  holderKey,
  newWorld,
  statusOnChain,
  titleRequest,
} from '../support/issuer.ts'

const grounds: Grounds = {
  reason: 'transfer',
  legalBasis: 'Interim regulations, article 14',
  operator: 'clerk-1',
  approver: 'clerk-2',
}
const { approver: _, ...alone } = grounds
const expectedEnd = new Date('2027-01-01T00:00:00Z')
const number = '川（2026）样本市不动产权第0000001号'
const of = { certificate: number }

const attempt = (issuer: Issuer, wish: object) =>
  changeStatus(issuer, { of, grounds, ...wish } as StatusWish).then(
    () => 'queued',
    (error) => error.code,
  )

describe('changing a status', () => {
  test('suspend, resume and revoke reach the chain, for all copies and formats at once', async () => {
    const world = await newWorld()
    const { issuer, model } = world
    const holderKeys = [holderKey(), holderKey()]
    const formats = ['vc+jwt', 'dc+sd-jwt'] as const
    const copies = await issueOne(issuer, titleRequest(1, { holderKeys, formats }))
    const statuses = () => [...new Set(copies.map((copy) => statusOnChain(model, copy.status)))]
    await anchorAll(world)
    for (const wish of [
      { to: 'suspended', expectedEnd, grounds: alone },
      { to: 'valid', grounds: alone },
      { to: 'revoked' },
    ]) {
      expect(await attempt(issuer, wish)).toBe('queued')
      await anchorAll(world)
      expect(statuses()).toEqual([wish.to])
    }
    expect(model.anchors(address).map((record) => record.size)).toEqual([16, 0, 0, 0])
  })

  test('a copy is named by the fingerprint of any of its formats too', async () => {
    const world = await newWorld()
    const formats = ['vc+jwt', 'dc+sd-jwt'] as const
    const copies = await issueOne(world.issuer, titleRequest(1, { formats }))
    const wish = { of: { fingerprint: copies[1]!.fingerprint }, to: 'revoked' }
    expect(await attempt(world.issuer, wish)).toBe('queued')
    await anchorAll(world)
    expect(statusOnChain(world.model, copies[0]!.status)).toBe('revoked')
  })

  test('changes that wait for one entry go one after another, so the chain shows each', async () => {
    const world = await newWorld()
    const [copy] = await issueOne(world.issuer, titleRequest(1))
    await anchorAll(world)
    for (const to of ['suspended', 'valid', 'revoked']) {
      expect(await attempt(world.issuer, { to, expectedEnd })).toBe('queued')
    }
    await anchorAll(world)
    const { list, index } = copy!.status
    const word = Math.floor(index / entriesPerWord)
    const entry = BigInt(index % entriesPerWord) * 2n
    const shown = world.model
      .wordHistory(address, list, word)
      .map(({ value }) => Number((value >> entry) & 3n))
    expect(shown.filter((value, at) => value !== shown[at - 1])).toEqual([0, 2, 0, 1])
  })

  test('neighbours in the same word keep their status', async () => {
    const world = await newWorld()
    const issued = []
    for (let at = 1; at <= 40; at += 1)
      issued.push(...(await issueOne(world.issuer, titleRequest(at))))
    for (const copy of issued.slice(0, 20)) {
      await attempt(world.issuer, { of: { fingerprint: copy.fingerprint }, to: 'revoked' })
    }
    await anchorAll(world)
    expect(issued.map((copy) => statusOnChain(world.model, copy.status))).toEqual([
      ...Array(20).fill('revoked'),
      ...Array(20).fill('valid'),
    ])
  })

  test('G9: a final move needs a second person', async () => {
    const { issuer } = await newWorld()
    await issueOne(issuer, titleRequest(1))
    for (const approver of [undefined, '', ' ', 'clerk-1', ' clerk-1 ']) {
      const refused = await attempt(issuer, { to: 'revoked', grounds: { ...grounds, approver } })
      expect(refused).toBe('status/needs-approver')
    }
    const self = supersede(issuer, of, titleRequest(2), { ...grounds, approver: 'clerk-1' })
    await expect(self).rejects.toMatchObject({ code: 'status/needs-approver' })
    expect(await issuer.lists.pendingRequests(address, 10)).toEqual([])
    expect(await attempt(issuer, { to: 'revoked' })).toBe('queued')
  })

  test('a change without reason, legal basis, operator or expected end is refused', async () => {
    const { issuer } = await newWorld()
    await issueOne(issuer, titleRequest(1))
    for (const path of ['reason', 'legalBasis', 'operator']) {
      const lacking = { ...grounds, [path]: ' ' }
      expect(await attempt(issuer, { to: 'revoked', grounds: lacking })).toBe(
        'status/needs-grounds',
      )
    }
    const past = new Date('2020-01-01T00:00:00Z')
    expect(await attempt(issuer, { to: 'suspended' })).toBe('status/needs-grounds')
    expect(await attempt(issuer, { to: 'suspended', expectedEnd: past })).toBe(
      'status/needs-grounds',
    )
    expect(await attempt(issuer, { to: 'lost' })).toBe('status/needs-grounds')
    expect(await attempt(issuer, { to: 'revoked', grounds: undefined })).toBe(
      'status/needs-grounds',
    )
  })

  test('E8: what is final stays final, nothing changes into itself, superseded needs a successor', async () => {
    const world = await newWorld()
    await issueOne(world.issuer, titleRequest(1))
    expect(await attempt(world.issuer, { to: 'superseded' })).toBe('status/no-successor')
    expect(await attempt(world.issuer, { to: 'valid' })).toBe('status/unchanged')
    expect(await attempt(world.issuer, { to: 'revoked' })).toBe('queued')
    for (const anchored of [false, true]) {
      if (anchored) await anchorAll(world)
      for (const to of ['valid', 'suspended']) {
        expect(await attempt(world.issuer, { to, expectedEnd })).toBe('status/final')
      }
      expect(await attempt(world.issuer, { to: 'revoked' })).toBe('status/unchanged')
    }
  })

  test('a certificate that was never issued has no status to change', async () => {
    const { issuer } = await newWorld()
    expect(await attempt(issuer, { to: 'revoked' })).toBe('status/unknown-certificate')
    const other = { fingerprint: '00'.repeat(32) }
    expect(await attempt(issuer, { of: other, to: 'revoked' })).toBe('status/unknown-certificate')
  })

  test('I7: neither reason nor legal basis nor operator is in what the chain is sent', async () => {
    const world = await newWorld()
    await issueOne(world.issuer, titleRequest(1))
    await attempt(world.issuer, { to: 'revoked', grounds: { ...grounds, reason: 'CANARY-death' } })
    await anchorStep(world.issuer)
    await anchorStep(world.issuer)
    const [sent] = world.model.pool()
    expect(Object.keys(sent!.call.changes[0]!)).toEqual(['list', 'word', 'value'])
    expect(JSON.stringify(sent, (_name, value) => String(value))).not.toMatch(
      /CANARY|clerk|article/,
    )
  })
})

describe('superseding', () => {
  test('the new version names the old one, and no block shows both valid or neither', async () => {
    const world = await newWorld()
    const { issuer, model } = world
    const [old] = await issueOne(issuer, titleRequest(1))
    await anchorAll(world)
    const [successor] = await supersede(issuer, of, titleRequest(2), grounds)
    expect(parseCredential(successor!.token).replaces).toBe(old!.fingerprint)
    expect(statusOnChain(model, old!.status)).toBe('valid')
    await anchorAll(world)
    expect(statusOnChain(model, old!.status)).toBe('superseded')
    const { list, index } = old!.status
    const ended = model
      .wordHistory(address, list, Math.floor(index / entriesPerWord))
      .find(({ value }) => value !== 0n)!
    expect(ended.block.state.anchors.get(address)?.at(-1)).toMatchObject({
      sequence: 2,
      block: ended.block.number,
    })
    const stored = await issuer.certificates.byKeys(address, ['title-2'])
    expect(stored[0]).toMatchObject({ sequence: 2, state: 'final', replaces: old!.fingerprint })
  })

  test('every copy and format ends, and each new one names its own predecessor', async () => {
    const world = await newWorld()
    const holderKeys = [holderKey(), holderKey()]
    const formats = ['vc+jwt', 'dc+sd-jwt'] as const
    const old = await issueOne(world.issuer, titleRequest(1, { holderKeys, formats }))
    const next = titleRequest(2, { holderKeys: [holderKey(), holderKey()], formats })
    const successors = await supersede(world.issuer, of, next, grounds)
    expect(successors.map((copy) => parseCredential(copy.token).replaces)).toEqual(
      old.map((copy) => copy.fingerprint),
    )
    await anchorAll(world)
    expect(old.map((copy) => statusOnChain(world.model, copy.status))).toEqual(
      Array(4).fill('superseded'),
    )
  })

  test('a suspended certificate may be superseded, a revoked one may not', async () => {
    const world = await newWorld()
    await issueOne(world.issuer, titleRequest(1))
    await attempt(world.issuer, { to: 'suspended', expectedEnd })
    await supersede(world.issuer, of, titleRequest(2), grounds)
    await anchorAll(world)
    await issueOne(world.issuer, titleRequest(3))
    const third = { certificate: '川（2026）样本市不动产权第0000003号' }
    await attempt(world.issuer, { of: third, to: 'revoked' })
    const refused = supersede(world.issuer, third, titleRequest(4), grounds)
    await expect(refused).rejects.toMatchObject({ code: 'status/final' })
    expect(await world.store.certificates.byKeys(address, ['title-4'])).toEqual([])
  })

  test('repeating it gives the same successor and no second end', async () => {
    const world = await newWorld()
    await issueOne(world.issuer, titleRequest(1))
    const first = await supersede(world.issuer, of, titleRequest(2), grounds)
    expect(await supersede(world.issuer, of, titleRequest(2), grounds)).toEqual(first)
    await anchorAll(world)
    const again = await supersede(world.issuer, of, titleRequest(2), grounds)
    expect(again.map((copy) => copy.token)).toEqual(first.map((copy) => copy.token))
    const other = supersede(world.issuer, of, titleRequest(3), grounds)
    await expect(other).rejects.toMatchObject({ code: 'status/unchanged' })
  })

  test('a version that keeps its number replaces the one before', async () => {
    const world = await newWorld()
    const [first] = await issueOne(world.issuer, titleRequest(1))
    const renewal = (key: string) => titleRequest(1, { idempotencyKey: key })
    const [second] = await supersede(world.issuer, of, renewal('v2'), grounds)
    const [third] = await supersede(world.issuer, of, renewal('v3'), grounds)
    expect(parseCredential(third!.token).replaces).toBe(second!.fingerprint)
    await anchorAll(world)
    expect([first, second, third].map((copy) => statusOnChain(world.model, copy!.status))).toEqual([
      'superseded',
      'superseded',
      'valid',
    ])
  })

  test('a successor that is refused leaves the old certificate as it was', async () => {
    const { issuer, store } = await newWorld()
    await issueOne(issuer, titleRequest(1))
    const bad = titleRequest(2, { claims: {} })
    await expect(supersede(issuer, of, bad, grounds)).rejects.toMatchObject({
      code: 'certificate/missing-claim',
    })
    const self = supersede(issuer, of, titleRequest(1), grounds)
    await expect(self).rejects.toMatchObject({ code: 'status/same-certificate' })
    const taken = await issueOne(issuer, degreeRequest(1))
    expect(taken).toHaveLength(1)
    const conflict = supersede(issuer, of, titleRequest(9, { idempotencyKey: 'degree-1' }), grounds)
    await expect(conflict).rejects.toMatchObject({ code: 'issue/idempotency-conflict' })
    expect(await store.lists.pendingRequests(address, 10)).toEqual([])
  })

  test('a successor never goes without the end of the old one, nor the end without it', async () => {
    const world = await newWorld()
    const { store, issuer, model } = world
    const [old] = await issueOne(issuer, titleRequest(1))
    await anchorAll(world)
    const stop = new Error('crash')
    const at = (step: string) => {
      if (step === 'issue/planned') throw stop
    }
    await expect(supersede({ ...issuer, at }, of, titleRequest(2), grounds)).rejects.toBe(stop)
    await anchorAll(world)
    const { resume } = await import('../../src/issuer/resume.ts')
    expect(await resume(issuer)).toBe(1)
    await anchorAll(world)
    expect(model.anchors(address)).toHaveLength(1)
    const late = (step: string) => {
      if (step === 'supersede/queued') throw stop
    }
    const again = supersede({ ...issuer, at: late }, of, titleRequest(2), grounds)
    await expect(again).rejects.toBe(stop)
    await supersede(issuer, of, titleRequest(2), grounds)
    expect(await store.lists.pendingRequests(address, 10)).toHaveLength(1)
    await anchorAll(world)
    expect(statusOnChain(model, old!.status)).toBe('superseded')
    expect(model.anchors(address)).toHaveLength(2)
  })
})
