import { Command, type CommanderError, Help } from 'commander'
import { InputError } from '../errors.ts'
import { addLanguage, type Register } from './command.ts'
import { exits } from './exit.ts'
import type { Language, Text } from './language.ts'
import { openOutput, sayError } from './output.ts'

const titles: Readonly<Record<string, Text>> = {
  'Usage:': { en: 'Usage:', zh: '用法：' },
  'Arguments:': { en: 'Arguments:', zh: '参数：' },
  'Options:': { en: 'Options:', zh: '选项：' },
  'Commands:': { en: 'Commands:', zh: '命令：' },
}
/** Words of the usage line that a Chinese help says in Chinese. */
const usageWords: Readonly<Record<string, string>> = {
  options: '选项',
  command: '命令',
  department: '部门',
  certificate: '证照',
  accreditor: '授权方',
  wallet: '钱包',
  records: '记录',
  request: '请求',
  file: '文件',
  key: '密钥',
  name: '名称',
}
const help: Text = { en: 'show this help', zh: '显示帮助' }

/**
 * The whole program in one language. A wrong command line ends the process with 64, one sentence and
 * where help is; words of the command line are not repeated, for they may be about a person.
 */
export function buildProgram(language: Language, registers: readonly Register[]): Command {
  const root = new Command()
  root
    .name('weir')
    .description(
      {
        en: 'Certificates that stay home and fingerprints that flow: issue, anchor, present, verify.',
        zh: '证照留在本部门，指纹上链：签发、锚定、出示、核验。',
      }[language],
    )
    .helpOption('-h, --help', help[language])
    .helpCommand(false)
    .configureHelp({
      styleTitle: (title) => titles[title]?.[language] ?? title,
      commandUsage(command) {
        const usage = Help.prototype.commandUsage.call(this, command)
        if (language === 'en') return usage
        return usage.replace(/([[<])([a-z]+)/g, (whole, bracket, word) =>
          Object.hasOwn(usageWords, word) ? `${bracket}${usageWords[word]}` : whole,
        )
      },
      // Commander would add `(choices: ...)` in English; our flags and texts say it.
      optionDescription: (option) => option.description,
    })
    .configureOutput({ outputError: () => {} })
    .exitOverride((error) => endUsage(error, language))
  addLanguage(root, language)
  for (const register of registers) register(root, language)
  root.addHelpText(
    'after',
    {
      en: '\nweir <command> --help explains a command with examples.',
      zh: '\nweir <命令> --help 查看命令说明与示例。',
    }[language],
  )
  return root
}

function endUsage(error: CommanderError, language: Language): never {
  if (error.exitCode === 0) process.exit(0)
  // `weir` and `weir key` alone: commander has shown the help.
  if (error.code === 'commander.help') process.exit(exits.usage)
  const at = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  const isOurs = /^(?:--?[a-z][a-z-]*|[a-z]+)(?:[ ,].*)?$/.test(at) && !/unknown/.test(error.code)
  sayError(
    openOutput(language, process.argv.includes('--json')),
    new InputError('cli/usage', {
      why: error.code.replace('commander.', ''),
      ...(isOurs && { at }),
    }),
  )
  process.exit(exits.usage)
}
