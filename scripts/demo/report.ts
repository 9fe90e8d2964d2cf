/** One line of the closing table. */
export type Line = {
  readonly step: string
  readonly found: string
  readonly isTrue: boolean
  readonly ms: number
}

/** Tells people what is going on, and keeps what the closing table says. */
export type Report = {
  readonly lines: readonly Line[]
  /** Runs one step; what it returns stands in the table. A step that throws stops the story. */
  step(name: string, work: () => Promise<{ found: string; isTrue?: boolean }>): Promise<void>
  progress(label: string, done: number, total: number): void
  say(text: string): void
}

export function openReport(): Report {
  const lines: Line[] = []
  const isTerminal = process.stderr.isTTY
  let shown = 0
  return {
    lines,
    async step(name, work) {
      process.stderr.write(`\n${name} ...\n`)
      const started = performance.now()
      const { found, isTrue = true } = await work()
      const ms = performance.now() - started
      lines.push({ step: name, found, isTrue, ms })
      process.stderr.write(`  ${isTrue ? '✓' : '✗'} ${found} (${(ms / 1000).toFixed(1)} s)\n`)
    },
    progress(label, done, total) {
      const isLast = done >= total
      const now = performance.now()
      if (!isLast && now - shown < (isTerminal ? 100 : 2000)) return
      shown = now
      const text = `  ${label} ${done.toLocaleString('en')} / ${total.toLocaleString('en')}`
      process.stderr.write(isTerminal ? `\r\x1b[K${text}${isLast ? '\n' : ''}` : `${text}\n`)
    },
    say: (text) => process.stderr.write(`${text}\n`),
  }
}

/** The closing table. */
export function table(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ step }) => step.length))
  const rows = lines.map(({ step, found, isTrue, ms }) => {
    const seconds = `${(ms / 1000).toFixed(1)} s`.padStart(7)
    return `${isTrue ? '✓' : '✗'} ${step.padEnd(width)} ${seconds}  ${found}`
  })
  return rows.join('\n')
}
