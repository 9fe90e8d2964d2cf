import { openLogger } from '../services/logger.ts'
import { readRegistrySettings } from '../services/registry/settings.ts'
import { startRegistry } from '../services/registry/start.ts'
import { openHome } from '../wire/home.ts'
import { addCommand, type Register } from './command.ts'
import { wholeNumber } from './options.ts'
import { untilStopped } from './untilStopped.ts'

type Options = {
  readonly port?: string
  readonly baseUrl?: string
  readonly source?: readonly string[]
  readonly development?: boolean
}

/** `weir registry`: a public registry node as one process. */
export const registerRegistry: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'registry',
      summary: {
        en: 'serve a registry node: what the chain says and the leaves behind it, for everybody',
        zh: '运行登记节点：向所有人提供链上记录与指纹文件',
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
          '--source <address=url>',
          {
            en: 'where a department serves its leaf files; may be repeated',
            zh: '某部门指纹文件的服务地址，可重复',
          },
          [],
        ],
        [
          '--development',
          {
            en: 'on this machine only, departments over plain http',
            zh: '仅限本机，允许以 http 访问各部门',
          },
        ],
      ],
      more: {
        en: `It follows the chain into its own store, fetches every department's leaf files and keeps those that
hash to what was anchored. Departments of this home are found by their base addresses.

Examples:
  weir registry --port 4100 --base-url https://registry.example
  weir registry --source 0x5b…=https://health.example
  weir registry --development`,
        zh: `它把链上记录读入自己的数据库，取回各部门的指纹文件，只保留与上链的根一致者。
本安装目录中的部门按其访问地址查找。

示例：
  weir registry --port 4100 --base-url https://registry.example
  weir registry --source 0x5b…=https://health.example
  weir registry --development`,
      },
    },
    async ({ homePath, output }, options) => {
      const settings = readRegistrySettings(await openHome(homePath), process.env, {
        ...(options.port !== undefined && { port: wholeNumber(options.port, '--port') }),
        ...(options.baseUrl !== undefined && { baseUrl: options.baseUrl }),
        ...(options.source && { sources: options.source }),
        ...(options.development && { isDevelopment: true }),
      })
      const running = await startRegistry(settings, openLogger('registry', 'info'))
      output.say({
        en: `Registry node at ${running.url.href}`,
        zh: `登记节点：${running.url.href}`,
      })
      output.answer({ url: running.url.href, development: settings.isDevelopment })
      return untilStopped(running, output)
    },
  )
}
