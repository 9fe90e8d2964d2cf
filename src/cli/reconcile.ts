import { reconcile } from '../issuer/reconcile.ts'
import { resume } from '../issuer/resume.ts'
import { addCommand, type Register } from './command.ts'
import { readLeaves } from './leaves.ts'
import { required } from './options.ts'
import { withDepartment } from './withDepartment.ts'

type Options = { readonly leaves?: string }

/** `weir reconcile`: brings a store that is older than the chain, a restored backup, up to it. */
export const registerReconcile: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'reconcile <department>',
      summary: {
        en: 'bring a restored backup up to the chain before it issues or anchors again',
        zh: '恢复旧备份后与链核对，核对完成前不能签发和上链',
      },
      options: [
        [
          '--leaves <folder>',
          {
            en: 'leaf files of the batches that the backup lacks: <sequence>.leaves',
            zh: '备份中缺少的批次的叶子文件目录：<批次号>.leaves',
          },
        ],
      ],
      more: {
        en: `Nothing is anchored twice and no status entry is given again: open status lists are closed for good, and
what the chain holds already is taken from the leaf files, each checked against its root on the chain. Get
them from "weir leaves", which wrote them before the loss, or from any node that mirrors the department.
Certificates that were issued after the backup are lost to the store; their holders still have them.
Repeating it is harmless.

Example:
  weir reconcile registration-centre --leaves leaves`,
        zh: `不会重复上链，也不会重复使用状态位：已开启的状态列表永久关闭；链上已有的批次从叶子文件补入，
并逐一与链上的根核对。叶子文件来自此前的 "weir leaves"，或任何镜像该部门的节点。
备份之后签发的证照已不在数据库中，持有人手中的证照仍然有效。重复执行无害。

示例：
  weir reconcile registration-centre --leaves leaves`,
      },
    },
    async (context, options, [name]) => {
      const folder = required(options.leaves, '--leaves')
      return withDepartment(context, name!, async ({ issuer, address }) => {
        // What was planned only may have been signed and anchored in the lost time.
        const [reserved] = await issuer.certificates.scan(address, 0, 1, 'reserved')
        if (reserved !== undefined) await resume(issuer)
        const found = await reconcile(issuer, ({ sequence }) => readLeaves(folder, sequence))
        const { batches, members, unknownLeaves } = found
        context.output.say(
          batches === 0
            ? { en: 'The store is up to the chain.', zh: '数据库与链一致。' }
            : {
                en: `${batches} batch(es) taken from the chain; ${members} certificate(s) here were in them, ${unknownLeaves} leaves belong to none here (lost ones, and padding).`,
                zh: `已从链补入批次 ${batches} 个；其中本库证照 ${members} 份，另有 ${unknownLeaves} 个叶子不属于本库（遗失的证照和填充）。`,
              },
        )
        context.output.answer({ department: name, ...found })
        return 0
      })
    },
  )
}
