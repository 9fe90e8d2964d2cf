import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { certificatesPage } from './docs/certificates.ts'
import { changedTypes, type Digests, digestsToday } from './docs/digests.ts'
import { errorsPage } from './docs/errors.ts'

const digestsFile = new URL('../src/certificate/digests.json', import.meta.url)

const pinned: Digests = existsSync(digestsFile) ? JSON.parse(readFileSync(digestsFile, 'utf8')) : {}
const today = digestsToday()
const changed = changedTypes(pinned, today)

writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsPage())
writeFileSync(new URL('../docs/certificates.md', import.meta.url), certificatesPage())
if (changed.length > 0) {
  process.stderr.write(
    `These published types changed; give them a new version instead:\n${changed.join('\n')}\n`,
  )
  process.exitCode = 1
} else {
  writeFileSync(digestsFile, `${JSON.stringify({ ...pinned, ...today }, null, 2)}\n`)
}
