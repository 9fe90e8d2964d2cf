import { readHeader } from '../anchor/stateProof.ts'
import { isWeirError } from '../errors.ts'
import { parsePresentation } from '../presentation/parsePresentation.ts'
import { matchQuery } from '../presentation/query.ts'
import type { PresentationRequest } from '../presentation/request.ts'
import type { Evidence, Policy, Verdict } from '../verdict/model.ts'
import { verify } from '../verdict/verify.ts'
import type { Context } from './command.ts'
import { exits } from './exit.ts'
import { describe } from './shown.ts'
import { checkLines, headline, outcomeLine } from './verdictText.ts'

/** Prints the verdict and says how to exit. */
export function report(
  { output }: Context,
  evidence: Evidence,
  policy: Policy,
  request: PresentationRequest | undefined,
): number {
  const { language } = output
  const verdict = verify(evidence, policy)
  const answers = request === undefined ? undefined : answersRequest(request, verdict, evidence)
  const colour = process.stderr.isTTY === true && !process.env.NO_COLOR
  const isPresentation = policy.question.kind === 'presentation' || verdict.credentials.length !== 1
  if (isPresentation) {
    const word = headline(verdict.outcome, verdict.checks)[language]
    output.line(outcomeLine(verdict, word, colour))
    for (const line of checkLines(verdict.checks, language)) output.line(line)
  }
  const described = describe(evidence.input)
  for (const { fingerprint, outcome, checks } of verdict.credentials) {
    const isSigned = checks.find(({ name }) => name === 'signature')?.outcome === 'pass'
    const name = isSigned ? described.get(fingerprint)?.[language] : undefined
    const word = headline(outcome, checks)[language]
    output.line(outcomeLine({ outcome }, word, colour) + (name ? ` · ${name}` : ''))
    output.say({ en: `  fingerprint ${fingerprint}`, zh: `  指纹 ${fingerprint}` })
    for (const line of checkLines(checks, language)) output.line(line)
  }
  if (answers === false) {
    output.say({
      en: '✘ The presentation does not hold all that the request asks for.',
      zh: '✘ 出示内容未满足请求的全部要求。',
    })
  }
  output.say({ en: `as of ${policy.at.toISOString()}`, zh: `截至 ${policy.at.toISOString()}` })
  const { outcome, at, checks, credentials } = verdict
  output.answer({
    outcome,
    at,
    checks,
    credentials,
    ...(answers !== undefined && { answersRequest: answers }),
    block: blockOf(evidence),
  })
  if (outcome === 'valid' && answers === false) return exits.invalid
  return exits[outcome]
}

/** The block whose state was judged; undefined where a file's header cannot be read. */
function blockOf(evidence: Evidence) {
  if (evidence.kind === 'read') {
    const { number, hash, time } = evidence.block
    return { number, hash, time }
  }
  try {
    const { number, hash, time } = readHeader(evidence.proof.header)
    return { number, hash, time }
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}

/** Whether what was presented holds all that was asked, bound to a holder. */
function answersRequest({ dcql }: PresentationRequest, verdict: Verdict, { input }: Evidence) {
  if (verdict.credentials.length === 0) return false
  const presented = parsePresentation(input)
  const credentials = presented.map(({ credential }) => credential)
  return matchQuery(dcql, credentials, (index) => presented[index]!.binding !== undefined).satisfied
}
