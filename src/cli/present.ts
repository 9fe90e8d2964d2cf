import { builtInTypes } from '../certificate/types.ts'
import type { ParsedCredential } from '../credential/model.ts'
import { parseCredential } from '../credential/parse.ts'
import { InputError } from '../errors.ts'
import { type Consent, present } from '../holder/present.ts'
import { type Choice, type Selection, select } from '../holder/select.ts'
import { pathText } from '../presentation/fieldPath.ts'
import type { ClaimPath } from '../presentation/model.ts'
import { type PresentationRequest, readRequest } from '../presentation/request.ts'
import type { Wallet } from '../wire/wallet.ts'
import { claimPath } from './claimPath.ts'
import { addCommand, type Context, type Register } from './command.ts'
import { exits } from './exit.ts'
import { readInput, writeNew } from './files.ts'
import { badOption } from './options.ts'
import { printable } from './output.ts'
import { restricted } from './restricted.ts'
import { withWallet } from './withWallet.ts'

type Options = {
  readonly disclose?: readonly string[]
  readonly with?: readonly string[]
  readonly out?: string
}

/** `weir present`: what a request asks of a wallet; and, with consent, the answer. */
export const registerPresent: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'present <wallet> [request]',
      summary: {
        en: 'show what a request asks, and answer it with what you disclose',
        zh: '查看请求所需内容，并按同意披露的信息答复',
      },
      options: [
        [
          '--disclose <type:claims>',
          {
            en: 'what to disclose: real-estate-title:location,right_holder, or type:none; may be repeated',
            zh: '同意披露的信息：real-estate-title:location,right_holder，或 类型:none，可重复',
          },
          [],
        ],
        [
          '--with <fingerprint>',
          {
            en: 'which certificate, where several answer; may be repeated',
            zh: '有多份符合时选定一份，可重复',
          },
          [],
        ],
        [
          '--out <file>',
          {
            en: 'write the answer here; else standard output',
            zh: '将答复写入该文件，默认标准输出',
          },
        ],
      ],
      more: {
        en: `Without --disclose nothing leaves the wallet: you see who asks, why, and each claim with its value.
In type:claims, * means every claim that is not restricted; restricted ones are named one by one.

Examples:
  weir present clinic request.json
  weir present clinic request.json --disclose real-estate-title:location --disclose business-licence:none --out answer.json`,
        zh: `不给 --disclose 时任何信息都不会离开钱包，只显示谁在请求、用途，以及每项信息及其内容。
类型:信息 中的 * 表示全部非受限信息；受限信息须逐项写明。

示例：
  weir present clinic request.json
  weir present clinic request.json --disclose real-estate-title:location --disclose business-licence:none --out answer.json`,
      },
    },
    async (context, options, [name, file]) => {
      const request = readRequest(await readInput(file, 'request'))
      return withWallet(context, name!, async ({ holder }) => {
        const { output } = context
        const selection = await select(holder, request)
        if (options.disclose === undefined) return preview(context, request, selection)
        const consents = await consentsOf(holder, selection, options)
        const { text } = await present(holder, request, consents)
        if (options.out === undefined) output.document(text)
        else await writeNew(options.out, text)
        const disclosed = consents.map(({ id, disclose }) => {
          return { fingerprint: id, disclosed: disclose.map(pathText) }
        })
        for (const { fingerprint, disclosed: paths } of disclosed) {
          const claims = paths.join(', ')
          output.say({
            en: `${fingerprint}: disclosed ${claims || 'nothing beyond what is always visible'}`,
            zh: `${fingerprint}：披露 ${claims || '仅始终可见的信息'}`,
          })
        }
        output.answer({ disclosed, ...(options.out === undefined && { presentation: text }) })
        return 0
      })
    },
  )
}

/** Who asks, why, and each claim with its value; required apart from optional. */
function preview(
  { output }: Context,
  { audience, purpose }: PresentationRequest,
  { satisfied, queries }: Selection,
): number {
  const [who, why] = [printable(audience), printable(purpose)]
  output.say({ en: `${who} asks: ${why}`, zh: `${who} 请求出示，用途：${why}` })
  for (const { required, choices } of queries) {
    output.say(required ? { en: 'required', zh: '必需' } : { en: 'optional', zh: '可选' })
    if (choices.length === 0)
      output.say({ en: '  nothing held answers this', zh: '  钱包中没有符合的证照' })
    for (const choice of choices) {
      output.line(`  ${typeIdOf(choice.certificateType) ?? ''} ${choice.format}  ${choice.id}`)
      for (const claim of choice.claims) {
        const mark =
          claim.class === 'R' ? { en: ' (restricted)', zh: '（受限）' } : { en: '', zh: '' }
        const value = printable(JSON.stringify(claim.value))
        output.line(`    ${pathText(claim.path)}${mark[output.language]}: ${value}`)
      }
    }
  }
  output.say({
    en: 'Nothing was disclosed. Answer with --disclose type:claims.',
    zh: '未披露任何信息。请用 --disclose 类型:信息 答复。',
  })
  output.answer({ audience, purpose, satisfied, queries })
  return satisfied ? exits.valid : exits.invalid
}

type Wish = { readonly type: string; readonly claims: readonly string[] }

/** One certificate for each thing to disclose: the only one that can answer, or the one chosen. */
async function consentsOf(
  holder: Wallet['holder'],
  { queries }: Selection,
  options: Options,
): Promise<Consent[]> {
  const consents: Consent[] = []
  for (const { type, claims } of (options.disclose ?? []).map(wishOf)) {
    const choices = queries.flatMap((query) => query.choices)
    const fitting = new Map<string, Choice>()
    for (const choice of choices) {
      const isAsked = typeIdOf(choice.certificateType) === type || choice.certificateType === type
      if (isAsked) fitting.set(choice.id, choice)
    }
    const chosen = [...fitting.keys()].filter(
      (id) => options.with === undefined || options.with.some((one) => isStart(one, id)),
    )
    if (chosen.length === 0) throw new InputError('holder/not-held')
    if (chosen.length > 1) throw new InputError('cli/ambiguous', { certificates: chosen.length })
    const id = chosen[0]!
    const { token } = (await holder.store.get(id))!
    consents.push({ id, disclose: claims.flatMap((one) => pathsOf(parseCredential(token), one)) })
  }
  return consents
}

function wishOf(text: string): Wish {
  const colon = text.lastIndexOf(':')
  if (colon <= 0) throw badOption('--disclose', 'type:claims')
  const claims = text.slice(colon + 1)
  return { type: text.slice(0, colon), claims: claims === 'none' ? [] : claims.split(',') }
}

function isStart(start: string, id: string): boolean {
  return start.length >= 8 && id.startsWith(start)
}

function pathsOf({ claims, certificateType }: ParsedCredential, text: string): ClaimPath[] {
  if (text !== '*') return [claimPath(text)]
  const isRestricted = restricted(certificateType)
  return Object.keys(claims)
    .map((name) => [name])
    .filter((path) => !isRestricted(path))
}

function typeIdOf(uri: string | undefined): string | undefined {
  return builtInTypes.find((type) => type.uri === uri)?.id
}
