import { decodeUtf8 } from '#primitives'
import { readHeader } from '../anchor/stateProof.ts'
import { displayed } from '../certificate/display.ts'
import { builtInTypes } from '../certificate/types.ts'
import { isJsonObject, parseJson } from '../credential/json.ts'
import type { Json } from '../credential/model.ts'
import { InputError, isWeirError } from '../errors.ts'
import type { ClaimPath, PresentedCredential } from '../presentation/model.ts'
import { parsePresentation } from '../presentation/parsePresentation.ts'
import { hex } from '../primitives/bytes.ts'
import { claimedIssuer } from '../verdict/issuer.ts'
import { readEvidenceFile } from '../verifier/evidenceFile.ts'
import { addCommand, type Context, type Register } from './command.ts'
import { maxEvidence, readInput } from './files.ts'
import { dateText, type Language, type Text } from './language.ts'
import { type Output, printable } from './output.ts'
import { restricted } from './restricted.ts'
import { nameOf } from './shown.ts'

type Options = { readonly reveal?: boolean; readonly wallet?: string }

/** What stands in the place of a claim that is not shown. */
const mask = '••••••'

/** `weir show`: what a file says of itself; nothing of it is checked. */
export const registerShow: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'show [file]',
      summary: {
        en: 'show what is in a certificate, presentation or evidence file; checks nothing',
        zh: '显示证照、出示文件或证据文件的内容（不作核验）',
      },
      options: [
        ['--reveal', { en: 'show restricted claims, too', zh: '同时显示受限信息' }],
        [
          '--wallet <name>',
          {
            en: 'take the certificate from this wallet; the file is then its fingerprint',
            zh: '从该钱包读取，此时参数为证照指纹',
          },
        ],
      ],
      more: {
        en: `Restricted claims (identity numbers, amounts) are masked unless you add --reveal.

Examples:
  weir show title.json
  weir show title.json --reveal
  weir show 3fa9c1... --wallet clinic`,
        zh: `受限信息（证件号码、金额等）默认遮盖，加 --reveal 才显示。

示例：
  weir show title.json
  weir show title.json --reveal
  weir show 3fa9c1... --wallet clinic`,
      },
    },
    async (context, { reveal = false, wallet }, [file]) => {
      if (wallet !== undefined) return showHeld(context, wallet, file ?? '', reveal)
      const text = decodeUtf8(await readInput(file, 'file', maxEvidence))
      const { output } = context
      if (!isEvidence(text)) {
        output.answer({ credentials: showPresented(output, text, reveal) })
        return 0
      }
      const { input, proof } = readEvidenceFile(text)
      const { number, hash, time } = readHeader(proof.header)
      output.say({
        en: `Evidence of block ${number}, ${dateText(time, 'en')} UTC, hash ${hash}, not checked:`,
        zh: `区块 ${number} 的证据，世界时${dateText(time, 'zh')}，哈希 ${hash}，未经核验：`,
      })
      const credentials = showPresented(output, input, reveal)
      output.answer({ block: { number, hash, time }, credentials })
      return 0
    },
  )
}

async function showHeld(context: Context, name: string, fingerprint: string, reveal: boolean) {
  // Only this form needs a chain and a key store; a file is shown without loading them.
  const { withWallet } = await import('./withWallet.ts')
  return withWallet(context, name, async ({ holder }) => {
    const records = await holder.store.list()
    const found = records.filter(({ id }) => fingerprint.length >= 8 && id.startsWith(fingerprint))
    if (found.length !== 1) throw new InputError('holder/not-held')
    const { output } = context
    output.answer({ credentials: showPresented(output, found[0]!.token, reveal) })
    return 0
  })
}

/** Whether the text is an evidence file; what is no JSON object is a token, for its own reader to judge. */
function isEvidence(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false
  const file: Json = parseJson(text, { maxLength: maxEvidence, maxNodes: 1_000_000 })
  return isJsonObject(file) && file.evidence !== undefined
}

function showPresented(output: Output, input: string, reveal: boolean) {
  return parsePresentation(input).map((presented) => showOne(output, presented, reveal))
}

function showOne(output: Output, presented: PresentedCredential, reveal: boolean) {
  const { language } = output
  const { credential, binding, proof } = presented
  const fingerprint = hex(credential.fingerprint)
  const issuer = issuerOf(presented)
  const { issuedAt, validFrom, validUntil, format, replaces } = credential
  output.line(nameOf(credential)[language])
  const facts: [Text, string | undefined][] = [
    [{ en: 'fingerprint', zh: '指纹' }, fingerprint],
    [{ en: 'format', zh: '格式' }, format],
    [{ en: 'issuer', zh: '签发方' }, issuer],
    [{ en: 'issued', zh: '签发' }, day(issuedAt, language)],
    [{ en: 'valid from', zh: '有效期起' }, day(validFrom, language)],
    [{ en: 'valid until', zh: '有效期止' }, day(validUntil, language)],
    [{ en: 'replaces', zh: '替换' }, replaces],
    [{ en: 'anchored in batch', zh: '上链批次' }, proof && String(proof.sequence)],
    [{ en: 'presented to', zh: '出示对象' }, binding?.audience],
  ]
  for (const [label, value] of facts) {
    if (value !== undefined) output.line(`  ${label[language]}: ${printable(value)}`)
  }
  const claims = masked(presented, reveal)
  const type = builtInTypes.find(({ uri }) => uri === credential.certificateType)
  if (type === undefined) {
    for (const [name, value] of Object.entries(isJsonObject(claims) ? claims : {})) {
      output.line(`  ${printable(name)}: ${printable(JSON.stringify(value))}`)
    }
  } else {
    for (const { title, lines } of displayed(type, isJsonObject(claims) ? claims : {}, language)) {
      output.line(`  ${title}`)
      for (const { label, value } of lines) output.line(`    ${label}: ${printable(value)}`)
    }
  }
  output.say({ en: '  Nothing of this was checked.', zh: '  以上内容未经核验。' })
  const { certificateType, certificate } = credential
  return {
    fingerprint,
    format,
    certificateType,
    certificate,
    issuer,
    issuedAt,
    validFrom,
    validUntil,
    replaces,
    batch: proof?.sequence,
    audience: binding?.audience,
    claims,
  }
}

/** The claims with a mask for every restricted value; of an unknown type nobody knows which are. */
function masked({ credential }: PresentedCredential, reveal: boolean): Json {
  if (reveal) return credential.claims
  const isRestricted = restricted(credential.certificateType)
  const walk = (value: Json, path: ClaimPath): Json => {
    if (path.length > 0 && isRestricted(path)) return mask
    if (Array.isArray(value)) return value.map((one, index) => walk(one, [...path, index]))
    if (!isJsonObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, walk(one, [...path, name])]),
    )
  }
  return walk(credential.claims, [])
}

function issuerOf({ credential }: PresentedCredential): string | undefined {
  try {
    return claimedIssuer(credential).did
  } catch (error) {
    if (isWeirError(error)) return credential.issuer
    throw error
  }
}

function day(date: Date | undefined, language: Language): string | undefined {
  return date && `${dateText(date, language)} UTC`
}
