import type { Check, CheckName, Outcome, Verdict } from '../verdict/model.ts'
import { type Language, sentence, type Text } from './language.ts'

/** Each check's name as people read it. */
export const checkTexts: Readonly<Record<CheckName, Text>> = {
  form: { en: 'form', zh: '格式' },
  signature: { en: 'signature', zh: '签名' },
  holderBinding: { en: 'holder', zh: '持有人' },
  validityPeriod: { en: 'validity', zh: '有效期' },
  evidence: { en: 'evidence', zh: '证据' },
  issuer: { en: 'issuer', zh: '签发部门' },
  key: { en: 'key', zh: '密钥' },
  anchor: { en: 'anchor', zh: '上链' },
  signingTime: { en: 'signing time', zh: '签发时间' },
  accreditation: { en: 'accreditation', zh: '授权' },
  status: { en: 'status', zh: '状态' },
}

/** Words for a check's outcome, never a colour alone. */
export const outcomeTexts: Readonly<Record<Check['outcome'], Text>> = {
  pass: { en: 'passed', zh: '通过' },
  fail: { en: 'failed', zh: '未通过' },
  unknown: { en: 'could not check', zh: '无法核验' },
}

const icons = { pass: '✔', fail: '✘', unknown: '?' } as const

/** What a certificate is when one finding alone decides, by that finding's code. */
const states: Readonly<Record<string, Text>> = {
  'status/revoked': { en: 'revoked', zh: '已撤销' },
  'status/suspended': { en: 'suspended', zh: '已暂扣' },
  'status/superseded': { en: 'replaced', zh: '已被替换' },
  'validity/expired': { en: 'expired', zh: '已过期' },
  'validity/not-yet': { en: 'not valid yet', zh: '尚未生效' },
  'accreditation/unknown-issuer': { en: 'unknown issuer', zh: '签发方未知' },
  'anchor/pending': { en: 'not anchored yet', zh: '尚未上链' },
}

/** The word for an outcome; expired or superseded is not "invalid". */
export const verdictTexts: Readonly<Record<Outcome, Text>> = {
  valid: { en: 'valid', zh: '有效' },
  invalid: { en: 'not valid', zh: '无效' },
  unknown: { en: 'could not check', zh: '无法核验' },
}

/** The one word that says it: `valid`, `replaced`, `could not check (unknown issuer)`. */
export function headline(outcome: Outcome, checks: readonly Check[]): Text {
  const word = verdictTexts[outcome]
  if (outcome === 'valid') return word
  const wanted = outcome === 'invalid' ? 'fail' : 'unknown'
  const decisive = checks.filter(
    (check) => check.outcome === wanted && check.code !== 'verdict/not-reached',
  )
  const [only, ...others] = [...new Set(decisive.map(({ code }) => code))]
  const state = only === undefined ? undefined : states[only]
  if (state === undefined || others.length > 0) return word
  if (outcome === 'invalid') return state
  return { en: `${word.en} (${state.en})`, zh: `${word.zh}（${state.zh}）` }
}

/**
 * Lines for people: every check with icon, word, sentence and code. What was not reached, after a failed
 * signature say, is hidden; checks that one reason keeps from being made stand on one line.
 */
export function checkLines(checks: readonly Check[], language: Language): string[] {
  const groups: { readonly check: Check; readonly names: string[] }[] = []
  for (const check of checks) {
    if (check.code === 'verdict/not-reached') continue
    const name = checkTexts[check.name][language]
    const last = groups.at(-1)
    if (last?.check.code === check.code && check.outcome === 'unknown') last.names.push(name)
    else groups.push({ check, names: [name] })
  }
  return groups.map(({ check: { outcome, code }, names }) => {
    const word = outcomeTexts[outcome][language]
    const text = sentence(code, language)
    if (language === 'zh')
      return `  ${icons[outcome]} ${names.join('、')}：${word}。${text} [${code}]`
    return `  ${icons[outcome]} ${names.join(', ')}: ${word}. ${text} [${code}]`
  })
}

/** Icon and word of a whole verdict, in colour on a terminal that wants it. */
export function outcomeLine(verdict: Pick<Verdict, 'outcome'>, word: string, colour: boolean) {
  const icon = { valid: icons.pass, invalid: icons.fail, unknown: icons.unknown }[verdict.outcome]
  const code = { valid: 32, invalid: 31, unknown: 33 }[verdict.outcome]
  return colour ? `\x1b[${code}m${icon} ${word}\x1b[0m` : `${icon} ${word}`
}
