import type { Command } from 'commander'
import { readJwk } from '../credential/claims.ts'
import { parseJson } from '../credential/json.ts'
import { thumbprintHex } from '../credential/thumbprint.ts'
import { revokeHolderKey } from '../issuer/holderKey.ts'
import { certificateName } from './certificateName.ts'
import { addCommand } from './command.ts'
import { readInput } from './files.ts'
import { approverOption, type GroundOptions, groundOptions, groundsOf, next } from './grounds.ts'
import type { Language } from './language.ts'
import { badOption, required } from './options.ts'
import { change } from './statusChange.ts'
import { withDepartment } from './withDepartment.ts'

type Options = GroundOptions & { readonly holderKey?: string }

/** `weir status revoke`: one certificate, or all copies bound to a holder key. */
export function registerRevoke(group: Command, language: Language): void {
  addCommand<Options>(
    group,
    language,
    {
      name: 'revoke <department> [certificate]',
      summary: { en: 'revoke it for good; takes two people', zh: '撤销证照（不可恢复，须两人）' },
      options: [
        ...groundOptions,
        approverOption,
        [
          '--holder-key <key>',
          {
            en: 'instead of a certificate: every copy bound to this key, a file with the public JWK or its thumbprint',
            zh: '代替证照：撤销绑定到该密钥的全部副本；可为公钥 JWK 文件或其指纹',
          },
        ],
      ],
      more: {
        en: `With --holder-key, because a wallet was lost or stolen: only the copies bound to that key end. Issue them
again to a new wallet under a new idempotency key.

Examples:
  weir status revoke market-regulator 3fa9c1... --reason fraud --legal-basis "Art. 64" --operator clerk-7 --approver head-2
  weir status revoke market-regulator --holder-key lost-key.json --reason wallet-lost --legal-basis "Art. 64" --operator clerk-7 --approver head-2`,
        zh: `钱包遗失或被盗时使用 --holder-key：只撤销绑定到该密钥的副本，之后请用新的幂等键向新钱包重新签发。

示例：
  weir status revoke market-regulator 3fa9c1... --reason fraud --legal-basis "第六十四条" --operator clerk-7 --approver head-2
  weir status revoke market-regulator --holder-key lost-key.json --reason wallet-lost --legal-basis "第六十四条" --operator clerk-7 --approver head-2`,
      },
    },
    async (context, options, [name, certificate]) => {
      const grounds = groundsOf(options, true)
      if (options.holderKey === undefined) {
        const of = certificateName(required(certificate, 'certificate'))
        return change(context, name!, { of, to: 'revoked', grounds })
      }
      if (certificate !== undefined) throw badOption('--holder-key', 'certificate')
      const thumbprint = await thumbprintOf(options.holderKey)
      return withDepartment(context, name!, async ({ issuer }) => {
        const { copies, requests } = await revokeHolderKey(issuer, thumbprint, grounds)
        context.output.say({
          en: `${copies} copies are bound to this key; ${requests.length} will be revoked.`,
          zh: `绑定到该密钥的副本 ${copies} 份，将撤销 ${requests.length} 份。`,
        })
        if (requests.length > 0) context.output.say(next)
        context.output.answer({ copies, queued: requests, to: 'revoked' })
        return 0
      })
    },
  )
}

/** The name of a public key. @throws {InputError} `cli/unreadable`, `json/*`, `credential/bad-key` */
async function thumbprintOf(key: string): Promise<string> {
  if (/^0x[0-9a-f]{64}$/.test(key)) return key
  return thumbprintHex(readJwk(parseJson(await readInput(key, '--holder-key', 16_384)), 'key'))
}
