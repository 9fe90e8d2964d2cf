import type { Grounds } from '../issuer/status.ts'
import type { OptionDeclaration } from './command.ts'
import type { Text } from './language.ts'
import { required } from './options.ts'

/** Options of every change of status. */
export type GroundOptions = {
  readonly reason?: string
  readonly legalBasis?: string
  readonly operator?: string
  readonly approver?: string
}

/** Why, on what basis, and by whom. */
export const groundOptions: readonly OptionDeclaration[] = [
  ['--reason <code>', { en: 'reason code; no names', zh: '原因代码，不写姓名' }],
  ['--legal-basis <text>', { en: 'the provision that allows it', zh: '法律依据' }],
  ['--operator <id>', { en: 'who does it', zh: '经办人' }],
]
/** The second person. */
export const approverOption: OptionDeclaration = [
  '--approver <id>',
  { en: 'who approves it; somebody else', zh: '审批人，须为另一人' },
]

/** What is left to do after a change was queued. */
export const next: Text = {
  en: 'It takes effect with the next batch: weir anchor <department>.',
  zh: '将随下一批次生效：weir anchor <部门>。',
}

/** Who answers for a change. @throws {InputError} `cli/bad-option` */
export function groundsOf(options: GroundOptions, isFinal: boolean): Grounds {
  const { approver } = options
  if (isFinal) required(approver, '--approver')
  return {
    reason: required(options.reason, '--reason'),
    legalBasis: required(options.legalBasis, '--legal-basis'),
    operator: required(options.operator, '--operator'),
    ...(approver !== undefined && { approver }),
  }
}
