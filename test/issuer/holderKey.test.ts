import { expect, test } from 'vitest'
import { thumbprintHex } from '../../src/credential/thumbprint.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import { revokeHolderKey } from '../../src/issuer/holderKey.ts'
import { issueOne } from '../../src/issuer/issue.ts'
import { anchorAll, holderKey, newWorld, statusOnChain, titleRequest } from '../support/issuer.ts'

const grounds = { reason: 'wallet-lost', legalBasis: 'article 9', operator: 'a', approver: 'b' }

test('L6: every copy bound to a lost key ends in each format, those of other keys and of nobody stay', async () => {
  const world = await newWorld()
  const { issuer, model } = world
  const [lost, other] = [holderKey(), holderKey()]
  const formats = ['vc+jwt', 'dc+sd-jwt'] as const
  const both = await issueOne(issuer, titleRequest(1, { holderKeys: [lost, other], formats }))
  const again = await issueOne(issuer, titleRequest(2, { holderKeys: [lost], formats }))
  const nobodys = await issueOne(issuer, titleRequest(3))
  await anchorAll(world)
  const found = await revokeHolderKey(issuer, thumbprintHex(lost), grounds)
  expect([found.copies, found.requests.length]).toEqual([4, 2])
  await anchorAll(world)
  const statuses = [...both, ...again, ...nobodys].map(
    ({ copy, status }) => `${copy} ${statusOnChain(model, status)}`,
  )
  expect(statuses).toEqual([
    ...['0 revoked', '0 revoked', '1 valid', '1 valid'],
    ...['0 revoked', '0 revoked'],
    '0 valid',
  ])
  const repeated = await revokeHolderKey(issuer, thumbprintHex(lost), grounds)
  expect(repeated).toEqual({ copies: 4, requests: [] })
  expect(await firstFinding(issuer)).toBeUndefined()
})

test('L6: a key that nothing is bound to ends nothing, and it takes two people', async () => {
  const { issuer } = await newWorld()
  await issueOne(issuer, titleRequest(1, { holderKeys: [holderKey()] }))
  const stranger = thumbprintHex(holderKey())
  expect(await revokeHolderKey(issuer, stranger, grounds)).toEqual({ copies: 0, requests: [] })
  const { approver: _, ...alone } = grounds
  await expect(revokeHolderKey(issuer, stranger, alone)).rejects.toMatchObject({
    code: 'status/needs-approver',
  })
})
