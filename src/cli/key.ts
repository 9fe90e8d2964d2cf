import { endKey } from '../accreditor/keys.ts'
import { InputError } from '../errors.ts'
import { openAccreditor } from '../wire/accreditor.ts'
import type { OpenChain } from '../wire/chain.ts'
import type { Home } from '../wire/home.ts'
import { openKeyOwner } from '../wire/keyOwner.ts'
import { addCommand, addGroup, type Register } from './command.ts'
import { registerRotate } from './keyRotate.ts'
import { keyLines, readKeyStates } from './keyState.ts'
import { pastMoment } from './options.ts'
import { withChain } from './withChain.ts'

type CompromisedOptions = { readonly since?: string; readonly by?: string }
type RetireOptions = { readonly by?: string }

const byOption = [
  '--by <accreditor>',
  {
    en: 'the accreditor of this home that declares it; else the department itself',
    zh: '由本安装目录中的授权方宣布；默认由部门自己宣布',
  },
] as const

/** `weir key`: the keys of a department from their first day to their end. */
export const registerKey: Register = (program, language) => {
  const group = addGroup(program, language, {
    name: 'key',
    summary: {
      en: 'list, rotate and retire keys, declare one compromised',
      zh: '列出、轮换、停用密钥，宣布密钥泄露',
    },
  })
  addCommand(
    group,
    language,
    {
      name: 'list <department>',
      summary: { en: 'keys with their windows', zh: '密钥及其有效时段' },
      more: {
        en: 'Example:\n  weir key list market-regulator',
        zh: '示例：\n  weir key list market-regulator',
      },
    },
    async (context, _options, [name]) =>
      withChain(context, async (home, chain) => {
        const { output } = context
        const keys = await readKeyStates(home, await chain.cold.view(), name!)
        for (const key of keys) {
          output.line(`${key.id}  ${key.thumbprint}`)
          for (const line of keyLines(key, output.language)) output.line(`  ${line}`)
        }
        output.answer({ department: name, keys })
        return 0
      }),
  )
  registerRotate(group, language)
  addCommand<RetireOptions>(
    group,
    language,
    {
      name: 'retire <department> <key>',
      summary: { en: 'retire a key for good', zh: '永久停用密钥' },
      options: [byOption],
      more: {
        en: `The key is its name from "weir key list" or its thumbprint. Certificates anchored before stay good.

Example:
  weir key retire market-regulator assertion-1`,
        zh: `密钥可用 "weir key list" 中的名称或指纹。此前已上链的证照仍然有效。

示例：
  weir key retire market-regulator assertion-1`,
      },
    },
    async (context, { by }, [name, key]) =>
      withChain(context, async (home, chain) => {
        const thumbprint = await thumbprintOf(home, chain, name!, key!)
        await end(home, chain, { name: name!, by }, thumbprint, { kind: 'retired' })
        context.output.say({ en: `${key} is retired.`, zh: `${key} 已停用。` })
        context.output.answer({ department: name, thumbprint, state: 'retired' })
        return 0
      }),
  )
  addCommand<CompromisedOptions>(
    group,
    language,
    {
      name: 'compromised <department> <key>',
      summary: { en: 'declare a key compromised', zh: '宣布密钥泄露' },
      options: [
        [
          '--since <date>',
          {
            en: 'when it was lost at the latest; else now; it can only move earlier',
            zh: '最晚泄露时间，默认现在；此后只能提前',
          },
        ],
        byOption,
      ],
      more: {
        en: `What the key signed and anchored at or after that time is refused from then on. What waits for the
chain is signed anew by the next key ("weir key rotate", then "weir anchor").

Example:
  weir key compromised market-regulator assertion-1 --since 2026-11-22T08:00:00Z`,
        zh: `该时间及以后由该密钥签发并上链的证照不再被认可；尚未上链的由新密钥重新签发
（先 "weir key rotate"，再 "weir anchor"）。

示例：
  weir key compromised market-regulator assertion-1 --since 2026-11-22T08:00:00Z`,
      },
    },
    async (context, { since: text, by }, [name, key]) =>
      withChain(context, async (home, chain) => {
        const since = text === undefined ? undefined : pastMoment(text, '--since', new Date())
        const thumbprint = await thumbprintOf(home, chain, name!, key!)
        const how = { kind: 'compromised' as const, ...(since && { since }) }
        await end(home, chain, { name: name!, by }, thumbprint, how)
        context.output.say({
          en: `${key} is declared compromised${since ? ` since ${since.toISOString()}` : ''}.`,
          zh: `已宣布 ${key} 泄露${since ? `，自 ${since.toISOString()} 起` : ''}。`,
        })
        context.output.answer({ department: name, thumbprint, state: 'compromised', since })
        return 0
      }),
  )
}

async function thumbprintOf(home: Home, chain: OpenChain, name: string, key: string) {
  if (/^0x[0-9a-f]{64}$/.test(key)) return key
  const keys = await readKeyStates(home, await chain.cold.view(), name)
  const found = keys.find(({ id }) => id === key)
  if (found === undefined) throw new InputError('key/unknown', { department: name })
  return found.thumbprint
}

type End = Parameters<typeof endKey>[2]

/** By the accreditor, or by the department's own account. */
async function end(
  home: Home,
  chain: OpenChain,
  { name, by }: { readonly name: string; readonly by: string | undefined },
  thumbprint: string,
  how: End,
): Promise<void> {
  if (by !== undefined) {
    const { accreditor, close } = await openAccreditor(home, chain, by)
    try {
      return await endKey(accreditor, thumbprint, how)
    } finally {
      await close()
    }
  }
  const { registry } = await openKeyOwner(home, chain, name, new Date())
  if (how.kind === 'retired') return registry.write({ call: 'retireKey', thumbprint })
  return registry.write({ call: 'declareCompromised', thumbprint, since: how.since })
}
