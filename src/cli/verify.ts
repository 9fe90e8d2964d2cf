import { decodeUtf8 } from '#primitives'
import { readHeader } from '../anchor/stateProof.ts'
import { type PresentationRequest, readRequest } from '../presentation/request.ts'
import type { Policy } from '../verdict/model.ts'
import { questionOf } from '../verifier/ask.ts'
import { readEvidenceFile, writeEvidence } from '../verifier/evidenceFile.ts'
import { gather } from '../verifier/gather.ts'
import { saveEvidence } from '../verifier/saveEvidence.ts'
import { inHome, openHome } from '../wire/home.ts'
import { readPins } from '../wire/pins.ts'
import { openVerifier, policyOf } from '../wire/verifier.ts'
import { addCommand, type Context, type Register } from './command.ts'
import { maxEvidence, readInput, writeNew } from './files.ts'
import { dateText } from './language.ts'
import { badOption, pastMoment } from './options.ts'
import { report } from './verifyReport.ts'
import { withChainOf } from './withChain.ts'

type Options = {
  readonly request?: string
  readonly sameHolder?: boolean
  readonly at?: string
  readonly evidence?: string
  readonly pin?: readonly string[]
  readonly deployment?: string
  readonly rpc?: string
  readonly registry?: string
}

/** `weir verify`: 0 valid, 1 invalid, 2 could not check, 64 usage. */
export const registerVerify: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'verify [file]',
      summary: {
        en: 'check a certificate or presentation, or judge saved evidence',
        zh: '核验证照或出示文件，或依据已保存的证据作出结论',
      },
      options: [
        [
          '--request <file>',
          { en: 'the request that a presentation must answer', zh: '出示文件所答复的请求' },
        ],
        [
          '--same-holder',
          { en: 'all certificates must be of one holder', zh: '要求所有证照属于同一持有人' },
        ],
        [
          '--at <date>',
          {
            en: 'as of a date (2026-11-22, its end in UTC) or time (2026-11-22T08:00:00Z)',
            zh: '截至某日（2026-11-22，指该日世界时终了）或某时（2026-11-22T08:00:00Z）',
          },
        ],
        [
          '--evidence <file>',
          {
            en: 'with a certificate: save what proves the verdict; alone: judge this file, offline',
            zh: '与证照同用：保存证明结论的证据；单独使用：离线判断该证据文件',
          },
        ],
        [
          '--pin <hash>',
          {
            en: 'block hash that you kept, to judge saved evidence; may be repeated',
            zh: '您保存的区块哈希，用于判断证据文件，可重复',
          },
          [],
        ],
        [
          '--deployment <file>',
          { en: 'deployment file, where there is no home', zh: '部署文件（没有安装目录时使用）' },
        ],
        [
          '--rpc <url>',
          { en: 'chain node, with --deployment', zh: '链节点地址，与 --deployment 同用' },
        ],
        [
          '--registry <url>',
          {
            en: 'registry node that shows proofs; it does not learn which certificate is checked',
            zh: '提供上链证明的登记节点；该节点不会得知所核验的是哪份证照',
          },
        ],
      ],
      more: {
        en: `The file is a certificate, a presentation or a bare token; without a file, or with -, standard input.
A proof that the file lacks is looked up in the stores of this home's own departments.
Exit codes: 0 valid, 1 not valid, 2 could not check, 64 wrong use.

Examples:
  weir verify title.json
  weir verify title.json --at 2026-11-22
  weir verify answer.json --request request.json --same-holder
  weir verify title.json --evidence evidence.json
  weir verify --evidence evidence.json --pin 0x4e1f... --at 2026-11-22T08:00:00Z
  weir verify title.json --registry https://registry.example
  cat title.json | weir verify --deployment deployment.json --rpc http://127.0.0.1:8545`,
        zh: `文件可以是证照、出示文件或单个令牌；不给文件或给出 - 时读取标准输入。
文件缺少的上链证明从本安装目录各部门的数据库中查找。
退出码：0 有效，1 无效，2 无法核验，64 用法错误。

示例：
  weir verify title.json
  weir verify title.json --at 2026-11-22
  weir verify answer.json --request request.json --same-holder
  weir verify title.json --evidence evidence.json
  weir verify --evidence evidence.json --pin 0x4e1f... --at 2026-11-22T08:00:00Z
  weir verify title.json --registry https://registry.example
  cat title.json | weir verify --deployment deployment.json --rpc http://127.0.0.1:8545`,
      },
    },
    async (context, options, [file]) => {
      const now = new Date()
      const at = options.at === undefined ? undefined : pastMoment(options.at, '--at', now)
      if (options.rpc !== undefined && options.deployment === undefined) {
        throw badOption('--rpc', '--deployment')
      }
      const request = await requestIn(options)
      const question = request && questionOf(request, options.sameHolder === true)
      const asked = { at: at ?? now, question, request }
      if (file === undefined && options.evidence !== undefined) {
        return judgeFile(context, options, asked)
      }
      if (options.pin !== undefined) throw badOption('--pin', '--evidence')
      // What is proven is the newest final block; nobody can prove an older one any more.
      if (at !== undefined && options.evidence !== undefined) throw badOption('--evidence', '--at')
      const input = decodeUtf8(await readInput(file, 'file'))
      return withChainOf(context, options, async (chain, leaves) => {
        const verifier = openVerifier(chain, leaves && { leaves })
        const policy = policyOf(chain, asked.at, question)
        const evidence = await gather(verifier, input, at === undefined ? {} : { at })
        const code = report(context, evidence, policy, request)
        if (options.evidence === undefined) return code
        const filed = await saveEvidence(verifier, input)
        await writeNew(options.evidence, writeEvidence(filed))
        const { hash, number, time } = readHeader(filed.proof.header)
        const text = time.toISOString()
        context.output.say({
          en: `Evidence saved at block ${number}, ${dateText(time, 'en')} UTC. Keep this hash apart from the file:\n  ${hash}\nJudge it later: weir verify --evidence <file> --pin ${hash} --at ${text}`,
          zh: `证据已保存，区块 ${number}，世界时${dateText(time, 'zh')}。请将此哈希与文件分开保存：\n  ${hash}\n日后判断：weir verify --evidence <文件> --pin ${hash} --at ${text}`,
        })
        return code
      })
    },
  )
}

async function requestIn({ request, sameHolder }: Options) {
  if (request !== undefined) return readRequest(await readInput(request, '--request'))
  if (sameHolder) throw badOption('--same-holder', '--request')
  return undefined
}

type Asked = {
  readonly at: Date
  readonly question: Policy['question'] | undefined
  readonly request: PresentationRequest | undefined
}

/** Judges a saved file with no network at all. */
async function judgeFile(
  context: Context,
  { evidence, pin = [], deployment }: Options,
  { at, question, request }: Asked,
) {
  const pins = pin.map((hash) => {
    if (!/^0x[0-9a-fA-F]{64}$/.test(hash)) throw badOption('--pin', 'hash')
    return hash.toLowerCase()
  })
  const filed = readEvidenceFile(await readInput(evidence, '--evidence', maxEvidence))
  const known = await readPins(deployment ?? (await homeDeployment(context)))
  return report(context, filed, policyOf(known, at, question, pins), request)
}

async function homeDeployment({ homePath }: Context): Promise<string> {
  const home = await openHome(homePath)
  return inHome(home, home.configuration.chain.deployment)
}
