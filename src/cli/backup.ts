import { basename, resolve } from 'node:path'
import { backedUp } from '../issuer/erase.ts'
import { note } from '../issuer/note.ts'
import { addCommand, type Register } from './command.ts'
import { required } from './options.ts'
import { withDepartment } from './withDepartment.ts'

type Options = { readonly out?: string }

/** `weir backup`: a whole copy of the department's store while it is used, noted in the audit log. */
export const registerBackup: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'backup <department>',
      summary: {
        en: "copy the department's store into a new file, whole and checked",
        zh: '将部门数据库完整备份到新文件并检查',
      },
      options: [['--out <file>', { en: 'new file for the copy', zh: '备份文件（新文件）' }]],
      more: {
        en: `The file holds what was issued: guard it like the store. Its name is noted in the audit log, so that
"weir erase" can say which backups still hold a person's certificate. Keys are not in it; copy the
department's keys.json too. PostgreSQL has its own tools (pg_basebackup).

Example:
  weir backup registration-centre --out backups/2026-11-22.sqlite`,
        zh: `备份含已签发的内容，须与数据库同等保护。文件名记入审计日志，"weir erase" 据此指出仍含某人证照的备份。
密钥不在其中，请另行备份部门的 keys.json。PostgreSQL 请用其自带工具（pg_basebackup）。

示例：
  weir backup registration-centre --out backups/2026-11-22.sqlite`,
      },
    },
    async (context, options, [name]) => {
      const out = required(options.out, '--out')
      return withDepartment(context, name!, async ({ issuer, store, address }) => {
        const path = resolve(out)
        // Noted first: a backup that nobody knows of would keep what was erased.
        await note(issuer, backedUp, address, { file: basename(path) })
        await store.backup(path)
        context.output.say({ en: 'Backup written.', zh: '备份已完成。' })
        context.output.answer({ department: name, file: path })
        return 0
      })
    },
  )
}
