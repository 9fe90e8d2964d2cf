import type { InputError, TrustError } from '../errors.ts'
import type { IssuedCredential } from '../issuer/model.ts'
import { writeCertificateFile } from '../presentation/certificateFile.ts'
import type { Context } from './command.ts'
import { exits } from './exit.ts'
import { type openNew, replaceFile } from './files.ts'
import { sentence } from './language.ts'

/** Refused rows that are told one by one; the result file has them all. */
const toldRows = 10

/** Told of every row in order; `end` says how to exit. */
export type Teller = {
  issued(row: number, credentials: readonly IssuedCredential[]): Promise<void>
  refused(row: number, error: InputError | TrustError): Promise<void>
  end(): number
}

/**
 * Tells people and programs what became of each row.
 *
 * @param out folder for certificate files.
 * @param result file with one line for each row.
 */
export function teller(
  { output }: Context,
  { out }: { readonly out?: string },
  result: Awaited<ReturnType<typeof openNew>> | undefined,
): Teller {
  const count = { issued: 0, refused: 0 }
  /** For `--json`: everything of a small run, the first of a large one. */
  const rows: object[] = []
  const note = async (row: object) => {
    if (rows.length < 1000) rows.push(row)
    await result?.appendFile(`${JSON.stringify(row)}\n`)
    const label = { en: 'issued', zh: '已签发' }
    output.progress(label, count.issued)
  }
  return {
    issued: async (row, credentials) => {
      count.issued += 1
      const files: string[] = []
      for (const { fingerprint, token } of out === undefined ? [] : credentials) {
        const file = `${out}/${fingerprint.slice(0, 16)}.json`
        await replaceFile(file, writeCertificateFile({ credential: token, proof: undefined }))
        files.push(file)
      }
      const certificate = credentials[0]?.certificate
      const copies = credentials.map(({ copy, format, fingerprint, state }) => {
        return { copy, format, fingerprint, state }
      })
      await note({ row, status: 'issued', certificate, copies, ...(out && { files }) })
    },
    refused: async (row, { code, detail }) => {
      count.refused += 1
      if (count.refused <= toldRows) {
        const where = Object.entries({ row, ...detail }).map(([key, value]) => `${key} ${value}`)
        output.line(`${where.join(', ')}: ${sentence(code, output.language)} [${code}]`)
      }
      await note({ row, status: 'refused', code, ...detail })
    },
    end: () => {
      const { issued, refused } = count
      output.say({
        en: `${issued.toLocaleString('en')} issued, ${refused.toLocaleString('en')} refused.`,
        zh: `已签发 ${issued.toLocaleString('en')} 份，被拒 ${refused.toLocaleString('en')} 行。`,
      })
      output.answer({ issued, refused, rows, isWhole: rows.length === issued + refused })
      return refused > 0 ? exits.invalid : exits.valid
    },
  }
}
