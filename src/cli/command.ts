import type { Command } from 'commander'
import { exitOf } from './exit.ts'
import { type Language, languageOf, type Text } from './language.ts'
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
 * Adds a command with the options that all share: `--home`, `--json`, `--lang`.
 *
 * @param work parses nothing and prints nothing but through `output`; what it throws becomes a sentence,
 *   a code and an exit code.
 */
export function addCommand<Options extends object>(
  program: Command,
  language: Language,
  declaration: {
    /** Name and arguments as commander writes them: `verify [file]`. */
    readonly name: string
    readonly summary: Text
    /** What people ask of `--help`: examples, exit codes. */
    readonly more?: Text
    readonly options?: readonly (readonly [flags: string, text: Text, standard?: string])[]
  },
  work: (context: Context, options: Options, args: readonly string[]) => Promise<Result>,
): void {
  const shared: readonly (readonly [string, Text, string?])[] = [
    ['--home <folder>', { en: 'home folder (WEIR_HOME)', zh: '安装目录（WEIR_HOME）' }],
    ['--json', { en: 'answer programs on standard output', zh: '向标准输出给出供程序读取的结果' }],
    ['--lang <zh|en>', { en: 'language', zh: '语言' }],
  ]
  const command = program.command(declaration.name).description(declaration.summary[language])
  for (const [flags, text, standard] of [...(declaration.options ?? []), ...shared]) {
    command.option(flags, text[language], standard)
  }
  if (declaration.more) command.addHelpText('after', `\n${declaration.more[language]}`)
  command.action(async (...given: unknown[]) => {
    const own = given.at(-1) as Command
    const options = own.opts<Options & { home?: string; json?: boolean; lang?: string }>()
    const spoken = languageOf(options.lang ? ['--lang', options.lang] : [], process.env)
    const output = openOutput(options.lang ? spoken : language, options.json === true)
    const homePath = options.home ?? process.env.WEIR_HOME ?? '.weir'
    try {
      process.exitCode = (await work({ output, homePath }, options, own.args)) ?? 0
    } catch (error) {
      sayError(output, error)
      process.exitCode = exitOf(error)
    }
  })
}
