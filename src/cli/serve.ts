import { accreditorKind } from '../services/accreditor/kind.ts'
import { departmentKind } from '../services/department/kind.ts'
import { openLogger } from '../services/logger.ts'
import { printed, readSettings } from '../services/settings.ts'
import { startService } from '../services/start.ts'
import { departmentOf, openHome } from '../wire/home.ts'
import { addCommand, type Register } from './command.ts'
import { wholeNumber } from './options.ts'
import type { Output } from './output.ts'
import { untilStopped } from './untilStopped.ts'

type Options = {
  readonly port?: string
  readonly baseUrl?: string
  readonly development?: boolean
  readonly printConfiguration?: boolean
}

/** `weir serve`: one department as one process. */
export const registerServe: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'serve <department>',
      summary: {
        en: 'serve a department: wallets, verifiers and its own systems talk to it',
        zh: '运行部门服务：供钱包、核验方和本部门系统使用',
      },
      options: [
        [
          '--port <number>',
          { en: 'port (WEIR_PORT); 0: any', zh: '端口（WEIR_PORT）；0 为任意端口' },
        ],
        [
          '--base-url <url>',
          {
            en: 'address that others reach it at (WEIR_BASE_URL)',
            zh: '外部访问地址（WEIR_BASE_URL）',
          },
        ],
        [
          '--development',
          { en: 'open to everybody on this machine, for trying', zh: '对本机所有人开放，仅供试用' },
        ],
        [
          '--print-configuration',
          {
            en: 'print the configuration without secrets, and end',
            zh: '打印配置（隐去秘密）后退出',
          },
        ],
      ],
      more: {
        en: `It anchors what it issues, and stops cleanly on Ctrl-C. Settings come from weir.json, the environment
over it, and these options over both; see docs/service.md.

Examples:
  weir token create registration-centre --name front-office --role clerk
  weir serve registration-centre --port 4001 --base-url https://registry.example
  weir serve registration-centre --development`,
        zh: `服务会把签发的证照上链；按 Ctrl-C 平稳停止。设置取自 weir.json，环境变量优先于它，
命令行选项优先于两者；见 docs/service.md。

示例：
  weir token create registration-centre --name front-office --role clerk
  weir serve registration-centre --port 4001 --base-url https://registry.example
  weir serve registration-centre --development`,
      },
    },
    async ({ homePath, output }, options, [name]) => {
      const settings = readSettings(await openHome(homePath), name!, process.env, {
        ...(options.port !== undefined && { port: wholeNumber(options.port, '--port') }),
        ...(options.baseUrl !== undefined && { baseUrl: options.baseUrl }),
        ...(options.development && { isDevelopment: true }),
      })
      const shown = printed(settings)
      if (options.printConfiguration) {
        output.answer(shown)
        output.document(`${JSON.stringify(shown, null, 2)}\n`)
        return 0
      }
      output.line(JSON.stringify(shown, null, 2))
      const logger = openLogger(name!, settings.logLevel)
      const { role } = departmentOf(settings.home, name!)
      const running =
        role === 'accreditor'
          ? await startService(settings, accreditorKind, logger)
          : await startService(settings, departmentKind, logger)
      if (settings.isDevelopment) sayOpen(output)
      output.say({ en: `${name} at ${running.url.href}`, zh: `${name}：${running.url.href}` })
      output.answer({
        department: name,
        url: running.url.href,
        development: settings.isDevelopment,
      })
      return untilStopped(running, output)
    },
  )
}

function sayOpen(output: Output): void {
  output.say({
    en: `
  ************************************************************************
  *  DEVELOPMENT PROFILE: open to everybody on this machine, no tokens.  *
  *  Never use it for real certificates.                                 *
  ************************************************************************
`,
    zh: `
  ************************************************************************
  *  开发模式：对本机所有人开放，无需令牌。切勿用于真实证照。            *
  ************************************************************************
`,
  })
}
