import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { findType } from '../../src/certificate/types.ts'
import { readRecords } from '../../src/connector/recordFile.ts'
import { recordKey } from '../../src/connector/recordKey.ts'
import { drain } from '../../src/issuer/drain.ts'
import { issue } from '../../src/issuer/issue.ts'
import type { CertificateRequest, IssuedCredential } from '../../src/issuer/model.ts'
import { resume } from '../../src/issuer/resume.ts'
import { type SampleFile, writeSampleFiles } from '../samples/files.ts'
import type { District } from './district.ts'
import type { Report } from './report.ts'

/** What an import did; `known` were issued by an earlier run. */
export type Imported = {
  readonly certificates: number
  readonly credentials: number
  readonly refused: number
  readonly known: number
  readonly sample: readonly IssuedCredential[]
}

/** Makes the departments' files, and issues and anchors every record in them. */
export async function importRecords(
  district: District,
  folder: string,
  count: number,
  report: Report,
): Promise<Imported> {
  const files = writeSampleFiles(folder, count, 1)
  const total = files.length * count
  const sample: IssuedCredential[] = []
  let certificates = 0
  let credentials = 0
  let refused = 0
  let known = 0
  for (const { name, issuer, configuration } of district.departments.values()) {
    await resume(issuer)
    for (const file of files.filter(({ type }) => configuration.types.includes(type))) {
      for await (const answer of issue(issuer, requests(folder, file))) {
        if ('error' in answer) {
          report.say(`  ${name} refused a row: ${answer.error.code}`)
          refused += 1
          continue
        }
        certificates += 1
        credentials += answer.credentials.length
        if (answer.credentials[0]!.state !== 'durable') known += 1
        if (certificates % Math.max(1, Math.floor(total / 100)) === 0) {
          sample.push(...answer.credentials)
        }
        report.progress('issued', certificates, total)
      }
    }
    await drain(issuer)
  }
  return { certificates, credentials, refused, known, sample }
}

async function* requests(folder: string, file: SampleFile): AsyncGenerator<CertificateRequest> {
  const type = findType(file.type)
  const stream = createReadStream(join(folder, file.file))
  for await (const { row, claims, error } of readRecords(type, stream, { format: file.format })) {
    if (error !== undefined) throw new Error(`${file.file} row ${row}: ${error.code}`)
    yield { idempotencyKey: recordKey(type, claims), type: type.id, claims }
  }
}
