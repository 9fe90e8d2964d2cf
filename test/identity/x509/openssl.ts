import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CertificateChain } from '../../../src/identity/x509/chain.ts'
import { toPem } from '../../../src/identity/x509/pem.ts'

/** Whether openssl is on this machine; without it the comparison is skipped. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** What `openssl verify -x509_strict -crl_check_all` says: undefined is good, else its complaint. */
export function opensslRefusal(chain: CertificateChain): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'weir-x509-'))
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const certificates = (list: readonly Uint8Array[]) =>
    list.map((der) => toPem('CERTIFICATE', der)).join('')
  try {
    const { status, stdout, stderr } = spawnSync('openssl', [
      'verify',
      '-x509_strict',
      '-crl_check_all',
      ...['-attime', String(Math.floor(chain.at.getTime() / 1000))],
      ...['-CAfile', file('roots.pem', certificates(chain.roots))],
      ...(chain.intermediates.length > 0
        ? ['-untrusted', file('intermediates.pem', certificates(chain.intermediates))]
        : []),
      ...(chain.crls.length > 0
        ? ['-CRLfile', file('crls.pem', chain.crls.map((der) => toPem('X509 CRL', der)).join(''))]
        : []),
      file('leaf.pem', toPem('CERTIFICATE', chain.leaf)),
    ])
    return status === 0 ? undefined : `${stdout}${stderr}`
  } finally {
    rmSync(folder, { recursive: true })
  }
}
