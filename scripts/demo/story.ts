import { join } from 'node:path'
import { holderCodes } from '../../src/certificate/holderCodes.ts'
import { findType } from '../../src/certificate/types.ts'
import { drain } from '../../src/issuer/drain.ts'
import type { IssuedCredential } from '../../src/issuer/model.ts'
import { proofFor } from '../../src/issuer/proof.ts'
import { changeStatus } from '../../src/issuer/status.ts'
import { supersede } from '../../src/issuer/supersede.ts'
import { writeCertificateFile } from '../../src/presentation/certificateFile.ts'
import { openWallet } from '../../src/wire/wallet.ts'
import {
  askWallet,
  clinicRecords,
  failures,
  handOver,
  issueTo,
  judge,
  requestFor,
} from './clinic.ts'
import { costOf } from './cost.ts'
import type { DepartmentName, District } from './district.ts'
import { importRecords } from './import.ts'
import { declareStolen, rotate } from './keys.ts'
import type { Report } from './report.ts'

/** Plays every step in turn; a step that does not come true stands so in the table. */
export async function play(
  district: District,
  report: Report,
  { run, records }: { run: number; records: number },
): Promise<void> {
  const { home, chain, verifier } = district
  const id = (name: string) => `run-${run}-${name}`
  const clinic = await openWallet(home, chain, verifier, 'clinic')
  const buyer = await openWallet(home, chain, verifier, 'buyer')
  const story = clinicRecords(run)
  const certificate = async (name: DepartmentName, { fingerprint, token }: IssuedCredential) => {
    const { proof } = await proofFor(district.departments.get(name)!.issuer, fingerprint)
    return writeCertificateFile({ credential: token, proof })
  }
  let title!: IssuedCredential
  let licence!: IssuedCredential
  let practice!: IssuedCredential
  let sample: readonly IssuedCredential[] = []

  try {
    await report.step('Import, issue and anchor', async () => {
      const done = await importRecords(district, join(home.path, 'samples'), records, report)
      sample = done.sample
      const known = done.known ? `, ${done.known.toLocaleString('en')} known already` : ''
      return {
        found: `${done.certificates.toLocaleString('en')} certificates of 10 types in ${done.credentials.toLocaleString('en')} credentials${known}`,
        isTrue: done.refused === 0,
      }
    })
    await report.step('Verify a sample of them', async () => {
      let valid = 0
      for (const { token } of sample) {
        if ((await judge(district, token)).outcome === 'valid') valid += 1
      }
      return { found: `${valid} of ${sample.length} valid`, isTrue: valid === sample.length }
    })
    await report.step('The clinic receives title and licence', async () => {
      const titleWish = await requestFor(clinic, id('title'), 'real-estate-title', story.title)
      title = await issueTo(district, 'registration-centre', clinic, titleWish)
      const { businessLicence } = story
      const wish = await requestFor(clinic, id('licence'), 'business-licence', businessLicence)
      licence = await issueTo(district, 'market-regulator', clinic, wish)
      return { found: 'both in its wallet, with their proofs' }
    })
    await report.step('The health commission checks both', async () => {
      const { verdict, claims } = await askWallet(district, clinic, {
        audience: 'health-commission',
        purpose: 'Application for a medical practice licence',
        certificates: [
          {
            id: title.fingerprint,
            type: 'real-estate-title',
            claims: ['title_number', 'location', 'holder_document_number'],
          },
          {
            id: licence.fingerprint,
            type: 'business-licence',
            claims: ['social_credit_code', 'name', 'premises'],
          },
        ],
      })
      const [shownTitle, shownLicence] = claims
      const isSamePlace = shownTitle!.location === story.practiceLicence.practice_address
      const codes = holderCodes(findType('business-licence'), shownLicence!)
      const isSameHolder = holderCodes(findType('real-estate-title'), shownTitle!).some((code) =>
        codes.includes(code),
      )
      return {
        found: `${verdict.outcome}, same address, same holder; ${Object.keys(shownTitle!).length} of ${Object.keys(story.title).length} claims of the title shown`,
        isTrue: verdict.outcome === 'valid' && isSamePlace && isSameHolder,
      }
    })
    await report.step('Two clerks decide, the licence is issued', async () => {
      const { issuer } = district.departments.get('health-commission')!
      const at = new Date()
      await issuer.audit.append([
        { at, actor: 'clerk-1', action: 'case/reviewed', subject: id('practice'), detail: {} },
        { at, actor: 'clerk-2', action: 'case/approved', subject: id('practice'), detail: {} },
      ])
      const wish = await requestFor(
        clinic,
        id('practice'),
        'medical-practice-licence',
        story.practiceLicence,
      )
      practice = await issueTo(district, 'health-commission', clinic, wish)
      return { found: 'in the clinic’s wallet' }
    })
    await report.step('A bank verifies it', async () => {
      const { verdict } = await askWallet(district, clinic, {
        audience: 'bank',
        purpose: 'Opening a business account',
        certificates: [
          {
            id: practice.fingerprint,
            type: 'medical-practice-licence',
            claims: ['registration_number', 'name', 'practice_address'],
          },
        ],
      })
      return { found: verdict.outcome, isTrue: verdict.outcome === 'valid' }
    })
    await report.step('The title is transferred', async () => {
      const name = 'registration-centre'
      const { issuer } = district.departments.get(name)!
      const wish = await requestFor(
        buyer,
        id('transfer'),
        'real-estate-title',
        story.transferredTitle,
      )
      const grounds = {
        reason: 'transfer',
        legalBasis: 'sample regulation, article 14',
        operator: 'clerk-1',
        approver: 'clerk-2',
      }
      const issued = await supersede(issuer, { fingerprint: title.fingerprint }, wish, grounds)
      const next = await handOver(district, name, buyer, issued)
      const old = await judge(district, await certificate(name, title))
      const fresh = await judge(district, await certificate(name, next))
      return {
        found: `old: ${failures(old).join(' ')}, new: ${fresh.outcome}`,
        isTrue: failures(old).join() === 'status/superseded' && fresh.outcome === 'valid',
      }
    })
    await report.step('A licence is suspended and resumed', async () => {
      const name = 'market-regulator'
      const { issuer } = district.departments.get(name)!
      const of = { fingerprint: licence.fingerprint }
      const grounds = {
        reason: 'inspection',
        legalBasis: 'sample regulation, article 20',
        operator: 'clerk-1',
        approver: 'clerk-2',
      }
      const expectedEnd = new Date(Date.now() + 86_400_000)
      await changeStatus(issuer, { of, to: 'suspended', grounds, expectedEnd })
      await drain(issuer)
      const during = failures(await judge(district, await certificate(name, licence)))
      await changeStatus(issuer, { of, to: 'valid', grounds })
      await drain(issuer)
      const after = await judge(district, await certificate(name, licence))
      return {
        found: `during: ${during.join(' ')}, after: ${after.outcome}`,
        isTrue: during.join() === 'status/suspended' && after.outcome === 'valid',
      }
    })
    await report.step('The registration centre rotates its key', async () => {
      const name = 'registration-centre'
      const before = await issueTo(
        district,
        name,
        clinic,
        await requestFor(
          clinic,
          id('before'),
          'real-estate-title',
          clinicRecords(run + 100_000).title,
        ),
      )
      await rotate(district, name)
      const old = await judge(district, await certificate(name, before))
      return {
        found: `certificates of the old key: ${old.outcome}`,
        isTrue: old.outcome === 'valid',
      }
    })
    await report.step('The market regulator’s key is stolen', async () => {
      const name = 'market-regulator'
      const earlier = await judge(district, await certificate(name, licence))
      const since = await nextSecond(district)
      const wish = await requestFor(
        clinic,
        id('after-theft'),
        'business-licence',
        story.businessLicence,
      )
      const stolen = await issueTo(district, name, clinic, wish)
      await declareStolen(district, name, since)
      const later = failures(await judge(district, await certificate(name, stolen)))
      const kept = await judge(district, await certificate(name, licence))
      return {
        found: `issued before: ${kept.outcome}; since: ${later.join(' ')}`,
        isTrue:
          earlier.outcome === 'valid' &&
          kept.outcome === 'valid' &&
          later.join() === 'key/compromised',
      }
    })
    await report.step('What is on the chain', async () => {
      for (const { issuer } of district.departments.values()) await drain(issuer)
      const { batches, leaves, gas, bytes } = await costOf(district)
      const each = (sum: number) => (sum / leaves).toFixed(1)
      return {
        found: `${batches} batches for ${leaves.toLocaleString('en')} credentials: ${each(gas)} gas and ${each(bytes)} bytes a credential; no record, no name`,
      }
    })
  } finally {
    await clinic.close()
    await buyer.close()
  }
}

/** A moment that lies after everything anchored so far, on the chain's clock. */
async function nextSecond(district: District): Promise<Date> {
  const { block } = await district.chain.cold.view()
  await district.settle()
  return new Date(Math.min(block.time.getTime() + 1000, Date.now()))
}
