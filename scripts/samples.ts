import { optionsOf } from './options.ts'
import { writeSampleFiles } from './samples/files.ts'

const usage = `Makes files of sample records, one for each certificate type, the same for the same seed.

  node scripts/samples.ts --out FOLDER [--count N] [--seed N]

  --count  records of each type, default 1000
  --seed   default 1
`

const values = optionsOf({
  count: { type: 'string', default: '1000' },
  seed: { type: 'string', default: '1' },
  out: { type: 'string' },
  help: { type: 'boolean', default: false },
})
const count = Number(values.count)
const seed = Number(values.seed)
const isUsable =
  Number.isSafeInteger(count) && count >= 1 && count <= 9_999_998 && Number.isSafeInteger(seed)

if (values.help || values.out === undefined || !isUsable) {
  process.stderr.write(usage)
  process.exitCode = values.help ? 0 : 64
} else {
  for (const { type, file, format, encoding } of writeSampleFiles(values.out, count, seed))
    process.stdout.write(`${file}  ${count} ${type}, ${format}, ${encoding}\n`)
}
