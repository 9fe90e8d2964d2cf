import { day, padded, residentNumber, socialCreditCode } from './numbers.ts'
import { random } from './random.ts'

/** Somebody who does not exist: 样本甲0001. */
export type Person = {
  readonly familyName: string
  readonly givenName: string
  readonly name: string
  readonly sex: '男' | '女'
  readonly birthDate: string
  readonly identityNumber: string
  readonly address: string
}

/** A business that does not exist. */
export type Business = {
  readonly name: string
  readonly socialCreditCode: string
  readonly premises: string
}

/** The same person for the same seed and number; even numbers are men. */
export function person(seed: number, number: number): Person {
  const own = random(`${seed}/person/${number}`)
  const sex = number % 2 === 0 ? '男' : '女'
  const birthDate = day(own, 1945, 2004)
  // The last digit before the check digit is odd for men.
  const order = 2 * (number % 450) + (sex === '男' ? 1 : 2)
  const givenName = `${own.pick([...'甲乙丙丁戊己庚辛'])}${padded(number, 4)}`
  return {
    familyName: '样本',
    givenName,
    name: `样本${givenName}`,
    sex,
    birthDate,
    identityNumber: residentNumber(birthDate, order),
    address: `样本省样本市样本街道${1 + own.below(999)}号`,
  }
}

/** The same business for the same number; number 1 is the clinic of the story. */
export function business(number: number): Business {
  const name = number === 1 ? '样本诊所0001有限公司' : `样本企业${padded(number, 4)}有限公司`
  return { name, socialCreditCode: socialCreditCode(number), premises: place(number) }
}

/** Where the real estate of this row stands. */
export function place(row: number): string {
  return `都江堰市样本路${row}号1栋1单元${row % 30}层${padded(row % 8, 2)}号`
}
