import type { JsonObject } from '../../src/credential/model.ts'
import { titleNumber } from './numbers.ts'
import { business, person } from './people.ts'
import { sampleRecord } from './records.ts'

/** The linked records of one clinic: what it holds, what it gets, and its title after the transfer. */
export type Story = {
  /** Row 1 of the titles: its right holder is the business, its location the premises. */
  readonly title: JsonObject
  /** Row 1 of the business licences. */
  readonly businessLicence: JsonObject
  /** What the health commission issues after its checks; in no file of samples. */
  readonly practiceLicence: JsonObject
  /** The same unit after a sale: another number, another right holder. */
  readonly transferredTitle: JsonObject
}

/** The story's records for this seed; valid from 2026. */
export function storyRecords(seed: number): Story {
  const clinic = business(1)
  const buyer = person(seed, 2)
  const title = sampleRecord('real-estate-title', 1, seed)
  const businessLicence = sampleRecord('business-licence', 1, seed)
  return {
    title,
    businessLicence,
    practiceLicence: {
      ...sampleRecord('medical-practice-licence', 9_999_999, seed),
      name: clinic.name,
      practice_address: clinic.premises,
      legal_representative: businessLicence.legal_representative!,
      person_in_charge: businessLicence.legal_representative!,
      category: '诊所',
    },
    transferredTitle: {
      ...title,
      title_number: titleNumber(2026, 9_999_999),
      right_holder: buyer.name,
      holder_document_kind: '居民身份证',
      holder_document_number: buyer.identityNumber,
      registered_on: '2026-11-20',
    },
  }
}
