import { refusedCopies, takeBack } from '../issuer/refused.ts'
import { hex } from '../primitives/bytes.ts'
import { addCommand, addGroup, type Register } from './command.ts'
import { withDepartment } from './withDepartment.ts'

/** `weir refused`: certificates that were set aside because their type lost its accreditation. */
export const registerRefused: Register = (program, language) => {
  const group = addGroup(program, language, {
    name: 'refused',
    summary: {
      en: 'certificates that were set aside, and taking them back',
      zh: '查看和取回被搁置的证照',
    },
  })
  addCommand(
    group,
    language,
    {
      name: 'list <department>',
      summary: {
        en: 'certificates set aside because their type lost its accreditation',
        zh: '因证照类型失去授权而被搁置的证照',
      },
      more: {
        en: `At most 1,000, oldest first. They were signed but not anchored, so nobody accepts them.

Example:
  weir refused list market-regulator`,
        zh: `最多 1,000 份，由早到晚。它们已签名但未上链，不被认可。

示例：
  weir refused list market-regulator`,
      },
    },
    async (context, _options, [name]) =>
      withDepartment(context, name!, async ({ issuer }) => {
        const { output } = context
        const copies = (await refusedCopies(issuer)).map(
          ({ fingerprint, certificateType, certificate, format }) => ({
            fingerprint: hex(fingerprint),
            certificateType,
            certificate,
            format,
          }),
        )
        for (const { fingerprint, certificateType } of copies) {
          output.line(`${fingerprint}  ${certificateType}`)
        }
        output.say({
          en: `${copies.length} set aside.`,
          zh: `被搁置 ${copies.length} 份。`,
        })
        output.answer({ department: name, copies })
        return 0
      }),
  )
  addCommand(
    group,
    language,
    {
      name: 'take-back <department>',
      summary: {
        en: 'take back those whose type is accredited again; the next batch carries them',
        zh: '取回已重新获得授权的证照，随下一批次上链',
      },
      more: {
        en: 'Example:\n  weir refused take-back market-regulator',
        zh: '示例：\n  weir refused take-back market-regulator',
      },
    },
    async (context, _options, [name]) =>
      withDepartment(context, name!, async ({ issuer }) => {
        const count = await takeBack(issuer)
        const left = (await refusedCopies(issuer)).length
        context.output.say({
          en: `${count} taken back, ${left} still set aside. Next: weir anchor ${name}.`,
          zh: `已取回 ${count} 份，仍被搁置 ${left} 份。下一步：weir anchor ${name}。`,
        })
        context.output.answer({ department: name, takenBack: count, refused: left })
        return 0
      }),
  )
}
