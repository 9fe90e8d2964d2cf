import type { Command } from 'commander'
import { confirmKey } from '../accreditor/keys.ts'
import type { KeyPurpose } from '../identity/model.ts'
import { drain } from '../issuer/drain.ts'
import { openAccreditor } from '../wire/accreditor.ts'
import type { OpenChain } from '../wire/chain.ts'
import { openDepartment } from '../wire/department.ts'
import type { Home } from '../wire/home.ts'
import { openKeyOwner } from '../wire/keyOwner.ts'
import { addKey, type KeyOwner } from '../wire/keys.ts'
import { addCommand } from './command.ts'
import { type KeyState, readKeyStates } from './keyState.ts'
import type { Language } from './language.ts'
import { oneOf } from './options.ts'
import { nameOfAddress } from './party.ts'
import { withChain } from './withChain.ts'

type RotateOptions = { readonly purpose?: string }

const purposes = ['assertion', 'status', 'request'] as const satisfies readonly KeyPurpose[]

/** `weir key rotate`: the order is stop signing, anchor, let the next key in, retire. */
export function registerRotate(group: Command, language: Language): void {
  addCommand<RotateOptions>(
    group,
    language,
    {
      name: 'rotate <department>',
      summary: {
        en: 'add the next key, anchor what the old one signed, then retire it',
        zh: '启用新密钥，将旧密钥所签全部上链后停用旧密钥',
      },
      options: [
        [
          '--purpose <purpose>',
          {
            en: 'assertion (standard), status or request',
            zh: 'assertion（默认）、status 或 request',
          },
          'assertion',
        ],
      ],
      more: {
        en: `Certificates that the old key signed stay good. Stop other issuing processes of the department first.

Example:
  weir key rotate market-regulator`,
        zh: `旧密钥签发的证照仍然有效。请先停止该部门的其他签发进程。

示例：
  weir key rotate market-regulator`,
      },
    },
    async (context, options, [name]) =>
      withChain(context, async (home, chain) => {
        const { output } = context
        const purpose = oneOf(options.purpose ?? 'assertion', purposes, '--purpose')
        const now = new Date()
        const states = await readKeyStates(home, await chain.cold.view(), name!)
        const old = states.filter((key) => key.purpose === purpose && key.state === 'in use')
        // 1. The old key signs no more: this process holds the store, and anchors what it signed.
        if (purpose === 'assertion' && old.length > 0) await anchorAll(home, chain, name!)
        // 2. The next key comes in, or comes back after a crash.
        const owner = await openKeyOwner(home, chain, name!, now)
        const fresh = cameIn(old) ?? (await comesIn(home, chain, owner, purpose, now))
        // 3. Only then the old one retires.
        for (const { id, thumbprint } of old) {
          if (id !== fresh.id) await owner.registry.write({ call: 'retireKey', thumbprint })
        }
        output.say({
          en: `${name} signs with ${fresh.id} now; ${old.length} older key(s) retired.`,
          zh: `${name} 现使用 ${fresh.id} 签名；已停用旧密钥 ${old.length} 个。`,
        })
        const keys = await readKeyStates(home, await chain.cold.view(), name!)
        output.answer({ department: name, keys })
        return 0
      }),
  )
}

/** The key that a rotation before let in; it was cut off before it retired the older ones. */
function cameIn(inUse: readonly KeyState[]): KeyState | undefined {
  return inUse.length > 1 && inUse.every(({ kid }) => kid !== undefined) ? inUse.at(-1) : undefined
}

async function comesIn(
  home: Home,
  chain: OpenChain,
  owner: KeyOwner,
  purpose: KeyPurpose,
  now: Date,
) {
  const { accreditor, close } = await accreditorOf(home, chain, owner.address)
  try {
    return await addKey(owner, purpose, now, (key) => confirmKey(accreditor, key))
  } finally {
    await close()
  }
}

async function anchorAll(home: Home, chain: OpenChain, name: string): Promise<void> {
  const department = await openDepartment(home, chain, name)
  try {
    await drain(department.issuer)
  } finally {
    await department.close()
  }
}

/** The accreditor that confirms a department's keys, if this home runs it. */
async function accreditorOf(home: Home, chain: OpenChain, department: string) {
  const record = await (await chain.cold.view()).department(department)
  const accreditor = record?.accreditor ?? department
  return openAccreditor(home, chain, nameOfAddress(home, accreditor))
}
