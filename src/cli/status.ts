import type { Command } from 'commander'
import { copiesOf } from '../issuer/status.ts'
import { hex } from '../primitives/bytes.ts'
import { statusIn, wordOf } from '../status/word.ts'
import { certificateName } from './certificateName.ts'
import { addCommand, addGroup, type Register } from './command.ts'
import { approverOption, type GroundOptions, groundOptions, groundsOf } from './grounds.ts'
import { dateText, type Language } from './language.ts'
import { moment, required } from './options.ts'
import { registerRevoke } from './revoke.ts'
import { change } from './statusChange.ts'
import { registerSupersede } from './supersede.ts'
import { withDepartment } from './withDepartment.ts'

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
  registerRevoke(group, language)
  registerSupersede(group, language)
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
