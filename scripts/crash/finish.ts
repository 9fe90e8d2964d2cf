import { fsck } from '../../src/issuer/fsck.ts'
import type { Issuer } from '../../src/issuer/model.ts'
import { statusIn, wordOf } from '../../src/status/word.ts'
import { type Campaign, lookAfter, settle } from './campaign.ts'
import { type Doer, issueAll, patiently, succeed, turn } from './deeds.ts'
import { listen } from './ledger.ts'
import { firstSuccessor, keyOf, successorOf } from './work.ts'

/**
 * Asks again for everything that was ever asked, as clients do who got no answer, brings it to its final
 * block, and looks through all of it: certificates, batches, statuses, successions, `fsck`, audit log.
 */
export async function finish(campaign: Campaign): Promise<void> {
  const { district, ledger, checker, lost, findings } = campaign
  const department = await patiently(() => district.open())
  const { issuer } = department
  const { hear } = listen(ledger)
  const doer: Doer = { issuer, holderKeys: district.holderKeys, say: hear }
  try {
    await settle(issuer)
    await issueAll(
      doer,
      [...ledger.wanted].filter((number) => number < firstSuccessor),
      500,
    )
    for (const number of ledger.successions) await succeed(doer, number)
    for (const { number, to } of ledger.wishes) {
      // What was acknowledged is not asked for again: it must have been kept.
      if (ledger.turns.get(number) === to.at(-1)) continue
      for (const each of to) await turn(doer, number, each)
    }
    await settle(issuer)
    for (const { number, to } of ledger.wishes) {
      const shown = await statusOf(issuer, number)
      if (shown.some((status) => status !== to.at(-1))) lost.add(`status of ${keyOf(number)}`)
    }
    for (const number of ledger.successions) {
      if (!(await isWhole(issuer, number))) findings.add(`succession of ${keyOf(number)} is torn`)
    }
    for await (const event of fsck(issuer)) {
      if (event.kind === 'finding') findings.add(`${event.stage} ${event.row}: ${event.code}`)
    }
    for (const { code, where } of await department.store.check()) findings.add(`${code} ${where}`)
  } finally {
    await department.close()
  }
  checker.forget()
  await lookAfter(campaign, 'recovered')
}

/** Statuses on the chain of all copies of a certificate. */
async function statusOf(issuer: Issuer, number: number): Promise<string[]> {
  const { address } = issuer.department
  const copies = await issuer.certificates.byKeys(address, [keyOf(number)])
  const view = await issuer.chain.view()
  const statuses = copies.map(async ({ list, index }) => {
    const { word, entry } = wordOf(index)
    return statusIn(await view.statusWord(address, list, word), entry)
  })
  return Promise.all(statuses)
}

/** The old certificate ended once, with the batch that carries its successor. */
async function isWhole(issuer: Issuer, number: number): Promise<boolean> {
  const { address } = issuer.department
  const old = await issuer.certificates.byKeys(address, [keyOf(number)])
  const next = await issuer.certificates.byKeys(address, [keyOf(successorOf(number))])
  const sequences = new Set(next.map((copy) => copy.sequence))
  const isSuperseded = (await statusOf(issuer, number)).every((status) => status === 'superseded')
  for (const { list, index } of old) {
    const requests = await issuer.lists.requestsFor(address, list, index)
    const ends = requests.filter((request) => request.to === 'superseded')
    if (ends.length !== 1 || !sequences.has(ends[0]!.sequence)) return false
  }
  return isSuperseded && sequences.size === 1 && next.every((copy) => copy.replaces !== undefined)
}
