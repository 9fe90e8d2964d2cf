import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anchorWriter } from '../../src/adapters/chain/anchorWriter.ts'
import { RpcChain } from '../../src/adapters/chain/rpcChain.ts'
import { pathOf } from '../../src/anchor/proof.ts'
import { readHeader } from '../../src/anchor/stateProof.ts'
import { arrange, leafHash, positionOf, rootOf, treeOf } from '../../src/anchor/tree.ts'
import { formatEthrDid } from '../../src/identity/did.ts'
import { writeCertificateFile } from '../../src/presentation/certificateFile.ts'
import { hex } from '../../src/primitives/bytes.ts'
import type { StatusChange } from '../../src/status/model.ts'
import type { Policy } from '../../src/verdict/model.ts'
import { verify } from '../../src/verdict/verify.ts'
import { readEvidenceFile, writeEvidence } from '../../src/verifier/evidenceFile.ts'
import { gather } from '../../src/verifier/gather.ts'
import type { Verifier } from '../../src/verifier/model.ts'
import { saveEvidence } from '../../src/verifier/saveEvidence.ts'
import { fingerprintOf } from '../anchor/leaves.ts'
import {
  chainKinds,
  registerRoot,
  sampleAccount,
  sampleHash,
  startChain,
  type TestChain,
  testChainId,
} from '../support/chain.ts'
import { findings, make, titleType } from '../verdict/sample.ts'
import { fingerprintOfToken, newKey } from '../verdict/world.ts'

const type = sampleHash(titleType)
const account = sampleAccount('sample department')
const department = account.address
const did = formatEthrDid(testChainId, department)
const key = newKey()

describe.each(chainKinds)('a certificate on a real chain (%s)', (kind) => {
  let chain: TestChain
  let verifier: Verifier

  beforeAll(async () => {
    chain = await startChain(kind)
    const root = await registerRoot(chain, 'sample accreditor', type)
    const above = chain.writer(root.account)
    const own = chain.writer(account)
    const accreditor = root.account.address
    const by = { certificateType: type, index: 0 }
    await above.write({ call: 'register', accreditor, by, department, account: department })
    await own.write({ call: 'acceptAccount', department })
    const claim = {
      department,
      thumbprint: key.thumbprint,
      purpose: 'assertion',
      certificateHash: sampleHash('certificate'),
    } as const
    await own.write({ call: 'proposeKey', ...claim })
    await above.write({ call: 'confirmKey', ...claim })
    await above.write({
      call: 'accredit',
      by: { department: accreditor, index: 0 },
      department,
      certificateType: type,
      rights: ['issue'],
      from: undefined,
      until: new Date((await chain.now()).getTime() + 86_400_000),
    })
    await chain.settle()
    verifier = {
      chain: new RpcChain(chain.rpc, chain.deployment),
      keysOf: async () => [key.jwk],
      now: () => new Date(),
    }
  })

  afterAll(() => chain.close())

  async function issue(index: number): Promise<{ token: string; leaves: Uint8Array }> {
    const weir = {
      chain: `eip155:${testChainId}`,
      status: { list: 0, index },
      certificate: 'SAMPLE-1',
    }
    const token = make({ did, key, issuedAt: await chain.now(), payload: { weir } })
    const padding = Array.from({ length: 16 }, (_, n) => fingerprintOf(n, `padding ${index}`))
    return { token, leaves: arrange([leafHash(fingerprintOfToken(token))], padding) }
  }

  async function anchor(leaves: Uint8Array | undefined, changes: readonly StatusChange[] = []) {
    const writer = anchorWriter(chain.rpc, chain.deployment, account)
    const { sequence, link } = await writer.latest(department)
    const root = leaves === undefined ? `0x${'0'.repeat(64)}` : `0x${hex(rootOf(leaves))}`
    const size = leaves === undefined ? 0 : leaves.length / 32
    const call = { issuer: department, sequence: sequence + 1, previous: link, root, size, changes }
    await writer.send(await writer.prepare(call))
    await chain.settle()
    return sequence + 1
  }

  async function anchored(index: number): Promise<string> {
    const { token, leaves } = await issue(index)
    const sequence = await anchor(leaves)
    const place = positionOf(leaves, leafHash(fingerprintOfToken(token)))!
    const tree = treeOf(leaves)
    const proof = { sequence, index: place, size: tree.size, path: pathOf(tree, place) }
    return writeCertificateFile({ credential: token, proof })
  }

  async function policy(change: Partial<Policy> = {}): Promise<Policy> {
    return {
      at: await chain.now(),
      question: { kind: 'certificate' },
      chain: `eip155:${testChainId}`,
      deployment: chain.deployment.identity,
      ...change,
    }
  }

  /** What is found online, and offline from a file saved at the same time. */
  async function both(input: string) {
    const online = verify(await gather(verifier, input), await policy())
    const evidence = readEvidenceFile(writeEvidence(await saveEvidence(verifier, input)))
    const pinnedHeaders = [readHeader(evidence.proof.header).hash]
    const judge = async () => verify(evidence, await policy({ pinnedHeaders }))
    return { online: findings(online), offline: findings(await judge()), judge }
  }

  test('is judged from proven storage as from the contracts, through every change', async () => {
    const first = await anchored(5)
    const second = await anchored(6)
    const good = await both(first)
    expect(good.online).toEqual([])
    expect(good.offline).toEqual([])

    await anchor(undefined, [{ list: 0, word: 0, value: 2n << 12n }])
    expect((await both(first)).offline).toEqual([])
    const suspended = await both(second)
    expect(suspended.offline).toEqual(['fail status/suspended'])
    expect(suspended.online).toEqual(suspended.offline)

    const since = (await chain.now()).getTime()
    await chain.writer(account).write({
      call: 'declareCompromised',
      thumbprint: key.thumbprint,
      since: new Date(since),
    })
    await chain.settle()
    const before = await both(first)
    expect(before.online).toEqual([])
    expect(before.offline).toEqual([])
    const after = await both(await anchored(7))
    expect(after.online).toEqual(['fail key/compromised'])
    expect(after.offline).toEqual(after.online)

    // The first file still says what was true at its block.
    expect(findings(await good.judge())).toEqual([])
  })

  test('a removed accreditor and a recovered department are seen in the proofs', async () => {
    const administrator = chain.writer(sampleAccount('administrator'))
    const accreditor = sampleAccount('sample accreditor').address
    const early = await anchored(8)
    await chain.writer(sampleAccount('sample accreditor')).write({
      call: 'requestRecovery',
      department,
      account: department,
    })
    for (const call of [
      { call: 'recover', department, account: department },
      { call: 'remove', department: accreditor },
    ] as const) {
      const { id } = await administrator.propose(call)
      await administrator.execute(id)
    }
    await chain.writer(account).write({ call: 'acceptAccount', department })
    await chain.settle()
    const { online, offline } = await both(early)
    expect(online).toEqual(['fail key/compromised'])
    expect(offline).toEqual(online)
    const late = await both(await anchored(9))
    expect(late.online).toEqual(['fail key/compromised', 'fail accreditation/not-in-force'])
    expect(late.offline).toEqual(late.online)
  })
})
