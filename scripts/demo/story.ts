import { join } from 'node:path'
import { holderCodes } from '../../src/certificate/holderCodes.ts'
import { findType } from '../../src/certificate/types.ts'
import { receive } from '../../src/holder/receive.ts'
import { ask, until } from './ask.ts'
import { showToBank } from './bank.ts'
import {
  clinicRecords,
  openStoryWallet,
  proofOf,
  queryFor,
  type StoryWallet,
  showTo,
  takeUp,
} from './clinic.ts'
import { costOf } from './cost.ts'
import type { District } from './district.ts'
import { importRecords } from './import.ts'
import { failures, judge } from './judge.ts'
import type { Report } from './report.ts'
import { byTwo, type Issued, signingKey, statusShown } from './service.ts'

const registrationCentre = 'registration-centre'
const marketRegulator = 'market-regulator'
const healthCommission = 'health-commission'

/** Plays every step in turn; a step that does not come true stands so in the table. */
export async function play(
  district: District,
  report: Report,
  { run, records }: { run: number; records: number },
): Promise<void> {
  const clinic = await openStoryWallet(district, 'clinic')
  const buyer = await openStoryWallet(district, 'buyer')
  try {
    const credentials = await importAll(district, report, records)
    const held = await applyForPractice(district, report, clinic, run)
    await transfer(district, report, buyer, held.title, clinic, run)
    await suspend(district, report, clinic, held.licence)
    await rotate(district, report, clinic, run)
    await steal(district, report, clinic, held.licence, run)
    await report.step('What is on the chain', async () => {
      const { batches, gas, bytes } = await costOf(district)
      // A later run imports the same records: their certificates are there already.
      const each = (sum: number) => (sum / credentials).toFixed(1)
      return {
        found: `${batches} batches; about ${each(gas)} gas and ${each(bytes)} bytes a credential; no record, no name`,
      }
    })
  } finally {
    await clinic.close()
    await buyer.close()
  }
}

async function importAll(district: District, report: Report, records: number): Promise<number> {
  let sample: readonly string[] = []
  let credentials = 0
  await report.step('Import, issue and anchor', async () => {
    const done = await importRecords(district, join(district.home.path, 'samples'), records, report)
    sample = done.sample
    credentials = done.credentials
    return {
      found: `${done.certificates.toLocaleString('en')} certificates of 10 types in ${done.credentials.toLocaleString('en')} credentials`,
      isTrue: done.refused === 0,
    }
  })
  await report.step('Verify a sample of them', async () => {
    // The registry node collects the last leaf files a moment after they are final.
    await until('the registry node', async () => {
      const outcomes = sample.slice(-2).map(async (token) => (await judge(district, token)).outcome)
      return (await Promise.all(outcomes)).includes('unknown') ? undefined : true
    })
    let valid = 0
    for (const token of sample) {
      if ((await judge(district, token)).outcome === 'valid') valid += 1
    }
    return {
      found: `${valid} of ${sample.length} valid, found by prefix at the registry node`,
      isTrue: valid === sample.length,
    }
  })
  return credentials
}

async function applyForPractice(
  district: District,
  report: Report,
  clinic: StoryWallet,
  run: number,
) {
  const story = clinicRecords(run)
  let title = ''
  let licence = ''
  let practice = ''
  await report.step('The clinic receives title and licence', async () => {
    title = await takeUp(district, registrationCentre, clinic, 'real-estate-title', story.title)
    const { businessLicence } = story
    licence = await takeUp(district, marketRegulator, clinic, 'business-licence', businessLicence)
    return { found: 'both in its wallet (OpenID4VCI), checked, with their proofs' }
  })
  await report.step('The health commission checks both', async () => {
    const queries = [
      queryFor('title', 'real-estate-title', [
        'title_number',
        'location',
        'holder_document_number',
      ]),
      queryFor('licence', 'business-licence', ['social_credit_code', 'name', 'premises']),
    ]
    const purpose = 'Application for a medical practice licence'
    const chosen = { title, licence }
    const { verdict, claims } = await showTo(
      district,
      healthCommission,
      clinic,
      purpose,
      queries,
      chosen,
    )
    const shownTitle = claims?.title?.[0]?.claims ?? {}
    const shownLicence = claims?.licence?.[0]?.claims ?? {}
    const codes = holderCodes(findType('business-licence'), shownLicence)
    const isSamePlace = shownTitle.location === story.practiceLicence.practice_address
    const isSameHolder = holderCodes(findType('real-estate-title'), shownTitle).some((code) =>
      codes.includes(code),
    )
    return {
      found: `${verdict?.outcome} (OpenID4VP), same address, same holder; ${Object.keys(shownTitle).length} of ${Object.keys(story.title).length} claims of the title shown`,
      isTrue: verdict?.outcome === 'valid' && isSamePlace && isSameHolder,
    }
  })
  await report.step('Two clerks decide, the licence is issued', async () => {
    practice = await takeUp(
      district,
      healthCommission,
      clinic,
      'medical-practice-licence',
      story.practiceLicence,
      true,
    )
    return { found: 'in the clinic’s wallet' }
  })
  await report.step('A bank verifies it', async () => {
    const claims = ['registration_number', 'name', 'practice_address']
    const queries = [queryFor('practice', 'medical-practice-licence', claims)]
    const outcome = await showToBank(district, clinic, queries, { practice })
    return { found: outcome, isTrue: outcome === 'valid' }
  })
  return { title, licence, practice }
}

async function transfer(
  district: District,
  report: Report,
  buyer: StoryWallet,
  title: string,
  clinic: StoryWallet,
  run: number,
): Promise<void> {
  await report.step('The title is transferred', async () => {
    const key = await buyer.client.newKey()
    const issued = await byTwo<Issued>(
      district,
      registrationCentre,
      `/certificates/${title}/successor`,
      {
        type: 'real-estate-title',
        claims: clinicRecords(run).transferredTitle,
        holder_keys: [key],
        formats: ['dc+sd-jwt'],
        reason: 'transfer',
        legal_basis: 'sample regulation, article 14',
      },
    )
    const next = issued.copies[0]!
    await receive(buyer.client.holder, next.token)
    await proofOf(buyer.client, next.fingerprint)
    const old = await check(district, clinic, title)
    const fresh = await check(district, buyer, next.fingerprint)
    return {
      found: `old: ${failures(old).join(' ')}, new: ${fresh.outcome}`,
      isTrue: failures(old).join() === 'status/superseded' && fresh.outcome === 'valid',
    }
  })
}

async function suspend(
  district: District,
  report: Report,
  clinic: StoryWallet,
  licence: string,
): Promise<void> {
  await report.step('A licence is suspended and resumed', async () => {
    const path = `/certificates/${licence}/status`
    const url = district.urlOf(marketRegulator)
    const grounds = { reason: 'inspection', legal_basis: 'sample regulation, article 20' }
    const end = new Date(Date.now() + 86_400_000).toISOString()
    await ask(url, path, { body: { to: 'suspended', ...grounds, expected_end: end } })
    await statusShown(district, marketRegulator, licence, 'suspended')
    const during = failures(await check(district, clinic, licence))
    await ask(url, path, { body: { to: 'valid', ...grounds } })
    await statusShown(district, marketRegulator, licence, 'valid')
    const after = await check(district, clinic, licence)
    return {
      found: `during: ${during.join(' ')}, after: ${after.outcome}`,
      isTrue: during.join() === 'status/suspended' && after.outcome === 'valid',
    }
  })
}

async function rotate(
  district: District,
  report: Report,
  clinic: StoryWallet,
  run: number,
): Promise<void> {
  await report.step('The registration centre rotates its key', async () => {
    const { title } = clinicRecords(run + 100_000)
    const before = await takeUp(district, registrationCentre, clinic, 'real-estate-title', title)
    const old = await signingKey(district, registrationCentre)
    await ask(district.urlOf(registrationCentre), '/keys/rotations', {
      body: { purpose: 'assertion' },
    })
    const isNew = (await signingKey(district, registrationCentre)) !== old
    const later = clinicRecords(run + 200_000).title
    const fresh = await takeUp(district, registrationCentre, clinic, 'real-estate-title', later)
    const outcomes = []
    for (const id of [before, fresh]) outcomes.push((await check(district, clinic, id)).outcome)
    return {
      found: `certificates of the old key: ${outcomes[0]}, of the new one: ${outcomes[1]}`,
      isTrue: isNew && outcomes.every((outcome) => outcome === 'valid'),
    }
  })
}

async function steal(
  district: District,
  report: Report,
  clinic: StoryWallet,
  licence: string,
  run: number,
): Promise<void> {
  await report.step('The market regulator’s key is stolen', async () => {
    const since = await momentAfterAll(district)
    const { businessLicence } = clinicRecords(run)
    const stolen = await takeUp(
      district,
      marketRegulator,
      clinic,
      'business-licence',
      businessLicence,
    )
    const key = await signingKey(district, marketRegulator)
    await ask(district.urlOf('city-accreditor'), `/keys/${key}/end`, {
      body: { kind: 'compromised', since: since.toISOString() },
    })
    await ask(district.urlOf(marketRegulator), '/keys/rotations', {
      body: { purpose: 'assertion' },
    })
    const later = failures(await check(district, clinic, stolen))
    const kept = await check(district, clinic, licence)
    return {
      found: `issued before: ${kept.outcome}; since: ${later.join(' ')}`,
      isTrue: kept.outcome === 'valid' && later.join() === 'key/compromised',
    }
  })
}

/** What anybody says of a certificate that a wallet hands over with its proof. */
async function check({ chain }: District, { client }: StoryWallet, id: string) {
  const { token, proof } = (await client.holder.store.get(id))!
  await chain.mirror.sync()
  return client.holder.check(token, proof)
}

/** A moment that lies after everything anchored so far, on the chain's clock, and has passed. */
async function momentAfterAll({ chain }: District): Promise<Date> {
  const { block } = await chain.cold.view()
  const moment = new Date(block.time.getTime() + 1000)
  await until('the moment', async () => (Date.now() > moment.getTime() ? true : undefined))
  return moment
}
