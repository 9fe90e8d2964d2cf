import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { writeAtomically } from '../adapters/keys/atomicFile.ts'
import { openKeyStore } from '../adapters/keys/store.ts'
import type { PublicJwk } from '../credential/model.ts'
import {
  certifyKey,
  createDevelopmentAuthority,
  type DevelopmentAuthority,
  issueCrls,
} from '../identity/x509/authority.ts'
import { fromPem, toPem } from '../identity/x509/pem.ts'
import { type Home, inHome, secretOf } from './home.ts'

const years = 3650

/** What checking a department's certificate needs: roots that are trusted, and fresh revocation lists. */
export type Trust = { readonly roots: Uint8Array[]; readonly crls: Uint8Array[] }

/** The development certificate authority of a local district; production brings its own certificates. */
export type Authority = {
  certify(options: {
    did: string
    /** Host name that the certificate names beside the DID. */
    dnsName?: string | undefined
    publicJwk: PublicJwk
    organisation: string
    now: Date
  }): Promise<{ leaf: Uint8Array; intermediates: Uint8Array[] }>
  /** Its roots, and lists issued at `now`. */
  trust(now: Date): Promise<Trust>
}

/** Opens the home's development authority; it is made on first use, its keys sealed as all others. */
export async function openAuthority(home: Home, now: Date): Promise<Authority> {
  const authority = await load(home, now)
  return {
    async certify(wish) {
      const leaf = await certifyKey(authority, { ...wish, days: 730 })
      return { leaf, intermediates: [authority.intermediate] }
    },
    async trust(at) {
      const crls = await issueCrls(authority, { revoked: [], now: at, days: 7 })
      // Several keys may be certified at once, and each asks: whoever reads it finds it whole.
      const pem = crls.map((crl) => toPem('X509 CRL', crl)).join('')
      await writeAtomically(inHome(home, 'authority/lists.crl'), pem)
      return { roots: [authority.root], crls }
    },
  }
}

async function load(home: Home, now: Date): Promise<DevelopmentAuthority> {
  await mkdir(inHome(home, 'authority'), { recursive: true, mode: 0o700 })
  const keys = await openKeyStore(inHome(home, 'authority/keys.json'), secretOf(home))
  const file = inHome(home, 'authority/certificates.pem')
  const known = await keys.list()
  if (known.some(({ id }) => id === 'intermediate')) {
    const [root, intermediate] = fromPem('CERTIFICATE', await readFile(file, 'utf8'))
    const rootKey = await keys.load('root', 'authority')
    const intermediateKey = await keys.load('intermediate', 'authority')
    return { root: root!, intermediate: intermediate!, rootKey, intermediateKey }
  }
  // A crash between the two left a root without its intermediate: begin anew.
  if (known.some(({ id }) => id === 'root')) await keys.remove('root')
  const made = await createDevelopmentAuthority({
    organisation: 'Sample district',
    now,
    days: years,
  })
  const pem = toPem('CERTIFICATE', made.root) + toPem('CERTIFICATE', made.intermediate)
  await writeFile(file, pem, { flush: true })
  await keys.add('root', 'authority', made.rootKey)
  await keys.add('intermediate', 'authority', made.intermediateKey)
  return made
}
