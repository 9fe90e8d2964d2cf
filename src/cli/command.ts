import { type Command, Option } from 'commander'
import { exitOf } from './exit.ts'
import type { Language, Text } from './language.ts'
import { type Output, openOutput, sayError } from './output.ts'

/** What every command is given beside its own options. */
export type Context = {
  readonly output: Output
  /** Home folder: `--home`, else `WEIR_HOME`, else `.weir`. */
  readonly homePath: string
}

/** Ends with this exit code; everything else ends with 0 or with the error's. */
export type Result = number | undefined

/** Builds one command into the program; help in the language asked for. */
export type Register = (program: Command, language: Language) => void

/**
 * Flags as commander writes them, what they mean, and their standard value; a list as standard value
 * says that the option may be repeated.
 */
export type OptionDeclaration = readonly [
  flags: string,
  text: Text,
  standard?: string | readonly [],
]

/** A command as people see it. */
export type Declaration = {
  /** Name and arguments as commander writes them: `verify [file]`. */
  readonly name: string
  readonly summary: Text
  /** What people ask of `--help`: examples, exit codes. */
  readonly more?: Text
  readonly options?: readonly OptionDeclaration[]
}

const languageOption: OptionDeclaration = ['--lang <zh|en>', { en: 'language', zh: '语言' }]

const shared: readonly OptionDeclaration[] = [
  ['--home <folder>', { en: 'home folder (WEIR_HOME)', zh: '安装目录（WEIR_HOME）' }],
  ['--json', { en: 'answer programs on standard output', zh: '向标准输出给出供程序读取的结果' }],
  languageOption,
]

/**
 * Adds a command with the options that all share: `--home`, `--json`, `--lang`.
 *
 * @param work parses nothing and prints nothing but through `output`; what it throws becomes a sentence,
 *   a code and an exit code.
 */
export function addCommand<Options extends object>(
  program: Command,
  language: Language,
  declaration: Declaration,
  work: (context: Context, options: Options, args: readonly string[]) => Promise<Result>,
): void {
  const command = program.command(declaration.name).description(declaration.summary[language])
  for (const option of [...(declaration.options ?? []), ...shared]) {
    command.addOption(optionOf(option, language))
  }
  if (declaration.more) command.addHelpText('after', `\n${declaration.more[language]}`)
  command.action(async (...given: unknown[]) => {
    const own = given.at(-1) as Command
    const options = own.opts<Options & { home?: string; json?: boolean }>()
    const output = openOutput(language, options.json === true)
    const homePath = options.home ?? process.env.WEIR_HOME ?? '.weir'
    try {
      process.exitCode = (await work({ output, homePath }, options, own.args)) ?? 0
    } catch (error) {
      sayError(output, error)
      process.exitCode = exitOf(error)
    }
  })
}

/** Adds a command that only holds others: `weir key rotate`. */
export function addGroup(
  program: Command,
  language: Language,
  { name, summary }: Pick<Declaration, 'name' | 'summary'>,
): Command {
  return addLanguage(program.command(name).description(summary[language]), language)
}

/** Lets `--lang` stand behind this command, too; what it says was read before, see `languageOf`. */
export function addLanguage(command: Command, language: Language): Command {
  return command.addOption(optionOf(languageOption, language))
}

function optionOf([flags, text, standard]: OptionDeclaration, language: Language): Option {
  const option = new Option(flags, text[language])
  if (flags === languageOption[0]) return option.choices(['zh', 'en'])
  if (standard === undefined) return option
  if (typeof standard === 'string') return option.default(standard)
  return option.argParser((value: string, before: readonly string[] = []) => [...before, value])
}
