import { readFile } from 'node:fs/promises'
import { fromPem } from '../identity/x509/pem.ts'
import type { Trust } from './authority.ts'
import { type Home, inHome } from './home.ts'

/**
 * What this home trusts to certify others: the root of its authority and the revocation lists that were
 * issued last.
 *
 * @returns undefined where there is no authority.
 * @throws {InputError} `certificate/malformed`
 */
export async function readTrust(home: Home): Promise<Trust | undefined> {
  try {
    const [certificates, lists] = await Promise.all(
      ['authority/certificates.pem', 'authority/lists.crl'].map((file) =>
        readFile(inHome(home, file), 'utf8'),
      ),
    )
    const [root] = fromPem('CERTIFICATE', certificates!)
    return root && { roots: [root], crls: fromPem('X509 CRL', lists!) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
