import type { CertificateType, Field } from '../certificate/model.ts'
import { credentialTypeName } from '../certificate/names.ts'
import { findType } from '../certificate/types.ts'
import { parseJson } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import type { ClaimPath } from '../presentation/model.ts'
import { ask } from '../verifier/ask.ts'
import { claimPath } from './claimPath.ts'
import { addCommand, type Register } from './command.ts'
import { readInput, writeNew } from './files.ts'
import { badOption, oneOf, required } from './options.ts'

type Options = {
  readonly audience?: string
  readonly purpose?: string
  readonly certificate?: readonly string[]
  readonly dcql?: string
  readonly format?: string
  readonly out?: string
}

const formats = ['dc+sd-jwt', 'vc+sd-jwt', 'vc+jwt', 'jwt_vc'] as const
type AskedFormat = (typeof formats)[number]

/** `weir ask`: what a verifier wants to see, as a request file for a wallet. */
export const registerAsk: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'ask',
      summary: { en: 'make a request for a wallet to answer', zh: '生成供钱包答复的出示请求' },
      options: [
        [
          '--audience <id>',
          { en: 'your full identifier, a DID or address', zh: '请求方的完整标识（DID 或网址）' },
        ],
        [
          '--purpose <text>',
          {
            en: 'why you ask, shown to the holder; at most 200 characters',
            zh: '用证事由，向持有人展示，最多 200 字',
          },
        ],
        [
          '--certificate <type:claims>',
          {
            en: 'type and claims, real-estate-title:location,right_holder; may be repeated',
            zh: '证照类型与所需信息，如 real-estate-title:location,right_holder，可重复',
          },
          [],
        ],
        [
          '--format <format>',
          { en: 'dc+sd-jwt if nothing is said', zh: '格式，默认 dc+sd-jwt' },
          'dc+sd-jwt',
        ],
        [
          '--dcql <file>',
          { en: 'a DCQL query instead of --certificate', zh: '以 DCQL 查询文件代替 --certificate' },
        ],
        [
          '--out <file>',
          {
            en: 'write the request here; else standard output',
            zh: '将请求写入该文件，默认标准输出',
          },
        ],
      ],
      more: {
        en: `Keep the request, accept one answer to it, then forget it.

Example:
  weir ask --audience https://health.example.gov --purpose "practice licence" \\
    --certificate real-estate-title:location --certificate business-licence:legal_representative --out request.json`,
        zh: `请保存该请求，只接受一次答复，然后作废。

示例：
  weir ask --audience https://health.example.gov --purpose "申请执业许可" \\
    --certificate real-estate-title:location --certificate business-licence:legal_representative --out request.json`,
      },
    },
    async ({ output }, options) => {
      const audience = required(options.audience, '--audience')
      const purpose = required(options.purpose, '--purpose')
      const request = ask({ audience, purpose, dcql: await queryOf(options) })
      const text = `${JSON.stringify(request, null, 2)}\n`
      if (options.out === undefined) output.document(text)
      else await writeNew(options.out, text)
      output.answer({ request })
      return 0
    },
  )
}

async function queryOf({ certificate, dcql, format }: Options): Promise<Json> {
  if (dcql !== undefined) {
    if (certificate !== undefined) throw badOption('--dcql', '--certificate')
    return parseJson(await readInput(dcql, '--dcql'))
  }
  const asked = oneOf(format ?? 'dc+sd-jwt', formats, '--format')
  return {
    credentials: required(certificate, '--certificate').map((text, index) =>
      credentialQuery(text, index, asked),
    ),
  }
}

/** OpenID4VP 1.0, section 6.1 and appendix B. */
function credentialQuery(text: string, index: number, format: AskedFormat): JsonObject {
  const colon = text.startsWith('urn:') ? -1 : text.indexOf(':')
  const type = findType(colon < 0 ? text : text.slice(0, colon))
  const claims = colon < 0 ? [] : text.slice(colon + 1).split(',')
  const paths = claims.map((claim) => claimPath(claim))
  for (const path of paths) requireField(type, path)
  const root = format === 'dc+sd-jwt' ? [] : ['credentialSubject']
  const isSdJwtVc = format === 'dc+sd-jwt'
  return {
    id: `certificate-${index + 1}`,
    format: isSdJwtVc || format === 'vc+sd-jwt' ? format : 'jwt_vc_json',
    meta: isSdJwtVc
      ? { vct_values: [type.uri] }
      : { type_values: [['VerifiableCredential', credentialTypeName(type)]] },
    ...(paths.length > 0 && {
      claims: paths.map((path) => ({ path: [...root, ...path] as Json[] })),
    }),
  }
}

/** A misspelt claim would make a request that nobody can answer. */
function requireField({ fields }: CertificateType, path: ClaimPath): void {
  let within: readonly Field[] | undefined = fields
  for (const part of path) {
    if (typeof part !== 'string') continue
    const field: Field | undefined = within?.find(({ name }) => name === part)
    if (field === undefined) throw badOption('--certificate', 'claim')
    within = field.fields
  }
}
