import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storyRecords } from '../scripts/samples/story.ts'
import { startHardhatNode } from '../src/adapters/chain/hardhatNode.ts'
import { findType } from '../src/certificate/types.ts'
import { districtChainId, districtConfiguration } from '../src/configuration/district.ts'
import type { JsonObject } from '../src/credential/model.ts'
import { present } from '../src/holder/present.ts'
import { receive } from '../src/holder/receive.ts'
import { drain } from '../src/issuer/drain.ts'
import { issueOne } from '../src/issuer/issue.ts'
import { proofFor } from '../src/issuer/proof.ts'
import { changeStatus } from '../src/issuer/status.ts'
import { supersede } from '../src/issuer/supersede.ts'
import { writeCertificateFile } from '../src/presentation/certificateFile.ts'
import type { Policy, Verdict } from '../src/verdict/model.ts'
import { verify } from '../src/verdict/verify.ts'
import { ask, questionOf } from '../src/verifier/ask.ts'
import { gather } from '../src/verifier/gather.ts'
import type { Verifier } from '../src/verifier/model.ts'
import { type OpenChain, startLocalChain } from '../src/wire/chain.ts'
import { type Department, openDepartment } from '../src/wire/department.ts'
import { setUpDistrict } from '../src/wire/district.ts'
import { createHome } from '../src/wire/home.ts'
import { openVerifier, policyOf } from '../src/wire/verifier.ts'
import { openWallet, type Wallet } from '../src/wire/wallet.ts'

const grounds = {
  reason: 'sample',
  legalBasis: 'sample regulation, article 1',
  operator: 'clerk-1',
  approver: 'clerk-2',
}

/** A chain for a home: started, with the configuration that leads to it. */
const chains = {
  anvil: async (path: string) => {
    const home = await createHome(path, districtConfiguration())
    const node = await startLocalChain(home, () => {})
    return { home, stop: () => node.stop() }
  },
  Hardhat: async (path: string) => {
    const node = await startHardhatNode(districtChainId, 0, 1000)
    const configuration = districtConfiguration()
    const chain = { ...configuration.chain, rpc: node.url }
    const home = await createHome(path, { ...configuration, chain })
    return { home, stop: () => node.stop() }
  },
}

describe.each(Object.keys(chains) as (keyof typeof chains)[])('the whole way, on %s', (kind) => {
  const story = storyRecords(1)
  let path: string
  let stop: () => Promise<void>
  let chain: OpenChain
  let registration: Department
  let verifier: Verifier
  let wallet: Wallet

  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'weir-flow-'))
    const started = await chains[kind](path)
    stop = started.stop
    const district = await setUpDistrict(started.home, new Date(), () => {})
    chain = district.chain
    registration = await openDepartment(district.home, chain, 'registration-centre', { threads: 1 })
    verifier = openVerifier(chain)
    wallet = await openWallet(district.home, chain, verifier, 'clinic')
  }, 300_000)

  afterAll(async () => {
    await wallet?.close()
    await registration?.close()
    chain?.close()
    await stop?.()
    await rm(path, { recursive: true, force: true })
  }, 60_000)

  async function held(idempotencyKey: string, claims: JsonObject) {
    const holderKeys = [await wallet.newKey()]
    const type = 'real-estate-title'
    const formats = ['dc+sd-jwt'] as const
    const wish = { idempotencyKey, type, claims, holderKeys, formats }
    const [credential] = await issueOne(registration.issuer, wish)
    await drain(registration.issuer)
    const { proof } = await proofFor(registration.issuer, credential!.fingerprint)
    await receive(wallet.holder, credential!.token, proof)
    return { ...credential!, file: writeCertificateFile({ credential: credential!.token, proof }) }
  }

  async function judged(input: string, question?: Policy['question']): Promise<Verdict> {
    return verify(await gather(verifier, input), policyOf(chain, new Date(), question))
  }

  const failuresOf = ({ checks, credentials }: Verdict) =>
    [...checks, ...credentials.flatMap((one) => one.checks)]
      .filter(({ outcome }) => outcome === 'fail')
      .map(({ code }) => code)

  test('a department signs certificates, status lists and requests, each with its own key', async () => {
    const { issuer, signers } = registration
    const all = [issuer.signer, signers.status!, signers.request!]
    expect(all.map(({ key }) => key.purpose)).toEqual(['assertion', 'status', 'request'])
    expect(new Set(all.map(({ key }) => key.thumbprint)).size).toBe(3)
    const view = await chain.cold.view()
    for (const { key } of all) {
      const record = await view.key(key.thumbprint)
      expect(record).toMatchObject({ department: registration.address, purpose: key.purpose })
    }
    const names = all.map(({ key }) => new X509Certificate(key.x5c[0]!).subjectAltName)
    const hostName = kind === 'anvil' ? ', DNS:localhost' : ''
    const own = `URI:${registration.did}`
    expect(names).toEqual([own, own, `${own}${hostName}`])
  })

  test('issue, anchor, hold, present, verify, revoke, refused', async () => {
    const title = await held('title-1', story.title)
    const request = ask({
      audience: 'health-commission',
      purpose: 'Application for a practice licence',
      dcql: {
        credentials: [
          {
            id: 'title',
            format: 'dc+sd-jwt',
            meta: { vct_values: [findType('real-estate-title').uri] },
            claims: [{ path: ['location'] }],
          },
        ],
      },
    })
    const consent = { id: title.fingerprint, disclose: [['location']] }
    const { text } = await present(wallet.holder, request, [consent])
    expect(await judged(text, questionOf(request))).toMatchObject({ outcome: 'valid' })

    const other = { ...questionOf(request), nonce: 'another-nonce-of-another-verifier' }
    expect(failuresOf(await judged(text, other as Policy['question']))).toContain(
      'holder/wrong-nonce',
    )
    expect(failuresOf(await judged(title.file, questionOf(request)))).toContain('holder/missing')

    const of = { fingerprint: title.fingerprint }
    await changeStatus(registration.issuer, { of, to: 'revoked', grounds })
    await drain(registration.issuer)
    expect(failuresOf(await judged(text, questionOf(request)))).toEqual(['status/revoked'])
  }, 120_000)

  test('a transferred title is replaced, in one step for everybody who checks', async () => {
    const title = await held('title-2', {
      ...story.title,
      title_number: '川（2026）样本市不动产权第7000001号',
    })
    const next = await supersede(
      registration.issuer,
      { fingerprint: title.fingerprint },
      {
        idempotencyKey: 'title-3',
        type: 'real-estate-title',
        claims: story.transferredTitle,
        formats: ['dc+sd-jwt'],
      },
      grounds,
    )
    await drain(registration.issuer)
    const { proof, token } = await proofFor(registration.issuer, next[0]!.fingerprint)
    const fresh = writeCertificateFile({ credential: token, proof })
    expect(failuresOf(await judged(title.file))).toEqual(['status/superseded'])
    expect(await judged(fresh)).toMatchObject({ outcome: 'valid' })
  }, 120_000)

  test('a changed byte, a foreign proof and a certificate without its proof are not valid', async () => {
    const title = await held('title-4', {
      ...story.title,
      title_number: '川（2026）样本市不动产权第7000002号',
    })
    const at = title.token.indexOf('.') + 10
    const changed =
      title.token.slice(0, at) + (title.token[at] === 'A' ? 'B' : 'A') + title.token.slice(at + 1)
    expect(await judged(changed)).toMatchObject({ outcome: 'invalid' })
    const { proof } = await proofFor(registration.issuer, title.fingerprint)
    const moved = { ...proof, index: (proof.index + 1) % proof.size }
    expect(
      failuresOf(await judged(writeCertificateFile({ credential: title.token, proof: moved }))),
    ).toEqual(['anchor/wrong-batch'])
    expect(await judged(title.token)).toMatchObject({ outcome: 'unknown' })
  }, 120_000)
})
