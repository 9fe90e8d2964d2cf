#!/usr/bin/env node
import { program } from 'commander'
import { exits } from './exit.ts'
import { languageOf } from './language.ts'

const language = languageOf(process.argv, process.env)
program
  .name('weir')
  .description(
    {
      en: 'Certificates that stay home and fingerprints that flow: issue, anchor, present, verify.',
      zh: '证照留在本部门，指纹上链：签发、锚定、出示、核验。',
    }[language],
  )
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : exits.usage)
  })
await program.parseAsync()
