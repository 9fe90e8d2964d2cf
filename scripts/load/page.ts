import type { Load } from './client.ts'

/** What one run saw. */
export type LoadResults = {
  readonly date: string
  readonly machine: { readonly cores: number; readonly model: string }
  readonly seconds: number
  readonly rows: readonly { readonly what: string; readonly load: Load }[]
  /** Share of all requests that were hostile. */
  readonly hostileShare: number
  readonly slow: { readonly opened: number; readonly left: number; readonly afterSeconds: number }
  /** MiB of the service's process. */
  readonly memory: readonly { readonly when: string; readonly mebibytes: number }[]
}

const begin = '<!-- load:begin -->'
const end = '<!-- load:end -->'

/** The section of a page between its markers, the markers included; empty where there is none. */
export function loadSection(page: string): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  return from < 0 || to < from ? '' : page.slice(from, to + end.length)
}

/** The page with its section replaced, or added at its end. */
export function withLoad(page: string, section: string): string {
  const old = loadSection(page)
  if (old !== '') return page.replace(old, () => section)
  return `${page.trimEnd()}\n\n${section}\n`
}

const number = (value: number) => value.toLocaleString('en')

/** The section that `npm run load` writes. */
export function loadText(results: LoadResults): string {
  const { date, machine, seconds, rows, hostileShare, slow, memory } = results
  const line = ({ what, load }: LoadResults['rows'][number]) => {
    const { requests, perSecond, p50, p99, statuses } = load
    const answers = Object.entries(statuses)
    const shown = answers.map(([status, count]) => `${status}: ${number(count)}`).join(', ')
    return `| ${what} | ${number(requests)} | ${number(perSecond)} | ${p50} | ${p99} | ${shown} |`
  }
  return [
    begin,
    '## The service under load',
    '',
    `Written by \`npm run load\` on ${date}, on ${machine.cores} cores (${machine.model}), ${seconds} seconds a row. One department's service is one process beside its local chain; the client that makes the load is another, on the same cores. Each request issues or checks one certificate; times are milliseconds from sending a request to the end of its answer. What is issued is anchored meanwhile.`,
    '',
    '| what | requests | a second | p50 ms | p99 ms | answers |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...rows.map(line),
    '',
    `The hostile rows are one run: ${(100 * hostileShare).toFixed(1)} % of its requests are malformed, far too large, without or with wrong tokens, for unknown routes or with guessed codes, from other addresses than the good ones, each address within its limits or refused with 429. While ${number(slow.opened)} connections sent a byte a second, half of them in their headers, half in their bodies, \`/healthz\` and issuing were asked; ${number(slow.left)} of these connections were left after ${slow.afterSeconds} seconds.`,
    '',
    `Memory of the service: ${memory.map(({ when, mebibytes }) => `${number(mebibytes)} MiB ${when}`).join(', ')}.`,
    end,
  ].join('\n')
}
