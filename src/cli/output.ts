import { type Code, isWeirError } from '../errors.ts'
import { type Language, sentence, type Text } from './language.ts'

/** Where a command's words go: people read standard error, programs read JSON on standard output. */
export type Output = {
  readonly language: Language
  readonly json: boolean
  /** A line for people. */
  say(text: Text): void
  /** The one answer for programs; nothing without `--json`. */
  answer(value: unknown): void
  /** Progress on one line of a terminal; a line every ten percent elsewhere. */
  progress(label: Text, done: number, total: number): void
}

export function openOutput(language: Language, json: boolean): Output {
  let lastTenth = -1
  return {
    language,
    json,
    say: (text) => {
      if (!json) process.stderr.write(`${text[language]}\n`)
    },
    answer: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, jsonValue)}\n`)
    },
    progress: (label, done, total) => {
      if (json) return
      const line = `${label[language]} ${done.toLocaleString('en')} / ${total.toLocaleString('en')}`
      if (process.stderr.isTTY) {
        process.stderr.write(`\r\x1b[K${line}${done >= total ? '\n' : ''}`)
        return
      }
      const tenth = Math.floor((done * 10) / Math.max(total, 1))
      if (tenth !== lastTenth) process.stderr.write(`${line}\n`)
      lastTenth = done >= total ? -1 : tenth
    },
  }
}

/** An error for people and for programs: its sentence, its code and what stands beside it; never a stack. */
export function sayError(output: Output, error: unknown): void {
  if (!isWeirError(error)) {
    output.say(sentences('internal/unexpected'))
    if (process.env.WEIR_DEBUG === '1') process.stderr.write(`${(error as Error)?.stack}\n`)
    output.answer({ error: { kind: 'Error', code: 'internal/unexpected' } })
    return
  }
  const beside = Object.entries(error.detail)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
  const text = `${sentence(error.code, output.language)}\n  [${error.code}]${beside ? ` ${beside}` : ''}`
  output.say({ en: text, zh: text })
  output.answer({
    error: {
      kind: error.name,
      code: error.code,
      message: sentence(error.code, output.language),
      detail: error.detail,
    },
  })
}

function sentences(code: Code): Text {
  return { en: sentence(code, 'en'), zh: sentence(code, 'zh') }
}

function jsonValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return value
}
