import type { AccreditationRight } from '../accreditation/model.ts'
import { accredit } from '../accreditor/accredit.ts'
import { recordInForce } from '../accreditor/records.ts'
import { registerDepartment } from '../accreditor/register.ts'
import { TrustError } from '../errors.ts'
import { addCommand, type Register } from './command.ts'
import { dateText } from './language.ts'
import { moment, oneOf, required } from './options.ts'
import { addressOf, typeUris } from './party.ts'
import { withAccreditor } from './withAccreditor.ts'

type AccreditOptions = {
  readonly type?: readonly string[]
  readonly right?: readonly string[]
  readonly until?: string
}

const rightNames = ['issue', 'accredit'] as const

/** `weir accredit`: an accreditor of this home allows a department to issue a type. */
export const registerAccredit: Register = (program, language) => {
  addCommand<AccreditOptions>(
    program,
    language,
    {
      name: 'accredit <accreditor> <department>',
      summary: {
        en: 'allow a department to issue a certificate type',
        zh: '授权部门签发某类证照',
      },
      options: [
        [
          '--type <type>',
          {
            en: 'certificate type, id or URI; may be repeated',
            zh: '证照类型（编号或 URI），可重复',
          },
          [],
        ],
        [
          '--right <right>',
          {
            en: 'issue or accredit; may be repeated; issue if nothing is said',
            zh: 'issue（签发）或 accredit（再授权），可重复；默认 issue',
          },
          [],
        ],
        [
          '--until <date>',
          {
            en: 'last day; else as long as the accreditor itself',
            zh: '截止日期；默认与授权方相同',
          },
        ],
      ],
      more: {
        en: `The department is named as in this home, or by its address; it is registered first if it is new.

Examples:
  weir accredit city-accreditor market-regulator --type business-licence
  weir accredit city-accreditor 0x52908400098527886e0f7030069857d2e4169ee7 --type deed-tax-certificate --until 2030-12-31`,
        zh: `部门可用本安装目录中的名称或其地址；尚未登记的先行登记。

示例：
  weir accredit city-accreditor market-regulator --type business-licence
  weir accredit city-accreditor 0x52908400098527886e0f7030069857d2e4169ee7 --type deed-tax-certificate --until 2030-12-31`,
      },
    },
    async (context, options, [name, department]) => {
      const types = typeUris(required(options.type, '--type'))
      const rights: AccreditationRight[] = (options.right ?? ['issue']).map((right) =>
        oneOf(right, rightNames, '--right'),
      )
      const asked = options.until === undefined ? undefined : moment(options.until, '--until')
      return withAccreditor(context, name!, async (accreditor, home) => {
        const { output } = context
        const address = addressOf(home, department!)
        const done = []
        for (const type of types) {
          const view = await accreditor.chain.view()
          const own = await recordInForce(view, accreditor.address, type, 'accredit')
          const until = asked ?? own?.until
          if (until === undefined) throw new TrustError('accreditor/out-of-scope', { type })
          await registerDepartment(accreditor, { department: address, account: address, type })
          await accredit(accreditor, { department: address, type, rights, until })
          output.say({
            en: `${department} may ${rights.join(' and ')} ${type} until ${dateText(until, 'en')} UTC.`,
            zh: `${department} 已获授权（${rights.join('、')}）：${type}，至世界时${dateText(until, 'zh')}。`,
          })
          done.push({ department: address, type, rights, until })
        }
        output.answer({ accredited: done })
        return 0
      })
    },
  )
}
