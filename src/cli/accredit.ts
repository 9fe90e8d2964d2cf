import type { AccreditationRight } from '../accreditation/model.ts'
import { accredit, withdraw } from '../accreditor/accredit.ts'
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

type WithdrawOptions = { readonly type?: readonly string[]; readonly keep?: string }

/** `weir withdraw`: ends what an accreditor of this home allowed. */
export const registerWithdraw: Register = (program, language) => {
  addCommand<WithdrawOptions>(
    program,
    language,
    {
      name: 'withdraw <accreditor> <department>',
      summary: {
        en: "end a department's accreditation for a certificate type",
        zh: '撤回部门对某类证照的授权',
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
          '--keep <type>',
          {
            en: 'another type on which the department may go on anchoring',
            zh: '该部门可据以继续上链的另一类型',
          },
        ],
      ],
      more: {
        en: `What was anchored before stays good; nothing new of this type will be.

Example:
  weir withdraw city-accreditor market-regulator --type business-licence`,
        zh: `此前已上链的证照仍然有效；此后不再认可该类型的新证照。

示例：
  weir withdraw city-accreditor market-regulator --type business-licence`,
      },
    },
    async (context, options, [name, department]) => {
      const types = typeUris(required(options.type, '--type'))
      const [keep] = options.keep === undefined ? [] : typeUris([options.keep])
      return withAccreditor(context, name!, async (accreditor, home) => {
        const address = addressOf(home, department!)
        const done = []
        for (const type of types) {
          const wish = { department: address, type, ...(keep !== undefined && { keep }) }
          const records = await withdraw(accreditor, wish)
          context.output.say({
            en: `${department}: accreditation for ${type} withdrawn.`,
            zh: `${department}：已撤回对 ${type} 的授权。`,
          })
          done.push({ department: address, type, records })
        }
        context.output.answer({ withdrawn: done })
        return 0
      })
    },
  )
}
