import { parseCredential } from '../credential/parse.ts'
import { InputError } from '../errors.ts'
import { addCommand, type Register } from './command.ts'
import { maxEvidence, readInput, writeNew } from './files.ts'
import { nameOf } from './shown.ts'
import { verdictTexts } from './verdictText.ts'
import { withWallet } from './withWallet.ts'

type Options = {
  readonly check?: boolean
  readonly newKey?: string
  readonly export?: string
  readonly import?: string
}

/** Where a backup's passphrase comes from; never from the command line. */
const variable = 'WEIR_WALLET_PASSPHRASE'

/** `weir wallet`: what a wallet holds, and a key to which an issuer can bind a copy. */
export const registerWallet: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'wallet <wallet>',
      summary: {
        en: 'list what a wallet holds; it is made on first use',
        zh: '列出钱包中的证照；首次使用时建立钱包',
      },
      options: [
        ['--check', { en: 'check each certificate now', zh: '逐一核验' }],
        [
          '--new-key <file>',
          {
            en: 'write the public key for a new certificate here',
            zh: '将新证照所用的公钥写入该文件',
          },
        ],
        [
          '--export <file>',
          {
            en: `write all keys and certificates into a new file, encrypted (${variable})`,
            zh: `将全部密钥和证照加密导出到新文件（${variable}）`,
          },
        ],
        [
          '--import <file>',
          {
            en: `take in what such a file holds (${variable})`,
            zh: `导入该加密文件的内容（${variable}）`,
          },
        ],
      ],
      more: {
        en: `An export is encrypted with the passphrase in ${variable}, 12 characters at least. Whoever has both has the
wallet. If a wallet is lost without one, have its certificates revoked by their keys and issued again:
weir status revoke <department> --holder-key <key>.

Examples:
  weir wallet clinic --check
  weir wallet clinic --new-key clinic-key.json
  weir wallet clinic --export clinic.backup`,
        zh: `导出文件用 ${variable} 中的口令（至少 12 个字符）加密；同时持有文件和口令的人即拥有该钱包。
没有备份而遗失钱包时，请按密钥撤销其证照并重新签发：weir status revoke <部门> --holder-key <密钥>。

示例：
  weir wallet clinic --check
  weir wallet clinic --new-key clinic-key.json
  weir wallet clinic --export clinic.backup`,
      },
    },
    async (context, { check, newKey, export: target, import: source }, [name]) => {
      const backup =
        source === undefined ? undefined : await readInput(source, '--import', maxEvidence)
      return withWallet(context, name!, async (wallet) => {
        const { output } = context
        if (target !== undefined) {
          await writeNew(target, await wallet.backUp(passphrase()))
          output.say({ en: 'The wallet was exported.', zh: '钱包已导出。' })
          output.answer({ exported: target })
          return 0
        }
        if (backup !== undefined) {
          const count = await wallet.restore(backup, passphrase())
          output.say({
            en: `Imported ${count.keys} key(s) and ${count.certificates} certificate(s).`,
            zh: `已导入密钥 ${count.keys} 个、证照 ${count.certificates} 份。`,
          })
          output.answer({ imported: count })
          return 0
        }
        if (newKey !== undefined) {
          const key = await wallet.newKey()
          await writeNew(newKey, `${JSON.stringify(key)}\n`)
          output.answer({ key })
          return 0
        }
        const certificates = []
        for (const { id, token, proof, receivedAt } of await wallet.holder.store.list()) {
          const credential = parseCredential(token)
          const verdict = check ? await wallet.holder.check(token, proof) : undefined
          const word = verdict && verdictTexts[verdict.outcome][output.language]
          output.line(`${id}  ${nameOf(credential)[output.language]}${word ? `  ${word}` : ''}`)
          const { certificateType, certificate, format } = credential
          certificates.push({
            fingerprint: id,
            certificateType,
            certificate,
            format,
            receivedAt,
            isAnchored: proof !== undefined,
            ...(verdict && { outcome: verdict.outcome }),
          })
        }
        output.answer({ certificates })
        return 0
      })
    },
  )
}

function passphrase(): string {
  const text = process.env[variable]
  if (!text) throw new InputError('configuration/missing', { variable })
  return text
}
