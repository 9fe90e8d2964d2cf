import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { findType } from '../../src/certificate/types.ts'
import { readRecords } from '../../src/connector/recordFile.ts'
import { recordKey } from '../../src/connector/recordKey.ts'
import { type SampleFile, writeSampleFiles } from '../samples/files.ts'
import { ask } from './ask.ts'
import { type District, departmentNames } from './district.ts'
import type { Report } from './report.ts'
import { finalCopy, type Issued } from './service.ts'

/** What an import did. */
export type Imported = {
  readonly certificates: number
  readonly credentials: number
  readonly refused: number
  /** Tokens of about 25 certificates. */
  readonly sample: readonly string[]
}

/** Requests under way at a time at one department. */
const atOnce = 48

/**
 * Makes the departments' files, and lets each department's own system issue every record in them, all
 * departments at once; waits until the last one is final.
 */
export async function importRecords(
  district: District,
  folder: string,
  count: number,
  report: Report,
): Promise<Imported> {
  const files = writeSampleFiles(folder, count, 1)
  const total = files.length * count
  const done = { certificates: 0, credentials: 0, refused: 0, sample: [] as string[] }
  const every = Math.max(1, Math.floor(total / 25))
  const { departments } = district.home.configuration
  const work = departmentNames.map(async (name) => {
    const own = files.filter(({ type }) => departments[name]!.types.includes(type))
    const wishes = wishesIn(folder, own)
    let last: Issued | undefined
    const one = async () => {
      for await (const { key, body } of wishes) {
        try {
          last = await ask<Issued>(district.urlOf(name), '/certificates', { body, key })
        } catch (error) {
          report.say(`  ${name} refused a row: ${(error as Error).message}`)
          done.refused += 1
          continue
        }
        done.certificates += 1
        done.credentials += last.copies.length
        if (done.certificates % every === 0) done.sample.push(...last.copies.map((c) => c.token))
        report.progress('issued', done.certificates, total)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, one))
    if (last) for (const copy of last.copies) await finalCopy(district, name, copy.fingerprint)
  })
  await Promise.all(work)
  return done
}

async function* wishesIn(folder: string, files: readonly SampleFile[]) {
  for (const file of files) {
    const type = findType(file.type)
    const stream = createReadStream(join(folder, file.file))
    for await (const { row, claims, error } of readRecords(type, stream, { format: file.format })) {
      if (error !== undefined) throw new Error(`${file.file} row ${row}: ${error.code}`)
      yield { key: recordKey(type, claims), body: { type: type.id, claims } }
    }
  }
}
