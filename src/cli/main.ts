#!/usr/bin/env node
import { exits } from './exit.ts'
import { languageOf } from './language.ts'
import { openOutput, sayError } from './output.ts'
import { buildProgram } from './program.ts'
import { registersFor } from './registers.ts'

const language = languageOf(process.argv, process.env)

// Whoever reads us may stop reading; what is left to say is then nobody's.
process.stdout.on('error', () => process.exit(exits.internal))
process.on('uncaughtException', (error) => {
  sayError(openOutput(language, process.argv.includes('--json')), error)
  process.exit(exits.internal)
})
const registers = await registersFor(process.argv.slice(2))
await buildProgram(language, registers).parseAsync()
