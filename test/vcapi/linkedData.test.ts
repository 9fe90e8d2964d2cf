import { expect, test } from 'vitest'
import { parseCredential } from '../../src/credential/parse.ts'
import { issueOne } from '../../src/issuer/issue.ts'
import { changeStatus } from '../../src/issuer/status.ts'
import { issueLdpVc } from '../../src/vcapi/issueCredential.ts'
import { verifyCredential } from '../../src/vcapi/verifyCredential.ts'
import { secondImplementation } from '../adapters/dataIntegrity/second.ts'
import { anchorAll, holderKey, titleRequest } from '../support/issuer.ts'
import { codes, newVcApi } from './world.ts'

const jwtMembers = ['iss', 'iat', 'nbf', 'exp', 'cnf', 'salt', 'weir']

test('a certificate of a department can be handed out with a proof of the service, and shares its status', async () => {
  const { api, world } = await newVcApi()
  const [copy] = await issueOne(world.issuer, titleRequest(1, { holderKeys: [holderKey()] }))
  const { payload } = parseCredential(copy!.token)
  const members = Object.entries(payload).filter(([name]) => !jwtMembers.includes(name))
  const document = await issueLdpVc(api, {
    ...Object.fromEntries(members),
    issuer: api.integrity.did,
  })
  expect((await verifyCredential(api, document)).errors).toEqual([])
  expect(await (await secondImplementation()).verifies(document)).toBe(true)
  const grounds = {
    reason: 'sample',
    legalBasis: 'sample',
    operator: 'sample-clerk',
    approver: 'sample-approver',
  }
  await changeStatus(world.issuer, {
    of: { certificate: copy!.certificate },
    to: 'revoked',
    grounds,
  })
  await anchorAll(world)
  expect(codes((await verifyCredential(api, document)).errors)).toEqual(['status/revoked'])
})
