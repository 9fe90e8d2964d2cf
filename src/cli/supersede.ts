import type { Command } from 'commander'
import { findType } from '../certificate/types.ts'
import { recordKey } from '../connector/recordKey.ts'
import type { Format, JsonObject } from '../credential/model.ts'
import { copiesOf } from '../issuer/status.ts'
import { supersede } from '../issuer/supersede.ts'
import { certificateName } from './certificateName.ts'
import { addCommand } from './command.ts'
import { approverOption, type GroundOptions, groundOptions, groundsOf, next } from './grounds.ts'
import { openHolderKeys } from './holderKeys.ts'
import type { Language } from './language.ts'
import { badOption, oneOf, required } from './options.ts'
import { inputFormat, recordRows } from './recordInput.ts'
import { withDepartment } from './withDepartment.ts'

type SupersedeOptions = GroundOptions & {
  readonly record?: string
  readonly input?: string
  readonly type?: string
  readonly format?: readonly string[]
  readonly holder?: readonly string[]
  readonly key?: string
}

const formats = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc'] as const satisfies readonly Format[]

/** `weir status supersede`: the new version and the old one's end in one batch. */
export function registerSupersede(group: Command, language: Language): void {
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
