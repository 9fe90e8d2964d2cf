import type { JsonObject } from '../../src/credential/model.ts'
import { InputError } from '../../src/errors.ts'
import { day, padded, registrationNumber, titleNumber, unitNumber } from './numbers.ts'
import { business, person, place } from './people.ts'
import { type Random, random } from './random.ts'

type Maker = (row: number, seed: number, own: Random) => JsonObject

const registry = '样本市不动产登记中心'

/** One maker of records for each certificate type; row 1 of title and business licence is the clinic's. */
const makers: Readonly<Record<string, Maker>> = {
  'real-estate-title': (row, seed, own) => {
    const holder = person(seed, row)
    const clinic = business(1)
    return {
      title_number: titleNumber(2020 + (row % 6), row),
      right_holder: row === 1 ? clinic.name : holder.name,
      holder_document_kind: row === 1 ? '统一社会信用代码' : '居民身份证',
      holder_document_number: row === 1 ? clinic.socialCreditCode : holder.identityNumber,
      co_ownership: row === 1 ? '单独所有' : own.pick(['单独所有', '共同共有', '按份共有']),
      location: place(row),
      unit_number: unitNumber(row),
      right_kind: '国有建设用地使用权/房屋所有权',
      right_nature: own.pick(['出让/市场化商品房', '划拨/经济适用住房']),
      use: row === 1 ? '商服用地/商业' : '城镇住宅用地/住宅',
      area: `${40 + own.below(160)}.${padded(own.below(100), 2)}`,
      term: `至${2060 + own.below(40)}年止`,
      registry,
      registered_on: day(own, 2020, 2025),
    }
  },
  'real-estate-registration': (row, seed, own) => ({
    registration_number: registrationNumber(2020 + (row % 6), row),
    matter: own.pick(['抵押权', '预告登记', '异议登记']),
    applicant: `样本银行股份有限公司第${padded(1 + own.below(20), 2)}支行`,
    obligor: person(seed, row).name,
    location: place(row),
    unit_number: unitNumber(row),
    secured_amount: `${10 + own.below(300)}0000.00`,
    debt_term: `${5 + own.below(25)}年`,
    registry,
    registered_on: day(own, 2020, 2025),
  }),
  'business-licence': (row, seed, own) => {
    const { name, socialCreditCode, premises } = business(row)
    return {
      social_credit_code: socialCreditCode,
      name,
      kind: '有限责任公司（自然人投资或控股）',
      legal_representative: person(seed, row).name,
      registered_capital: `${1 + own.below(500)}万元人民币`,
      founded_on: day(own, 2001, 2024),
      business_term: '长期',
      scope: row === 1 ? '医疗服务；诊所服务' : '样本经营项目；样本咨询服务',
      premises,
      registration_authority: '样本市市场监督管理局',
      approved_on: day(own, 2024, 2025),
    }
  },
  'medical-practice-licence': (row, seed, own) => ({
    registration_number: `PDY${padded(row, 8)}999901D1${own.below(10)}0${own.below(10)}`,
    name: `样本门诊部${padded(row, 4)}`,
    practice_address: place(row),
    legal_representative: person(seed, row).name,
    person_in_charge: person(seed, row + 1).name,
    ownership: own.pick(['私人', '集体', '全民']),
    nature: own.pick(['营利性', '非营利性（政府办）', '非营利性（非政府办）']),
    category: own.pick(['诊所', '门诊部', '社区卫生服务站']),
    beds: String(own.below(20)),
    subjects: ['内科', '外科', '口腔科', '中医科'].slice(0, 1 + own.below(4)),
    valid_from: day(own, 2023, 2025),
    valid_until: day(own, 2028, 2032),
    issuing_authority: '样本市卫生健康委员会',
    issued_on: day(own, 2023, 2025),
  }),
  'marriage-certificate': (row, seed, own) => {
    const party = (number: number, sex: '男' | '女') => {
      const { name, birthDate, identityNumber } = person(seed, number)
      return {
        name,
        sex,
        nationality: '中国',
        birth_date: birthDate,
        identity_number: identityNumber,
      }
    }
    return {
      certificate_number: `J999901-${2020 + (row % 6)}-${padded(row, 6)}`,
      registered_on: day(own, 2020, 2025),
      issuing_authority: '样本市民政局婚姻登记处',
      parties: [party(2 * row, '男'), party(2 * row + 1, '女')],
    }
  },
  'degree-certificate': (row, seed, own) => ({
    certificate_number: `99999${own.pick(['4', '3', '2'])}${2020 + (row % 6)}${padded(row, 6)}`,
    ...born(seed, row),
    degree: own.pick(['学士', '硕士', '博士']),
    discipline: own.pick(['工学', '理学', '医学', '法学']),
    institution: '样本大学',
    awarded_on: day(own, 2020, 2025),
  }),
  'retirement-certificate': (row, seed, own) => ({
    certificate_number: `TX-999901-${padded(row, 6)}`,
    ...born(seed, row),
    social_security_number: person(seed, row).identityNumber,
    work_started_on: day(own, 1980, 1990),
    retired_on: day(own, 2015, 2025),
    kind: own.pick(['正常退休', '提前退休']),
    former_employer: business(row).name,
    issuing_authority: '样本市人力资源和社会保障局',
  }),
  'resident-identity': (row, seed, own) => identity(row, seed, own),
  'household-extract': (row, seed, own) => ({
    ...identity(row, seed, own),
    relation_to_householder: own.pick(['户主', '配偶', '子', '女']),
  }),
  'deed-tax-certificate': (row, seed, own) => ({
    certificate_number: `QS999901${padded(row, 10)}`,
    taxpayer: person(seed, row).name,
    location: place(row),
    unit_number: unitNumber(row),
    amount: `${1000 + own.below(90_000)}.${padded(own.below(100), 2)}`,
    paid_on: day(own, 2020, 2025),
    issuing_authority: '国家税务总局样本市税务局',
  }),
  'registry-state': (row, _seed, own) => ({
    title_number: titleNumber(2020 + (row % 6), row),
    unit_number: unitNumber(row),
    as_of: `${day(own, 2025, 2025)}T08:00:00Z`,
    ...(own.below(2) === 0
      ? { restrictions: 'none' }
      : {
          restrictions: 'present',
          details: [{ kind: '抵押', registered_on: day(own, 2020, 2024) }],
        }),
    registry,
  }),
}

function born(seed: number, row: number): JsonObject {
  const { name, sex, birthDate } = person(seed, row)
  return { name, sex, birth_date: birthDate }
}

function identity(row: number, seed: number, own: Random): JsonObject {
  const { familyName, givenName, sex, birthDate, address, identityNumber } = person(seed, row)
  return {
    family_name: familyName,
    given_name: givenName,
    sex,
    birth_date: birthDate,
    resident_address: address,
    document_number: identityNumber,
    issuing_authority: '样本市公安局样本分局',
    issuance_date: day(own, 2020, 2025),
    // A card for life has no end.
    ...(own.below(4) > 0 && { expiry_date: day(own, 2035, 2045) }),
  }
}

/**
 * One made-up record of this certificate type, valid by its form and check digits.
 *
 * @param row from 1; the same row and seed give the same record, whatever else is made.
 * @throws {InputError} `certificate/unknown-type` for a type without samples.
 */
export function sampleRecord(typeId: string, row: number, seed: number): JsonObject {
  const make = Object.hasOwn(makers, typeId) ? makers[typeId] : undefined
  if (make === undefined) throw new InputError('certificate/unknown-type')
  return make(row, seed, random(`${seed}/${typeId}/${row}`))
}

/** Rows 1 to `count` of this certificate type, see {@link sampleRecord}. */
export function sampleRecords(typeId: string, count: number, seed: number): JsonObject[] {
  return Array.from({ length: count }, (_, index) => sampleRecord(typeId, index + 1, seed))
}
