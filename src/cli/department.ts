import { hasCheckDigit, hasForm } from '../certificate/checks.ts'
import { builtInTypes } from '../certificate/types.ts'
import { readConfiguration } from '../configuration/read.ts'
import { formatEthrDid } from '../identity/did.ts'
import { certificateTypeHash } from '../verdict/checkAccreditation.ts'
import type { OpenChain } from '../wire/chain.ts'
import { setUpDistrict } from '../wire/district.ts'
import { departmentOf, type Home, openHome, saveHome } from '../wire/home.ts'
import { addCommand, addGroup, type Register } from './command.ts'
import { keyLines, readKeyStates } from './keyState.ts'
import { dateText } from './language.ts'
import { badOption, required } from './options.ts'
import { typeUris } from './party.ts'
import { withChain } from './withChain.ts'

type CreateOptions = {
  readonly nameEn?: string
  readonly nameZh?: string
  readonly code?: string
  readonly type?: readonly string[]
}

/** `weir department`: who works here, and what the chain says of them. */
export const registerDepartment: Register = (program, language) => {
  const group = addGroup(program, language, {
    name: 'department',
    summary: { en: 'list, show and create departments', zh: '列出、查看和新建部门' },
  })
  addCommand(
    group,
    language,
    {
      name: 'list',
      summary: { en: 'departments of this home', zh: '本安装目录中的部门' },
      more: { en: 'Example:\n  weir department list', zh: '示例：\n  weir department list' },
    },
    async ({ homePath, output }) => {
      const { configuration } = await openHome(homePath)
      const { chainId } = configuration.chain
      const departments = Object.entries(configuration.departments).map(([name, one]) => ({
        name,
        names: one.names,
        role: one.role,
        did: one.address === undefined ? undefined : formatEthrDid(chainId, one.address),
        types: one.types,
      }))
      for (const { name, names, did } of departments) {
        output.line(`${name}  ${names[output.language]}`)
        output.say({ en: `  ${did ?? 'not set up yet'}`, zh: `  ${did ?? '尚未建立'}` })
      }
      output.answer({ departments })
      return 0
    },
  )
  addCommand(
    group,
    language,
    {
      name: 'show <department>',
      summary: {
        en: 'account, keys and accreditations of a department',
        zh: '部门的账户、密钥和授权',
      },
      more: {
        en: 'Example:\n  weir department show market-regulator',
        zh: '示例：\n  weir department show market-regulator',
      },
    },
    async (context, _options, [name]) =>
      withChain(context, async (home, chain) => {
        const { output } = context
        const shown = await departmentAt(home, chain, name!)
        output.line(`${shown.name}  ${shown.names[output.language]}`)
        if (shown.did === undefined) output.say({ en: 'not set up yet', zh: '尚未建立' })
        else output.line(`  ${shown.did}`)
        output.say({
          en: `  account ${shown.account ?? '-'}`,
          zh: `  账户 ${shown.account ?? '-'}`,
        })
        for (const key of shown.keys) {
          output.line(`  ${key.id}  ${key.thumbprint}`)
          for (const line of keyLines(key, output.language)) output.line(`    ${line}`)
        }
        for (const { type, from, until, withdrawnAt } of shown.accreditations) {
          const { language: spoken } = output
          const end = withdrawnAt ?? until
          output.say({
            en: `  ${type}: ${dateText(from, spoken)} - ${dateText(end, spoken)} UTC${withdrawnAt ? ', withdrawn' : ''}`,
            zh: `  ${type}：世界时${dateText(from, spoken)} 至 ${dateText(end, spoken)}${withdrawnAt ? '，已撤回' : ''}`,
          })
        }
        output.answer(shown)
        return 0
      }),
  )
  addCommand<CreateOptions>(
    group,
    language,
    {
      name: 'create <department>',
      summary: {
        en: 'add a department to the local district',
        zh: '在本地区中新建部门',
      },
      options: [
        ['--name-en <name>', { en: 'name in English', zh: '英文名称' }],
        ['--name-zh <name>', { en: 'name in Chinese', zh: '中文名称' }],
        ['--code <code>', { en: 'unified social credit code', zh: '统一社会信用代码' }],
        [
          '--type <type>',
          { en: 'certificate type that it issues; may be repeated', zh: '签发的证照类型，可重复' },
          [],
        ],
      ],
      more: {
        en: `Makes its account and keys, registers and accredits it, and has its key certified. Repeating it is harmless.

Example:
  weir department create civil-affairs --name-en "Civil affairs" --name-zh 民政局 \\
    --code 11510181MB0000005M --type marriage-certificate`,
        zh: `生成账户和密钥，登记并授权，认证密钥。重复执行无害。

示例：
  weir department create civil-affairs --name-en "Civil affairs" --name-zh 民政局 \\
    --code 11510181MB0000005M --type marriage-certificate`,
      },
    },
    async ({ homePath, output }, options, [name]) => {
      if (!/^[a-z][a-z0-9-]{0,39}$/.test(name!)) throw badOption('department', 'a-z 0-9 -')
      const home = await openHome(homePath)
      const known = home.configuration.departments
      const now = new Date()
      let changed = home
      if (!Object.hasOwn(known, name!)) {
        const types = required(options.type, '--type')
        typeUris(types)
        const entry = {
          names: {
            en: required(options.nameEn, '--name-en'),
            zh: required(options.nameZh, '--name-zh'),
          },
          code: socialCreditCode(required(options.code, '--code')),
          role: 'department' as const,
          types: builtInTypes
            .filter(({ id, uri }) => types.some((one) => one === id || one === uri))
            .map(({ id }) => id),
          store: { kind: 'sqlite' as const, path: `departments/${name}/store.sqlite` },
          keys: `departments/${name}/keys.json`,
        }
        const departments = { ...known, [name!]: entry }
        const configuration = { ...home.configuration, departments }
        // Read as it will be read from the file, so that nothing is saved that cannot be opened again.
        readConfiguration(new TextEncoder().encode(JSON.stringify(configuration)))
        changed = await saveHome(home, configuration)
      }
      const { home: done, chain } = await setUpDistrict(changed, now, () => {})
      try {
        const shown = await departmentAt(done, chain, name!)
        output.say({ en: `${name} is ready: ${shown.did}`, zh: `${name} 已建立：${shown.did}` })
        output.answer(shown)
        return 0
      } finally {
        chain.close()
      }
    },
  )
}

/** A code of the right form has the right check character too; its form is the configuration's to judge. */
function socialCreditCode(code: string): string {
  const isTypedWrong = hasForm('socialCreditCode', code) && !hasCheckDigit('socialCreditCode', code)
  if (isTypedWrong) throw badOption('--code', 'check character')
  return code
}

/** What this home and the chain say about a department. */
async function departmentAt(home: Home, chain: OpenChain, name: string) {
  const { names, code, role, address, types } = departmentOf(home, name)
  const view = await chain.cold.view()
  const record = address === undefined ? undefined : await view.department(address)
  const accreditations = []
  for (const type of address === undefined ? [] : typeUris(types)) {
    const chains = await view.accreditations(address!, certificateTypeHash(type))
    for (const [accreditation] of chains) {
      if (accreditation === undefined) continue
      const { rights, from, until, withdrawnAt } = accreditation
      accreditations.push({ type, rights, from, until, withdrawnAt })
    }
  }
  return {
    name,
    names,
    code,
    role,
    did: address && formatEthrDid(chain.deployment.identity.chainId, address),
    account: record?.account,
    accreditor: record?.accreditor,
    registeredAt: record?.registeredAt,
    removedAt: record?.removedAt,
    keys: await readKeyStates(home, view, name),
    accreditations,
  }
}
