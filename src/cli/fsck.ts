import type { Finding, FsckStage } from '../issuer/findings.ts'
import { fsck } from '../issuer/fsck.ts'
import { addCommand, type Register } from './command.ts'
import { exits } from './exit.ts'
import { sentence, type Text } from './language.ts'
import { withDepartment } from './withDepartment.ts'

const stages: Readonly<Record<FsckStage, Text>> = {
  batches: { en: 'batches', zh: '批次' },
  credentials: { en: 'credentials', zh: '证照' },
  statuses: { en: 'statuses', zh: '状态' },
}

/** Wrong rows that are told; their number is told in any case. */
const toldRows = 100

/** `weir fsck`: 0 all fits, 1 something is wrong, 2 could not check. */
export const registerFsck: Register = (program, language) => {
  addCommand<{ readonly all?: boolean }>(
    program,
    language,
    {
      name: 'fsck <department>',
      summary: {
        en: 'compare leaves, roots, chain, statuses and credentials; name the first wrong row',
        zh: '逐层比对叶子、根、链、状态和证照，指出第一处错误',
      },
      options: [['--all', { en: 'go on after the first wrong row', zh: '发现错误后继续检查' }]],
      more: {
        en: `Changes nothing. Exit codes: 0 all fits, 1 something is wrong, 2 could not check.

Example:
  weir fsck registration-centre`,
        zh: `不作任何改动。退出码：0 全部相符，1 有误，2 无法检查。

示例：
  weir fsck registration-centre`,
      },
    },
    async (context, { all = false }, [name]) =>
      withDepartment(context, name!, async ({ issuer }) => {
        const { output } = context
        const checked: Partial<Record<FsckStage, number>> = {}
        const findings: Finding[] = []
        let count = 0
        for await (const event of fsck(issuer)) {
          if (event.kind === 'progress') {
            checked[event.stage] = event.done
            output.progress(stages[event.stage], event.done)
            continue
          }
          count += 1
          if (findings.length < toldRows) {
            const { stage, row, code } = event
            const where = `${stages[stage][output.language]} ${row}`
            output.line(`✘ ${where}: ${sentence(code, output.language)} [${code}]`)
            findings.push(event)
          }
          if (!all) break
        }
        output.say(
          count === 0
            ? { en: '✔ Everything fits.', zh: '✔ 全部相符。' }
            : { en: `${count} wrong row(s).`, zh: `错误 ${count} 处。` },
        )
        output.answer({ department: name, checked, wrong: count, first: findings[0], findings })
        return count === 0 ? exits.valid : exits.invalid
      }),
  )
}
