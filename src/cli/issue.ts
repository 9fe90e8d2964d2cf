import { findType } from '../certificate/types.ts'
import { recordKey } from '../connector/recordKey.ts'
import type { Format } from '../credential/model.ts'
import type { InputError } from '../errors.ts'
import { issue } from '../issuer/issue.ts'
import type { CertificateRequest, Issuer } from '../issuer/model.ts'
import { addCommand, type Register } from './command.ts'
import { openNew } from './files.ts'
import { type HolderKeys, openHolderKeys } from './holderKeys.ts'
import { type Teller, teller } from './issueReport.ts'
import { badOption, moment, oneOf, required } from './options.ts'
import { inputFormat, issuedRows, recordRows } from './recordInput.ts'
import { withDepartment } from './withDepartment.ts'

type Options = {
  readonly type?: string
  readonly input?: string
  readonly encoding?: string
  readonly format?: readonly string[]
  readonly holder?: readonly string[]
  readonly key?: string
  readonly validFrom?: string
  readonly validUntil?: string
  readonly out?: string
  readonly result?: string
  readonly retry?: string
  readonly verifyEvery?: boolean
}

const formats = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc'] as const satisfies readonly Format[]

/** `weir issue`: one record or a hundred thousand; 0 all issued, 1 some refused, 2 try again, 64 wrong use. */
export const registerIssue: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'issue <department> [records]',
      summary: {
        en: "issue certificates from a department's records",
        zh: '依据部门的记录签发证照',
      },
      options: [
        ['--type <type>', { en: 'certificate type, id or URI', zh: '证照类型（编号或 URI）' }],
        [
          '--input <form>',
          {
            en: 'csv, json, jsonl or one (a single JSON record); else by the file name',
            zh: 'csv、json、jsonl 或 one（单条 JSON 记录）；默认按文件名判断',
          },
        ],
        [
          '--encoding <name>',
          { en: 'utf-8 or gb18030; else found out', zh: 'utf-8 或 gb18030；默认自动判断' },
        ],
        [
          '--format <format>',
          {
            en: 'vc+jwt, dc+sd-jwt, vc+sd-jwt or jwt_vc; may be repeated; the first two if nothing is said',
            zh: 'vc+jwt、dc+sd-jwt、vc+sd-jwt 或 jwt_vc，可重复；默认前两种',
          },
          [],
        ],
        [
          '--holder <wallet>',
          {
            en: 'wallet of this home, or file with a public JWK (./key.json); may be repeated, one copy each',
            zh: '本安装目录中的钱包，或含公钥 JWK 的文件（./key.json），可重复，每个一份副本',
          },
          [],
        ],
        [
          '--key <text>',
          {
            en: 'idempotency key of a single record; else made from the record',
            zh: '单条记录的幂等键；默认由记录内容得出',
          },
        ],
        ['--valid-from <date>', { en: 'else now', zh: '有效期起，默认现在' }],
        ['--valid-until <date>', { en: 'else as the type says', zh: '有效期止，默认按证照类型' }],
        ['--out <folder>', { en: 'write certificate files here', zh: '将证照文件写入该目录' }],
        ['--result <file>', { en: 'write one line for each row here', zh: '将逐行结果写入该文件' }],
        [
          '--retry <file>',
          {
            en: 'an earlier result file: only the rows that it does not call issued',
            zh: '先前的结果文件：只处理其中未签发的行',
          },
        ],
        [
          '--verify-every',
          { en: 'verify every signature before it is stored', zh: '存储前核验每个签名' },
        ],
      ],
      more: {
        en: `The same record again gives the same certificate, so a broken import can simply be repeated.
Certificates count once they are anchored: weir anchor <department>.
Exit codes: 0 all issued, 1 some rows refused, 2 try again, 64 wrong use.

Examples:
  weir issue registration-centre titles.csv --type real-estate-title --result titles.result.jsonl
  weir issue registration-centre titles.csv --type real-estate-title --retry titles.result.jsonl
  weir issue market-regulator licence.json --type business-licence --holder clinic --format dc+sd-jwt --out certificates
  cat rows.jsonl | weir issue citizen-services --type degree-certificate --json`,
        zh: `同一记录再次签发得到同一证照，因此中断的导入可以直接重做。
证照上链后才有效力：weir anchor <部门>。
退出码：0 全部签发，1 部分行被拒，2 请重试，64 用法错误。

示例：
  weir issue registration-centre titles.csv --type real-estate-title --result titles.result.jsonl
  weir issue registration-centre titles.csv --type real-estate-title --retry titles.result.jsonl
  weir issue market-regulator licence.json --type business-licence --holder clinic --format dc+sd-jwt --out certificates
  cat rows.jsonl | weir issue citizen-services --type degree-certificate --json`,
      },
    },
    async (context, options, [name, records]) => {
      const type = findType(required(options.type, '--type'))
      const form = inputFormat(records, options.input)
      const encoding =
        options.encoding === undefined
          ? undefined
          : oneOf(options.encoding, ['utf-8', 'gb18030'] as const, '--encoding')
      const wish = wishOf(options)
      const done = options.retry === undefined ? new Set<number>() : await issuedRows(options.retry)
      return withDepartment(context, name!, async ({ issuer }, home, chain) => {
        const holders = await openHolderKeys(home, chain, issuer, options.holder ?? [])
        const rows = recordRows(type, records, form, encoding)
        const result = options.result === undefined ? undefined : await openNew(options.result)
        const tell = teller(context, options, result)
        try {
          await run(issuer, { rows, done, holders, wish, type }, options, tell)
          await result?.sync()
          return tell.end()
        } finally {
          await result?.close()
          await holders.close()
        }
      })
    },
  )
}

type Wish = Pick<CertificateRequest, 'formats' | 'validFrom' | 'validUntil'>

function wishOf({ format, validFrom, validUntil, key, retry }: Options): Wish {
  if (key !== undefined && retry !== undefined) throw badOption('--key', '--retry')
  return {
    ...(format && { formats: format.map((one) => oneOf(one, formats, '--format')) }),
    ...(validFrom !== undefined && { validFrom: moment(validFrom, '--valid-from') }),
    ...(validUntil !== undefined && { validUntil: moment(validUntil, '--valid-until') }),
  }
}

type Run = {
  readonly rows: ReturnType<typeof recordRows>
  /** Rows that are left out. */
  readonly done: ReadonlySet<number>
  readonly holders: HolderKeys
  readonly wish: Wish
  readonly type: ReturnType<typeof findType>
}

/** Rows go in, answers come out in their order; rows that were no good keep their place among them. */
async function run(
  issuer: Issuer,
  { rows, done, holders, wish, type }: Run,
  options: Options,
  tell: Teller,
): Promise<void> {
  const waiting: { readonly row: number; readonly error?: InputError }[] = []
  const flush = async () => {
    for (let next = waiting[0]; next?.error !== undefined; next = waiting[0]) {
      waiting.shift()
      await tell.refused(next.row, next.error)
    }
  }
  async function* requests(): AsyncGenerator<CertificateRequest> {
    for await (const { row, claims, error } of rows) {
      if (done.has(row)) continue
      if (error !== undefined) {
        waiting.push({ row, error })
        continue
      }
      if (options.key !== undefined && row > 1) throw badOption('--key', 'rows')
      const idempotencyKey = options.key ?? recordKey(type, claims)
      const holderKeys = await holders.keysFor(idempotencyKey)
      waiting.push({ row })
      yield { idempotencyKey, type: type.uri, claims, ...wish, ...(holderKeys && { holderKeys }) }
    }
  }
  const issueOptions = { verifyEvery: options.verifyEvery === true }
  for await (const answer of issue(issuer, requests(), issueOptions)) {
    await flush()
    const { row } = waiting.shift()!
    if ('error' in answer) await tell.refused(row, answer.error)
    else await tell.issued(row, answer.credentials)
  }
  await flush()
}
