import { withdraw } from '../accreditor/accredit.ts'
import { addCommand, type Register } from './command.ts'
import { required } from './options.ts'
import { addressOf, typeUris } from './party.ts'
import { withAccreditor } from './withAccreditor.ts'

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
