import { type Finding, type FsckEvent, type FsckStage, finding } from '../issuer/findings.ts'
import { fsck } from '../issuer/fsck.ts'
import type { Department } from '../wire/department.ts'
import { addCommand, type Register } from './command.ts'
import { exits } from './exit.ts'
import { sentence, type Text } from './language.ts'
import { withDepartment } from './withDepartment.ts'

const stages: Readonly<Record<FsckStage, Text>> = {
  batches: { en: 'batches', zh: '批次' },
  credentials: { en: 'credentials', zh: '证照' },
  statuses: { en: 'statuses', zh: '状态' },
  store: { en: 'audit log and database', zh: '审计日志和数据库' },
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
        en: 'compare leaves, roots, chain, statuses, credentials and audit log; name the first wrong row',
        zh: '逐层比对叶子、根、链、状态、证照和审计日志，指出第一处错误',
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
      withDepartment(context, name!, async (department) => {
        const { output } = context
        const checked: Partial<Record<FsckStage, number>> = {}
        const findings: Finding[] = []
        let count = 0
        for await (const event of everything(department)) {
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

/** What the issuer compares, and the audit log's chain of hashes with the database's own check. */
async function* everything({ issuer, store }: Department): AsyncGenerator<FsckEvent> {
  yield* fsck(issuer)
  const faults = await store.check()
  for (const { where, code } of faults) yield finding('store', where, code)
  yield { kind: 'progress', stage: 'store', done: 1 }
}
