import { isWeirError } from '../errors.ts'
import type { Issuer } from '../issuer/model.ts'
import { proofFor } from '../issuer/proof.ts'
import { issuedFrom } from '../issuer/sign.ts'
import { copiesOf } from '../issuer/status.ts'
import { writeCertificateFile } from '../presentation/certificateFile.ts'
import { hex } from '../primitives/bytes.ts'
import { certificateName } from './certificateName.ts'
import { addCommand, type Register } from './command.ts'
import { replaceFile } from './files.ts'
import { required } from './options.ts'
import { withDepartment } from './withDepartment.ts'

type Options = { readonly out?: string }

/** `weir export`: a certificate's files as its holder takes them, with the proof that they are anchored. */
export const registerExport: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'export <department> <certificate>',
      summary: {
        en: "write an issued certificate's files, with their proofs once they are anchored",
        zh: '导出已签发证照的文件，上链后附带证明',
      },
      options: [['--out <folder>', { en: 'folder for the files', zh: '文件目录' }]],
      more: {
        en: `The certificate is its identifier or the fingerprint of one of its copies.

Example:
  weir export registration-centre 3fa9c1...64 digits --out certificates`,
        zh: `证照可用其标识或任一副本的指纹。

示例：
  weir export registration-centre 3fa9c1...（64 位） --out certificates`,
      },
    },
    async (context, options, [name, certificate]) => {
      const out = required(options.out, '--out')
      const of = certificateName(certificate!)
      return withDepartment(context, name!, async ({ issuer }) => {
        const { output } = context
        const copies = await copiesOf(issuer, of)
        const files = []
        for (const copy of copies) {
          if (copy.signature === undefined) continue
          const { token } = issuedFrom({ ...copy, signature: copy.signature })
          const fingerprint = hex(copy.fingerprint)
          const proof = await proofOf(issuer, fingerprint)
          const file = `${out}/${fingerprint.slice(0, 16)}.json`
          await replaceFile(file, writeCertificateFile({ credential: token, proof }))
          const { format, state } = copy
          output.line(`${file}  ${format}  ${state}`)
          files.push({
            file,
            copy: copy.copy,
            format,
            fingerprint,
            state,
            isAnchored: proof !== undefined,
          })
        }
        output.answer({ certificate: copies[0]!.certificate, files })
        return 0
      })
    },
  )
}

/** Undefined until the batch is final: the holder takes the certificate and gets its proof later. */
async function proofOf(issuer: Issuer, fingerprint: string) {
  try {
    return (await proofFor(issuer, fingerprint)).proof
  } catch (error) {
    if (isWeirError(error) && error.code === 'anchor/not-final') return undefined
    throw error
  }
}
