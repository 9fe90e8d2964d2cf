import { mod37_36 } from 'cdigit'
import china from 'stdnum/lib/cjs/cn/index.js'
import type { CheckKind } from './model.ts'

const provinces = '京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新'

// County 6, cadastral area 3, sub-area 3, parcel feature 2, order 5, fixture 1, unit 8: 28 characters.
const unitNumber = '[0-9]{12}[GJZ][ABSXCDEFHGWY][0-9]{5}[FLQW][0-9]{8}'

/** What each checked number looks like, anchored, for flag `u`; JSON Schemas are made from the same text. */
export const checkPatterns: Readonly<Record<CheckKind, string>> = {
  socialCreditCode: '^[0-9]{8}[0-9A-HJ-NPQRTUWXY]{10}$',
  residentNumber: '^[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9X]$',
  unitNumber: `^${unitNumber}$`,
  titleNumber: `^[${provinces}]（[12][0-9]{3}）\\p{Script=Han}{2,15}不动产权第[0-9]{7}号$`,
  registrationNumber: `^[${provinces}]（[12][0-9]{3}）\\p{Script=Han}{2,15}不动产证明第[0-9]{7}号$`,
  regionCode: '^[1-9][0-9]{5}$',
}

const forms = new Map(
  Object.entries(checkPatterns).map(([kind, pattern]) => [kind, new RegExp(pattern, 'u')]),
)

/** Whether a number has the form of `checkPatterns[kind]`; its check digit is another question. */
export function hasForm(kind: CheckKind, value: string): boolean {
  return forms.get(kind)!.test(value)
}

/**
 * Whether a number that has its pattern also has its check digit, where it has one.
 *
 * @param value in the form of `checkPatterns[kind]`, nothing stripped or folded.
 * @see GB 32100-2015; GB 11643 (ISO 7064 MOD 11-2)
 */
export function hasCheckDigit(kind: CheckKind, value: string): boolean {
  switch (kind) {
    case 'socialCreditCode':
      return hasSocialCreditCheck(value)
    case 'residentNumber':
      return china.ric.validate(value).isValid
    default:
      return true
  }
}

// stdnum 1.12.0 knows no check character 0 (31 - 0 is not folded, GB 32100-2015 section 4.5), so it
// refuses one code in 31. Exactly one character fits: where none of the others does, it is 0.
function hasSocialCreditCheck(value: string): boolean {
  if (china.uscc.validate(value).isValid) return true
  if (!value.endsWith('0') || !hasForm('socialCreditCode', value)) return false
  const front = value.slice(0, -1)
  return ![...'123456789ABCDEFGHJKLMNPQRTUWXY'].some(
    (last) => china.uscc.validate(front + last).isValid,
  )
}

/**
 * The check character of an e-licence identifier.
 *
 * @param text type, issuer, serial and version without dots and root, `0-9A-Z`.
 * @see GB/T 36904; ISO 7064 MOD 37,36
 */
export function eLicenceCheckCharacter(text: string): string {
  return mod37_36.compute(text)
}
