import { join } from 'node:path'
import { addCommand, type Register } from './command.ts'
import { readInput, replaceFile } from './files.ts'
import { required } from './options.ts'
import { withDepartment } from './withDepartment.ts'

type Options = { readonly out?: string }

/** Bytes of a leaf file at most: two million leaves. */
const maxLeaves = 67_108_864

/** `weir leaves`: the leaf file of each final batch, for mirrors and for the day a backup is put back. */
export const registerLeaves: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'leaves <department>',
      summary: {
        en: 'write the leaf file of every final batch; keep them apart from the store',
        zh: '导出每个已确认批次的叶子文件，请与数据库分开保存',
      },
      options: [['--out <folder>', { en: 'folder for the files', zh: '文件目录' }]],
      more: {
        en: `Leaves are hashes, 32 bytes each in ascending order; they tell nothing of anybody. A restored
backup needs them: weir reconcile.

Example:
  weir leaves registration-centre --out leaves`,
        zh: `叶子是 32 字节的哈希，按升序排列，不含任何个人信息。恢复旧备份后需要用到：weir reconcile。

示例：
  weir leaves registration-centre --out leaves`,
      },
    },
    async (context, options, [name]) => {
      const out = required(options.out, '--out')
      return withDepartment(context, name!, async ({ issuer, address }) => {
        const files: { sequence: number; size: number; file: string }[] = []
        for (let sequence = 1; ; sequence += 1) {
          const batch = await issuer.outbox.batch(address, sequence)
          if (batch?.state !== 'final') break
          if (batch.size === 0) continue
          const file = leafFile(out, sequence)
          await replaceFile(file, batch.leaves)
          files.push({ sequence, size: batch.size, file })
        }
        context.output.say({
          en: `${files.length} leaf file(s) written.`,
          zh: `已导出叶子文件 ${files.length} 个。`,
        })
        context.output.answer({ department: name, files })
        return 0
      })
    },
  )
}

/** Reads what {@link registerLeaves} wrote. @throws {InputError} `cli/unreadable`, `cli/too-large` */
export function readLeaves(folder: string, sequence: number): Promise<Uint8Array> {
  return readInput(leafFile(folder, sequence), '--leaves', maxLeaves)
}

function leafFile(folder: string, sequence: number): string {
  return join(folder, `${sequence}.leaves`)
}
