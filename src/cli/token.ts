import { createHash, randomBytes } from 'node:crypto'
import {
  type DepartmentConfiguration,
  type Role,
  roles,
  type TokenConfiguration,
} from '../configuration/model.ts'
import { departmentOf, type Home, openHome, saveHome } from '../wire/home.ts'
import { addCommand, addGroup, type Register } from './command.ts'
import { badOption, moment, oneOf, required } from './options.ts'

type CreateOptions = {
  readonly name?: string
  readonly role?: readonly string[]
  readonly until?: string
}

/** `weir token`: who may use a department's service. */
export const registerToken: Register = (program, language) => {
  const group = addGroup(program, language, {
    name: 'token',
    summary: {
      en: 'make, list and remove tokens for a department’s service',
      zh: '生成、列出和删除部门服务的令牌',
    },
  })
  addCommand<CreateOptions>(
    group,
    language,
    {
      name: 'create <department>',
      summary: { en: 'make a token; it is shown once', zh: '生成令牌；只显示一次' },
      options: [
        ['--name <name>', { en: 'system or post that uses it', zh: '使用令牌的系统或岗位' }],
        [
          '--role <role>',
          {
            en: 'clerk, reviewer, approver, keymaster, auditor or operator; may be repeated',
            zh: 'clerk、reviewer、approver、keymaster、auditor 或 operator；可重复',
          },
          [],
        ],
        ['--until <date>', { en: 'last day', zh: '有效期至' }],
      ],
      more: {
        en: `Only its SHA-256 is kept, in weir.json. Restart the service to let it in.

Example:
  weir token create registration-centre --name front-office --role clerk --until 2027-12-31`,
        zh: `weir.json 中只保存其 SHA-256。重新启动服务后生效。

示例：
  weir token create registration-centre --name front-office --role clerk --until 2027-12-31`,
      },
    },
    async ({ homePath, output }, options, [department]) => {
      const home = await openHome(homePath)
      const name = required(options.name, '--name')
      if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) throw badOption('--name', 'name')
      const known = tokensOf(home, department!)
      if (known.some((token) => token.name === name)) throw badOption('--name', 'taken')
      const granted = [...new Set(options.role ?? [])].map((one) => oneOf(one, roles, '--role'))
      if (granted.length === 0) throw badOption('--role', 'missing')
      const token = `weir_${randomBytes(32).toString('base64url')}`
      await save(home, department!, [...known, record(token, name, granted, options.until)])
      output.say({
        en: 'This token is shown once. Keep it as you keep a key:',
        zh: '令牌只显示这一次，请像保管密钥一样保管：',
      })
      output.document(`${token}\n`)
      output.answer({ department, name, roles: granted, token })
      return 0
    },
  )
  addCommand(
    group,
    language,
    {
      name: 'list <department>',
      summary: { en: 'tokens and their roles', zh: '令牌及其角色' },
      more: {
        en: 'Example:\n  weir token list registration-centre',
        zh: '示例：\n  weir token list registration-centre',
      },
    },
    async ({ homePath, output }, _options, [department]) => {
      const tokens = tokensOf(await openHome(homePath), department!)
      const shown = tokens.map(({ name, roles: granted, until }) => ({
        name,
        roles: granted,
        until,
      }))
      for (const { name, roles: granted, until = '' } of shown) {
        output.line(`${name}  ${granted.join(' ')}  ${until}`)
      }
      output.answer({ department, tokens: shown })
      return 0
    },
  )
  addCommand(
    group,
    language,
    {
      name: 'remove <department> <name>',
      summary: { en: 'end a token', zh: '删除令牌' },
      more: {
        en: `Restart the service to lock it out.

Example:
  weir token remove registration-centre front-office`,
        zh: `重新启动服务后失效。

示例：
  weir token remove registration-centre front-office`,
      },
    },
    async ({ homePath, output }, _options, [department, name]) => {
      const home = await openHome(homePath)
      const known = tokensOf(home, department!)
      const left = known.filter((token) => token.name !== name)
      if (left.length === known.length) throw badOption('<name>', 'unknown')
      await save(home, department!, left)
      output.say({ en: `${name} is removed.`, zh: `${name} 已删除。` })
      output.answer({ department, removed: name })
      return 0
    },
  )
}

function record(
  token: string,
  name: string,
  granted: readonly Role[],
  until: string | undefined,
): TokenConfiguration {
  const sha256 = createHash('sha256').update(token).digest('hex')
  const end = until === undefined ? undefined : moment(until, '--until').toISOString()
  return { name, roles: granted, sha256, ...(end !== undefined && { until: end }) }
}

function tokensOf(home: Home, department: string): readonly TokenConfiguration[] {
  return departmentOf(home, department).service?.tokens ?? []
}

function save(home: Home, name: string, tokens: readonly TokenConfiguration[]): Promise<Home> {
  const { departments } = home.configuration
  const known = departmentOf(home, name)
  const changed: DepartmentConfiguration = { ...known, service: { ...known.service, tokens } }
  return saveHome(home, { ...home.configuration, departments: { ...departments, [name]: changed } })
}
