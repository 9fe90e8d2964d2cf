import type { Issuing } from './issuing.ts'
import type { Figure } from './measure.ts'

/** Everything one run of the benchmark saw. */
export type Results = {
  readonly date: string
  readonly machine: { readonly cores: number; readonly model: string; readonly memoryGiB: number }
  readonly limits: readonly Figure[]
  readonly issuing: readonly Issuing[]
  readonly verifying: readonly Figure[]
  readonly trees: readonly Figure[]
  readonly peers: readonly Figure[]
}

const number = (value: number) => value.toLocaleString('en')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(head),
    line(head.map((_, at) => (at === 0 ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n')
}

function figures(list: readonly Figure[]): string {
  return table(
    ['what', 'count', 'a second', 'microseconds each'],
    list.map((one) => [
      one.name,
      number(one.count),
      number(one.perSecond),
      number(one.microseconds),
    ]),
  )
}

/** `docs/performance.md`. */
export function page(results: Results): string {
  const { date, machine } = results
  return `# Performance

Written by \`npm run bench\` for the sizes shown (\`--sizes\`; without it up to 1,000,000); every figure was seen in one run on ${date}, on ${machine.cores} cores (${machine.model}) with ${machine.memoryGiB} GiB of memory. Certificates are real-estate titles with 13 claims, ten of which an SD-JWT conceals. Issuing is done when plans and signatures are stored and synced; anchoring when the batch is final on the local chain and its dump is synced. Issued and anchored are timed one after the other; *together* is another run of the same size in which anchoring goes on beside issuing, from the first request to the last final batch. A batch waits for a block, and the local chain makes one a second. One issuer, one SQLite file, which grows from row to row. Memory is what a row added to the process once everything unused was collected: to all of it (threads and the database's cache included), and to the objects of the main thread.

## What the machine can do

One core, one disk.

${figures(results.limits)}

## Issue and anchor

${table(
  [
    'format',
    'every signature checked',
    'certificates',
    'issued/s',
    'anchored/s',
    'together/s',
    'gas each',
    'chain bytes each',
    'memory +MiB',
    'heap +MiB',
  ],
  results.issuing.map((one) => [
    one.format,
    one.everySignatureChecked ? 'yes' : 'no',
    number(one.count),
    number(one.issuedPerSecond),
    number(one.anchoredPerSecond),
    number(one.togetherPerSecond),
    String(one.gasPerCredential),
    String(one.chainBytesPerCredential),
    number(one.memoryMiB),
    number(one.heapMiB),
  ]),
)}

## Verify

From the text of a certificate file to the verdict: form, signature, validity, key, anchor with its proof, accreditation and status. Warm reads this process's copy of the chain; cold starts with nothing but the deployment file.

${figures(results.verifying)}

## Trees

Leaves hashed, sorted and built.

${figures(results.trees)}

## Beside peers, in the same run

Both only sign or check signatures here: no store, no anchor, no status.

${figures(results.peers)}
`
}
