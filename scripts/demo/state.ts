import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Counts the runs of the story in a home: each tells a new one beside what is kept. */
export function nextRun(home: string): number {
  const file = join(home, 'demo.json')
  let run = 1
  try {
    run = (JSON.parse(readFileSync(file, 'utf8')) as { run: number }).run + 1
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  mkdirSync(home, { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.next`, JSON.stringify({ run }))
  renameSync(`${file}.next`, file)
  return run
}
