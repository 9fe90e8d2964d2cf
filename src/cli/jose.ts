import {
  type JoseFeature,
  type JoseResult,
  type JoseRun,
  joseFeatures,
  joseIssue,
  joseVerify,
} from '../wire/jose.ts'
import {
  addCommand,
  addGroup,
  type Context,
  type OptionDeclaration,
  type Register,
} from './command.ts'
import { exits } from './exit.ts'
import { readInput, replaceFile } from './files.ts'
import { moment, oneOf, required } from './options.ts'

type Options = {
  readonly input?: string
  readonly key?: string
  readonly feature?: string
  readonly output?: string
  readonly sd?: string
  readonly at?: string
}

const options: readonly OptionDeclaration[] = [
  [
    '--input <file>',
    { en: 'document to sign, or token to verify', zh: '待签名的文档或待验证的令牌' },
  ],
  [
    '--key <file>',
    {
      en: 'verification method with publicKeyJwk, and secretKeyJwk to issue',
      zh: '验证方法文件，含 publicKeyJwk，签发时还需 secretKeyJwk',
    },
  ],
  [
    '--feature <name>',
    {
      en: Object.keys(joseFeatures).join(', '),
      zh: `功能：${Object.keys(joseFeatures).join('、')}`,
    },
  ],
  [
    '--output <file>',
    {
      en: 'write {"result", "data"} here, over an older file',
      zh: '结果 {"result", "data"} 写入此文件（覆盖旧文件）',
    },
  ],
]
const sdOption: OptionDeclaration = [
  '--sd <json>',
  {
    en: 'claims to make disclosable, ["credentialSubject.degree.name"]',
    zh: '可选择性披露的声明，如 ["credentialSubject.degree.name"]',
  },
]
const atOption: OptionDeclaration = [
  '--at <time>',
  { en: 'judge as of this time (now if nothing is said)', zh: '按此时间判断（默认当前时间）' },
]

/** `weir jose`: the command line of the W3C vc-jose-cose test suite. 0 success, 1 failure, 64 error. */
export const registerJose: Register = (program, language) => {
  const group = addGroup(program, language, {
    name: 'jose',
    summary: {
      en: 'sign and verify documents with a key of your own (W3C vc-jose-cose suite)',
      zh: '用自备密钥签名与验证文档（W3C vc-jose-cose 测试套件）',
    },
  })
  addCommand<Options>(
    group,
    language,
    {
      name: 'issue',
      summary: {
        en: 'secure a credential or presentation as JWT or SD-JWT',
        zh: '将凭证或出示文档签为 JWT 或 SD-JWT',
      },
      options: [...options, sdOption],
      more: {
        en: `Nothing is anchored, and no department stands behind the key.

Example:
  weir jose issue --input credential.json --key vm.json --feature credential_sdjwt \\
    --sd '["credentialSubject.name"]' --output out.json`,
        zh: `不上链，密钥也不代表任何部门。

示例：
  weir jose issue --input credential.json --key vm.json --feature credential_sdjwt \\
    --sd '["credentialSubject.name"]' --output out.json`,
      },
    },
    async (context, given) => write(context, given, await joseIssue(await runOf(given))),
  )
  addCommand<Options>(
    group,
    language,
    {
      name: 'verify',
      summary: {
        en: 'verify a token with the one key given',
        zh: '用给定的密钥验证令牌',
      },
      options: [...options, atOption],
      more: {
        en: `Exit codes: 0 success, 1 failure, 64 nothing could be judged.

Example:
  weir jose verify --input token.txt --key vm.json --feature credential_jose --output out.json`,
        zh: `退出码：0 成功，1 失败，64 无法判断。

示例：
  weir jose verify --input token.txt --key vm.json --feature credential_jose --output out.json`,
      },
    },
    async (context, given) => write(context, given, await joseVerify(await runOf(given))),
  )
}

const features = Object.keys(joseFeatures) as JoseFeature[]

async function runOf({ input, key, feature, output, sd, at }: Options): Promise<JoseRun> {
  required(output, '--output')
  return {
    feature: oneOf(required(feature, '--feature'), features, '--feature'),
    input: await readInput(required(input, '--input'), '--input'),
    key: await readInput(required(key, '--key'), '--key'),
    disclosable: sd,
    now: at === undefined ? new Date() : moment(at, '--at'),
  }
}

async function write({ output }: Context, { output: path }: Options, result: JoseResult) {
  await replaceFile(path!, `${JSON.stringify(result)}\n`)
  output.line(result.result === 'success' ? 'success' : `${result.result}: ${result.data}`)
  output.answer({ result: result.result })
  return { success: exits.valid, failure: exits.invalid, error: exits.usage }[result.result]
}
