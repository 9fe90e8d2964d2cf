import { parseCredential } from '../credential/parse.ts'
import { addCommand, type Register } from './command.ts'
import { writeNew } from './files.ts'
import { nameOf } from './shown.ts'
import { verdictTexts } from './verdictText.ts'
import { withWallet } from './withWallet.ts'

type Options = { readonly check?: boolean; readonly newKey?: string }

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
      ],
      more: {
        en: `Examples:
  weir wallet clinic --check
  weir wallet clinic --new-key clinic-key.json`,
        zh: `示例：
  weir wallet clinic --check
  weir wallet clinic --new-key clinic-key.json`,
      },
    },
    async (context, { check, newKey }, [name]) =>
      withWallet(context, name!, async (wallet) => {
        const { output } = context
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
      }),
  )
}
