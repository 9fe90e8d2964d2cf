import { receive } from '../holder/receive.ts'
import { parsePresentation } from '../presentation/parsePresentation.ts'
import { addCommand, type Register } from './command.ts'
import { readInput } from './files.ts'
import { withWallet } from './withWallet.ts'

/** `weir receive`: a certificate file goes into a wallet, after the full check. */
export const registerReceive: Register = (program, language) => {
  addCommand(
    program,
    language,
    {
      name: 'receive <wallet> [file]',
      summary: { en: 'take a certificate into a wallet', zh: '将证照收入钱包' },
      more: {
        en: `A forged, revoked or foreign certificate is refused. One that is not anchored yet is taken;
receive its file again, with the proof, once it is.

Example:
  weir receive clinic certificates/3fa9c1d2e4b5a697.json`,
        zh: `伪造、已撤销或不属于该钱包的证照不予接收。尚未上链的可以先收，
上链后再接收一次带证明的文件。

示例：
  weir receive clinic certificates/3fa9c1d2e4b5a697.json`,
      },
    },
    async (context, _options, [name, file]) => {
      const input = await readInput(file, 'file')
      const presented = parsePresentation(input)
      return withWallet(context, name!, async ({ holder }) => {
        const received = []
        for (const { token, proof } of presented) {
          const { id, proof: kept } = await receive(holder, token, proof)
          context.output.say(
            kept === undefined
              ? { en: `${id}: received, not anchored yet.`, zh: `${id}：已接收，尚未上链。` }
              : { en: `${id}: received with its proof.`, zh: `${id}：已接收，附上链证明。` },
          )
          received.push({ fingerprint: id, isAnchored: kept !== undefined })
        }
        context.output.answer({ received })
        return 0
      })
    },
  )
}
