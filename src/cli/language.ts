import type { Code } from '../errors.ts'
import en from '../messages/en.json' with { type: 'json' }
import zh from '../messages/zh.json' with { type: 'json' }

export type Language = 'en' | 'zh'

/** A text in both languages. */
export type Text = { readonly en: string; readonly zh: string }

/**
 * The language to speak: `--lang`, else the environment's, else English.
 *
 * @param argv the arguments as given, since help is built before they are parsed.
 */
export function languageOf(argv: readonly string[], environment: NodeJS.ProcessEnv): Language {
  const flag = argv.findIndex((argument) => argument === '--lang' || argument.startsWith('--lang='))
  const asked = flag < 0 ? undefined : (argv[flag]?.split('=')[1] ?? argv[flag + 1])
  if (asked === 'zh' || asked === 'en') return asked
  const locale = environment.LC_ALL ?? environment.LC_MESSAGES ?? environment.LANG ?? ''
  return locale.startsWith('zh') ? 'zh' : 'en'
}

/** The sentence for a code: what is the matter and what to do. */
export function sentence(code: Code, language: Language): string {
  const sentences: Readonly<Record<string, string>> = language === 'zh' ? zh : en
  return sentences[code] ?? code
}

/** A date as people read it: `22 Nov 2026, 14:05` or `2026年11月22日 14:05`, UTC. */
export function dateText(date: Date, language: Language): string {
  const time = date.toISOString().slice(11, 16)
  if (language === 'zh') {
    return `${date.getUTCFullYear()}年${date.getUTCMonth() + 1}月${date.getUTCDate()}日 ${time}`
  }
  const month = date.toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' })
  return `${date.getUTCDate()} ${month} ${date.getUTCFullYear()}, ${time}`
}
