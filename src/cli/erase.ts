import { erase } from '../issuer/erase.ts'
import { certificateName } from './certificateName.ts'
import { addCommand, type Register } from './command.ts'
import { approverOption, type GroundOptions, groundOptions, groundsOf } from './grounds.ts'
import { withDepartment } from './withDepartment.ts'

/** `weir erase`: forgets what a certificate says; its fingerprint and status stay. */
export const registerErase: Register = (program, language) => {
  addCommand<GroundOptions>(
    program,
    language,
    {
      name: 'erase <department> <certificate>',
      summary: {
        en: "delete a certificate's content from the store for good; takes two people",
        zh: '从数据库永久删除证照内容（不可恢复，须两人）',
      },
      options: [...groundOptions, approverOption],
      more: {
        en: `Claims, salt, disclosures, signatures and identifier of all copies go, from the write-ahead log and from free
pages too; fingerprint and status stay, and without the salt nobody can tell whose they are. The holder's own
copy stays good until it is revoked, by fingerprint. Backups that still hold the certificate are named: destroy
them. On PostgreSQL run VACUUM FULL afterwards and let archived logs expire.

Example:
  weir erase citizen-services 3fa9c1...64 digits --reason erasure-request --legal-basis "PIPL Art. 47" --operator clerk-7 --approver head-2`,
        zh: `所有副本的内容、盐值、披露项、签名和标识均被删除，包括预写日志和空闲页；指纹和状态保留，没有盐值便无从得知属于何人。
持有人手中的副本仍有效，可按指纹撤销。仍含该证照的备份会被列出，请销毁。
使用 PostgreSQL 时，之后请执行 VACUUM FULL，并让归档日志到期删除。

示例：
  weir erase citizen-services 3fa9c1...（64 位） --reason erasure-request --legal-basis "个人信息保护法第四十七条" --operator clerk-7 --approver head-2`,
      },
    },
    async (context, options, [name, certificate]) => {
      const grounds = groundsOf(options, true)
      return withDepartment(context, name!, async ({ issuer, store }) => {
        const { output } = context
        const erased = await erase(issuer, store.erasure, certificateName(certificate!), grounds)
        const { fingerprints, backups } = erased
        output.say({
          en: `Erased; kept fingerprint and status of ${fingerprints.length} copies.`,
          zh: `已删除；保留了 ${fingerprints.length} 份副本的指纹和状态。`,
        })
        for (const fingerprint of fingerprints) output.line(`  ${fingerprint}`)
        if (backups.length > 0) {
          output.say({
            en: `${backups.length} backup(s) still hold it: ${backups.join(', ')}`,
            zh: `仍含该证照的备份 ${backups.length} 个：${backups.join('、')}`,
          })
        }
        output.answer({ department: name, ...erased })
        return 0
      })
    },
  )
}
