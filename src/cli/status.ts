import type { Command } from 'commander'
import { findType } from '../certificate/types.ts'
import { recordKey } from '../connector/recordKey.ts'
import type { Format, JsonObject } from '../credential/model.ts'
import { changeStatus, copiesOf, type Grounds, type StatusWish } from '../issuer/status.ts'
import { supersede } from '../issuer/supersede.ts'
import { hex } from '../primitives/bytes.ts'
import { statusIn, wordOf } from '../status/word.ts'
import { certificateName } from './certificateName.ts'
import { addCommand, addGroup, type OptionDeclaration, type Register } from './command.ts'
import { openHolderKeys } from './holderKeys.ts'
import { dateText, type Language, type Text } from './language.ts'
import { badOption, moment, oneOf, required } from './options.ts'
import { inputFormat, recordRows } from './recordInput.ts'
import { withDepartment } from './withDepartment.ts'

type GroundOptions = {
  readonly reason?: string
  readonly legalBasis?: string
  readonly operator?: string
  readonly approver?: string
}

const groundOptions: readonly OptionDeclaration[] = [
  ['--reason <code>', { en: 'reason code; no names', zh: '原因代码，不写姓名' }],
  ['--legal-basis <text>', { en: 'the provision that allows it', zh: '法律依据' }],
  ['--operator <id>', { en: 'who does it', zh: '经办人' }],
]
const approverOption: OptionDeclaration = [
  '--approver <id>',
  { en: 'who approves it; somebody else', zh: '审批人，须为另一人' },
]

const next: Text = {
  en: 'It takes effect with the next batch: weir anchor <department>.',
  zh: '将随下一批次生效：weir anchor <部门>。',
}

/** `weir status`: suspend, resume, revoke, supersede. Reasons and names stay in the department. */
export const registerStatus: Register = (program, language) => {
  const group = addGroup(program, language, {
    name: 'status',
    summary: {
      en: 'show, suspend, resume, revoke or supersede a certificate',
      zh: '查看、暂扣、恢复、撤销或替换证照',
    },
  })
  registerShow(group, language)
  addCommand<GroundOptions & { readonly until?: string }>(
    group,
    language,
    {
      name: 'suspend <department> <certificate>',
      summary: { en: 'suspend it until further notice', zh: '暂扣证照' },
      options: [
        ...groundOptions,
        approverOption,
        ['--until <date>', { en: 'when the suspension is expected to end', zh: '预计结束日期' }],
      ],
      more: {
        en: `Example:
  weir status suspend market-regulator 3fa9c1... --reason inspection --legal-basis "Art. 12" --operator clerk-7 --until 2026-12-31`,
        zh: `示例：
  weir status suspend market-regulator 3fa9c1... --reason inspection --legal-basis "第十二条" --operator clerk-7 --until 2026-12-31`,
      },
    },
    async (context, options, [name, certificate]) => {
      const expectedEnd = moment(required(options.until, '--until'), '--until')
      const wish = { to: 'suspended', grounds: groundsOf(options, false), expectedEnd } as const
      return change(context, name!, { of: certificateName(certificate!), ...wish })
    },
  )
  addCommand<GroundOptions>(
    group,
    language,
    {
      name: 'resume <department> <certificate>',
      summary: { en: 'end a suspension', zh: '恢复被暂扣的证照' },
      options: [...groundOptions, approverOption],
      more: {
        en: `Example:
  weir status resume market-regulator 3fa9c1... --reason inspection-passed --legal-basis "Art. 14" --operator clerk-7`,
        zh: `示例：
  weir status resume market-regulator 3fa9c1... --reason inspection-passed --legal-basis "第十四条" --operator clerk-7`,
      },
    },
    async (context, options, [name, certificate]) =>
      change(context, name!, {
        of: certificateName(certificate!),
        to: 'valid',
        grounds: groundsOf(options, false),
      }),
  )
  addCommand<GroundOptions>(
    group,
    language,
    {
      name: 'revoke <department> <certificate>',
      summary: { en: 'revoke it for good; takes two people', zh: '撤销证照（不可恢复，须两人）' },
      options: [...groundOptions, approverOption],
      more: {
        en: `Example:
  weir status revoke market-regulator 3fa9c1... --reason fraud --legal-basis "Art. 64" --operator clerk-7 --approver head-2`,
        zh: `示例：
  weir status revoke market-regulator 3fa9c1... --reason fraud --legal-basis "第六十四条" --operator clerk-7 --approver head-2`,
      },
    },
    async (context, options, [name, certificate]) =>
      change(context, name!, {
        of: certificateName(certificate!),
        to: 'revoked',
        grounds: groundsOf(options, true),
      }),
  )
  registerSupersede(group, language)
}

function groundsOf(options: GroundOptions, isFinal: boolean): Grounds {
  const { approver } = options
  if (isFinal) required(approver, '--approver')
  return {
    reason: required(options.reason, '--reason'),
    legalBasis: required(options.legalBasis, '--legal-basis'),
    operator: required(options.operator, '--operator'),
    ...(approver !== undefined && { approver }),
  }
}

async function change(
  context: Parameters<Parameters<typeof addCommand>[3]>[0],
  name: string,
  wish: StatusWish,
): Promise<number> {
  return withDepartment(context, name, async ({ issuer }) => {
    const requests = await changeStatus(issuer, wish)
    context.output.say(next)
    context.output.answer({ queued: requests, to: wish.to })
    return 0
  })
}

/** What the chain will say once everything that waits is on it. */
function registerShow(group: Command, language: Language): void {
  addCommand(
    group,
    language,
    {
      name: 'show <department> <certificate>',
      summary: { en: 'copies, states and status changes', zh: '副本、上链进度和状态变更' },
      more: {
        en: 'Example:\n  weir status show market-regulator 3fa9c1...',
        zh: '示例：\n  weir status show market-regulator 3fa9c1...',
      },
    },
    async (context, _options, [name, certificate]) =>
      withDepartment(context, name!, async ({ issuer, address }) => {
        const { output } = context
        const view = await issuer.chain.view()
        const copies = []
        for (const copy of await copiesOf(issuer, certificateName(certificate!))) {
          const { word, entry } = wordOf(copy.index)
          const onChain = statusIn(await view.statusWord(address, copy.list, word), entry)
          const requests = await issuer.lists.requestsFor(address, copy.list, copy.index)
          const { format, state, sequence } = copy
          const fingerprint = hex(copy.fingerprint)
          output.line(`${fingerprint}  ${format}  ${state}`)
          output.say({ en: `  on the chain: ${onChain}`, zh: `  链上状态：${onChain}` })
          const changes = requests.map((request) => {
            const { to, reason, requestedAt, sequence: batch } = request
            output.line(`  ${dateText(requestedAt, output.language)} UTC  ${to}  ${reason}`)
            return { to, reason, requestedAt, batch }
          })
          copies.push({ fingerprint, format, state, batch: sequence, onChain, changes })
        }
        output.answer({ copies })
        return 0
      }),
  )
}

type SupersedeOptions = GroundOptions & {
  readonly record?: string
  readonly input?: string
  readonly type?: string
  readonly format?: readonly string[]
  readonly holder?: readonly string[]
  readonly key?: string
}

const formats = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc'] as const satisfies readonly Format[]

function registerSupersede(group: Command, language: Language): void {
  addCommand<SupersedeOptions>(
    group,
    language,
    {
      name: 'supersede <department> <certificate>',
      summary: {
        en: 'issue a new version and end the old one, both in one batch; takes two people',
        zh: '签发新版本并同批终止旧版本（须两人）',
      },
      options: [
        ['--record <file>', { en: 'the new record', zh: '新记录文件' }],
        ['--input <form>', { en: 'csv, json, jsonl or one', zh: 'csv、json、jsonl 或 one' }],
        [
          '--type <type>',
          { en: "certificate type; else the old one's", zh: '证照类型，默认与旧证照相同' },
        ],
        [
          '--format <format>',
          { en: "may be repeated; else the old one's", zh: '可重复，默认与旧证照相同' },
          [],
        ],
        ['--holder <wallet>', { en: 'as for issue; may be repeated', zh: '同 issue，可重复' }, []],
        [
          '--key <text>',
          { en: 'idempotency key; else made from the record', zh: '幂等键，默认由记录得出' },
        ],
        ...groundOptions,
        approverOption,
      ],
      more: {
        en: `Example:
  weir status supersede registration-centre 3fa9c1... --record new-title.json --holder buyer \\
    --reason transfer --legal-basis "Art. 209" --operator clerk-7 --approver head-2`,
        zh: `示例：
  weir status supersede registration-centre 3fa9c1... --record new-title.json --holder buyer \\
    --reason transfer --legal-basis "第二百零九条" --operator clerk-7 --approver head-2`,
      },
    },
    async (context, options, [name, certificate]) => {
      const grounds = groundsOf(options, true)
      const record = required(options.record, '--record')
      const old = certificateName(certificate!)
      return withDepartment(context, name!, async ({ issuer }, home, chain) => {
        const copies = await copiesOf(issuer, old)
        const type = findType(options.type ?? copies[0]!.certificateType)
        const claims = await onlyRecord(type, record, options.input)
        const idempotencyKey = options.key ?? recordKey(type, claims)
        const chosen = options.format ?? [...new Set(copies.map(({ format }) => format))]
        const holders = await openHolderKeys(home, chain, issuer, options.holder ?? [])
        try {
          const holderKeys = await holders.keysFor(idempotencyKey)
          const credentials = await supersede(
            issuer,
            old,
            {
              idempotencyKey,
              type: type.uri,
              claims,
              formats: chosen.map((one) => oneOf(one, formats, '--format')),
              ...(holderKeys && { holderKeys }),
            },
            grounds,
          )
          const issued = credentials.map(({ copy, format, fingerprint, state }) => {
            context.output.line(`${fingerprint}  ${format}  ${state}`)
            return { copy, format, fingerprint, state }
          })
          context.output.say(next)
          context.output.answer({ certificate: credentials[0]?.certificate, copies: issued })
          return 0
        } finally {
          await holders.close()
        }
      })
    },
  )
}

/** The one record of a file. @throws {InputError} what is wrong with it; `cli/bad-option` if there are more or none. */
async function onlyRecord(
  type: ReturnType<typeof findType>,
  path: string,
  input: string | undefined,
): Promise<JsonObject> {
  let only: JsonObject | undefined
  for await (const { claims, error } of recordRows(type, path, inputFormat(path, input))) {
    if (error !== undefined) throw error
    if (only !== undefined) throw badOption('--record', 'rows')
    only = claims
  }
  return required(only, '--record')
}
