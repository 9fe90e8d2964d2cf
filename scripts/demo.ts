/**
 * `npm start`: runs four departments, an accreditor and a registry node as processes of their own on a real
 * local chain, plays the story between them, a clinic and a bank, and ends with a table; then it stays until
 * Ctrl-C. Run again, it goes on from what is kept in the home folder.
 *
 *   node scripts/demo.ts [--home DIR] [--records N] [--once]
 */
import { exitOf } from '../src/cli/exit.ts'
import { languageOf } from '../src/cli/language.ts'
import { openOutput, sayError } from '../src/cli/output.ts'
import { untilAsked } from '../src/cli/untilAsked.ts'
import { type District, openDistrict } from './demo/district.ts'
import { openReport, table } from './demo/report.ts'
import { nextRun } from './demo/state.ts'
import { play } from './demo/story.ts'
import { optionsOf } from './options.ts'

const values = optionsOf({
  home: { type: 'string', default: process.env.WEIR_HOME ?? '.weir' },
  records: { type: 'string', default: '1000' },
  lang: { type: 'string' },
  once: { type: 'boolean', default: false },
})
const records = Number(values.records)
if (!Number.isSafeInteger(records) || records < 1) {
  process.stderr.write('--records takes a whole number from 1\n')
  process.exit(64)
}
const report = openReport()
const started = performance.now()
try {
  const run = nextRun(values.home)
  report.say(`Weir plays its story, run ${run} in ${values.home}.`)
  let district!: District
  await report.step('Chain, contracts and departments', async () => {
    district = await openDistrict(values.home, report)
    return { found: 'an accreditor and four departments, with accounts, certificates and keys' }
  })
  try {
    await play(district, report, { run, records })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    process.stdout.write(`\n${table(report.lines)}\n\nThe whole story took ${seconds} s.\n\n`)
    for (const [name, url] of district.urls) {
      process.stdout.write(`${name.padEnd(22)} ${url}reference\n`)
    }
    process.stdout.write('\nREADME.md has a five-minute tour.\n')
    if (report.lines.some(({ isTrue }) => !isTrue)) process.exitCode = 1
    if (!values.once) {
      report.say('They stay until Ctrl-C; what is kept is in the home folder.')
      await untilAsked()
    }
  } finally {
    await district.close()
  }
} catch (error) {
  const language = languageOf(values.lang ? ['--lang', values.lang] : [], process.env)
  sayError(openOutput(language, false), error)
  process.exitCode = exitOf(error)
}
