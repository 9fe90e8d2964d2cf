import { describe, expect, onTestFinished, test } from 'vitest'
import { anvilBinary } from '../../src/adapters/chain/anvil.ts'
import { drain } from '../../src/issuer/drain.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import { issue } from '../../src/issuer/issue.ts'
import { leafReader } from '../../src/issuer/proof.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import { policyOf } from '../../src/wire/verifier.ts'
import { titleRequest } from '../support/issuer.ts'
import {
  anvilChain,
  contractsOn,
  issueTitles,
  lastSequence,
  register,
  start,
  whileMining,
} from './department.ts'

const slow = 1_800_000
/** Certificates that wait when the chain comes back; `WEIR_BACKLOG=1000000` makes the long run. */
const backlog = Number(process.env.WEIR_BACKLOG ?? 3_000)

/** A department on anvil that mines only when told. */
async function onAnvil() {
  const { anvil, mine, url } = await anvilChain()
  onTestFinished(() => anvil.stop())
  const known = await whileMining(
    () => mine(20),
    async () => register(await contractsOn(url)),
  )
  const running = await start(known, url)
  onTestFinished(() => running.close())
  await mine(3)
  return { anvil, mine, deployment: known.deployment, ...running }
}

describe.skipIf(anvilBinary() === undefined)('what the chain does to time and order', () => {
  test('D16: blocks far from real time keep their order, and what they anchor long after it was signed is refused', async () => {
    const { anvil, mine, deployment, issuer: running, store } = await onAnvil()
    const begun = (await running.chain.view()).block.time.getTime()
    // Real time, as the department and the verifier see it.
    const issuer = { ...running, clock: () => new Date(begun + 3_600_000) }
    const pause = async () => void (await mine())
    const now = issuer.clock().getTime() / 1000
    await anvil.rpc.call('evm_setNextBlockTimestamp', [now])
    await mine()
    const [before] = await issueTitles(issuer, 1, 3)
    await drain(issuer, { pause, patienceMs: 100_000 })
    await anvil.rpc.call('evm_setNextBlockTimestamp', [now + 40 * 86_400])
    await mine()
    const [during] = await issueTitles(issuer, 4, 3)
    await drain(issuer, { pause, patienceMs: 100_000 })
    expect(await lastSequence(issuer)).toBe(2)
    const copies = await store.certificates.scan(issuer.department.address, 0, 10)
    expect(copies.map(({ sequence, state }) => `${sequence} ${state}`)).toEqual([
      ...Array(3).fill('1 final'),
      ...Array(3).fill('2 final'),
    ])
    const checkOf = async (token: string, name: string, at = issuer.clock()) => {
      const verifier = {
        chain: issuer.chain,
        leaves: leafReader(store),
        keysOf: async () => [issuer.signer.key.jwk],
        now: () => at,
      }
      const evidence = await gather(verifier, token)
      const { credentials } = verify(evidence, policyOf({ deployment }, at))
      return credentials[0]!.checks.find((check) => check.name === name)?.code
    }
    expect(await checkOf(before!.token, 'anchor')).toBe('anchor/anchored')
    expect(await checkOf(before!.token, 'signingTime')).toBe('time/plausible')
    // A block of next month anchors nothing today; once it is that day, it was signed long before.
    expect(await checkOf(during!.token, 'anchor')).toBe('anchor/pending')
    const later = new Date(issuer.clock().getTime() + 41 * 86_400_000)
    expect(await checkOf(during!.token, 'anchor', later)).toBe('anchor/late')
    expect(await checkOf(during!.token, 'signingTime', later)).toBe('time/anchored-too-late')
    expect(await firstFinding(issuer)).toBeUndefined()
  })

  test(
    'D21: a backlog drains in order, oldest first, in batches of the size that was asked for',
    async () => {
      const { mine, issuer, store } = await onAnvil()
      const { address } = issuer.department
      function* requests() {
        for (let row = 1; row <= backlog; row += 1) yield titleRequest(row)
      }
      for await (const answer of issue(issuer, requests())) {
        if ('error' in answer) throw answer.error
      }
      const maxBatch = Math.ceil(backlog / 6)
      const batches = await drain(issuer, {
        maxBatch,
        pause: async () => void (await mine()),
        patienceMs: 1_000_000,
      })
      expect(batches).toBe(6)
      let last = 0
      for (let sequence = 1; sequence <= batches; sequence += 1) {
        const members = await store.queue.members(address, sequence)
        expect(members.length).toBe(Math.min(maxBatch, backlog - last))
        // Ids of a store that nobody else writes have no gap.
        expect([members[0]!.id, members.at(-1)!.id]).toEqual([last + 1, last + members.length])
        last += members.length
      }
      expect(last).toBe(backlog)
      expect(await firstFinding(issuer)).toBeUndefined()
    },
    slow,
  )
})
