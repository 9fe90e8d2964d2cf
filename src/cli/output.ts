import { isWeirError } from '../errors.ts'
import { type Language, sentence, type Text } from './language.ts'

/** Where a command's words go: people read standard error, programs read JSON on standard output. */
export type Output = {
  readonly language: Language
  readonly json: boolean
  /** A line for people. */
  say(text: Text): void
  /** A line that is the same in both languages: names, numbers. */
  line(text: string): void
  /** The one answer for programs; nothing without `--json`. */
  answer(value: unknown): void
  /** A document that the command makes (a request, a presentation), on standard output; nothing with `--json`. */
  document(text: string): void
  /** Progress on one line of a terminal; a line every ten percent elsewhere, or every 10,000. */
  progress(label: Text, done: number, total?: number): void
}

export function openOutput(language: Language, json: boolean): Output {
  let lastStep = -1
  const line = (text: string) => {
    if (!json) process.stderr.write(`${text}\n`)
  }
  return {
    language,
    json,
    say: (text) => line(text[language]),
    line,
    answer: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, jsonValue)}\n`)
    },
    document: (text) => {
      if (!json) process.stdout.write(text)
    },
    progress: (label, done, total) => {
      if (json) return
      const of = total === undefined ? '' : ` / ${total.toLocaleString('en')}`
      const text = `${label[language]} ${done.toLocaleString('en')}${of}`
      if (process.stderr.isTTY) {
        const isEnd = total !== undefined && done >= total
        process.stderr.write(`\r\x1b[K${text}${isEnd ? '\n' : ''}`)
        return
      }
      const step =
        total === undefined ? Math.floor(done / 10_000) : Math.floor((done * 10) / (total || 1))
      if (step !== lastStep) line(text)
      lastStep = total !== undefined && done >= total ? -1 : step
    },
  }
}

/** An error for people and for programs: its sentence, its code and what stands beside it; never a stack. */
export function sayError(output: Output, error: unknown): void {
  const { language } = output
  if (!isWeirError(error)) {
    const code = 'internal/unexpected'
    output.line(`${sentence(code, language)}\n  [${code}]`)
    if (process.env.WEIR_DEBUG === '1') process.stderr.write(`${(error as Error)?.stack}\n`)
    output.answer({ error: { kind: 'Error', code, message: sentence(code, language), detail: {} } })
    return
  }
  const { code, detail } = error
  const beside = Object.entries(detail)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
  output.line(printable(`${sentence(code, language)}\n  [${code}]${beside ? ` ${beside}` : ''}`))
  output.answer({ error: { kind: error.name, code, message: sentence(code, language), detail } })
}

/**
 * Text from outside made harmless for a terminal: control characters (escape sequences, overwritten
 * lines) and marks that turn the writing direction become `�`.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, '�')
}

function jsonValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return value
}
