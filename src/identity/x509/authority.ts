import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { randomBytes } from '#primitives'
import { hex } from '../../primitives/bytes.ts'
import type { PrivateJwk, PublicJwk } from '../../primitives/model.ts'

/**
 * A certificate authority for development: a root, and an intermediate that certifies departments. Its
 * private keys are the operator's to keep as secret as any key; production uses a licensed authority,
 * whose certificates and lists Weir takes in the same form.
 */
export type DevelopmentAuthority = {
  readonly root: Uint8Array
  readonly intermediate: Uint8Array
  readonly rootKey: PrivateJwk
  readonly intermediateKey: PrivateJwk
}

/** The platform's key type, which Node's typings name as a value only. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const p256 = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const
const millisecondsADay = 86_400_000
const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags

/**
 * Makes a development authority.
 *
 * @param options.organisation shown in its names; plain text.
 * @param options.days validity of both certificates, from a day before `now` on.
 */
export async function createDevelopmentAuthority(options: {
  readonly organisation: string
  readonly now: Date
  readonly days: number
}): Promise<DevelopmentAuthority> {
  const rootKeys = await newKeys()
  const intermediateKeys = await newKeys()
  const rootName = name(options.organisation, 'development root')
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(options.now, options.days),
    name: rootName,
    keys: rootKeys,
    signingAlgorithm,
    extensions: await authorityExtensions(rootKeys.publicKey, rootKeys.publicKey, 1),
  })
  const intermediate = await x509.X509CertificateGenerator.create({
    ...common(options.now, options.days),
    issuer: rootName,
    subject: name(options.organisation, 'development department authority'),
    publicKey: intermediateKeys.publicKey,
    signingKey: rootKeys.privateKey,
    signingAlgorithm,
    extensions: await authorityExtensions(intermediateKeys.publicKey, rootKeys.publicKey, 0),
  })
  return {
    root: bytes(root.rawData),
    intermediate: bytes(intermediate.rawData),
    rootKey: await exported(rootKeys.privateKey),
    intermediateKey: await exported(intermediateKeys.privateKey),
  }
}

/**
 * Certifies a department's key.
 *
 * @param options.did canonical did:ethr, in the subjectAltName as a URI.
 * @param options.dnsName host name that joins it as a dNSName; undefined: the DID stands alone.
 * @param options.publicJwk P-256.
 * @param options.organisation the department's name; plain text.
 * @param options.days validity from a day before `now` on; cut at the authority's own end.
 * @returns DER of the leaf; its issuer is `authority.intermediate`.
 */
export async function certifyKey(
  authority: DevelopmentAuthority,
  options: {
    readonly did: string
    readonly dnsName?: string | undefined
    readonly publicJwk: PublicJwk
    readonly organisation: string
    readonly now: Date
    readonly days: number
  },
): Promise<Uint8Array> {
  const issuer = new x509.X509Certificate(buffer(authority.intermediate))
  const publicKey = await crypto.subtle.importKey('jwk', options.publicJwk, p256, true, ['verify'])
  const times = common(options.now, options.days)
  const leaf = await x509.X509CertificateGenerator.create({
    ...times,
    notAfter: times.notAfter > issuer.notAfter ? issuer.notAfter : times.notAfter,
    issuer: issuer.subjectName,
    subject: name(options.organisation, 'signing key'),
    publicKey,
    signingKey: await imported(authority.intermediateKey),
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(digitalSignature, true),
      new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: options.did },
        ...(options.dnsName ? [{ type: 'dns' as const, value: options.dnsName }] : []),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return bytes(leaf.rawData)
}

/**
 * Issues the revocation lists of root and intermediate.
 *
 * @param options.revoked serial numbers of leaves, hex, as `readLeaf` gives them.
 * @param options.days until the next lists are due.
 * @returns DER of the root's list and of the intermediate's.
 */
export async function issueCrls(
  authority: DevelopmentAuthority,
  options: { readonly revoked: readonly string[]; readonly now: Date; readonly days: number },
): Promise<Uint8Array[]> {
  const made = []
  for (const [certificate, key, revoked] of [
    [authority.root, authority.rootKey, []],
    [authority.intermediate, authority.intermediateKey, options.revoked],
  ] as const) {
    const issuer = new x509.X509Certificate(buffer(certificate))
    const crl = await x509.X509CrlGenerator.create({
      issuer: issuer.subjectName,
      thisUpdate: options.now,
      nextUpdate: new Date(options.now.getTime() + options.days * millisecondsADay),
      // Without a reason the library writes an empty list of extensions, which no reader accepts.
      entries: revoked.map((serialNumber) => ({
        serialNumber,
        revocationDate: options.now,
        reason: x509.X509CrlReason.cessationOfOperation,
      })),
      signingKey: await imported(key),
      signingAlgorithm,
      extensions: [
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
        new x509.Extension('2.5.29.20', false, crlNumber(options.now)),
      ],
    })
    made.push(bytes(crl.rawData))
  }
  return made
}

function common(now: Date, days: number) {
  const start = now.getTime() - millisecondsADay
  return {
    // 16 random bytes, positive: the first bit is zero, the first byte is not.
    serialNumber: `4${hex(randomBytes(16)).slice(1)}`,
    notBefore: new Date(start),
    notAfter: new Date(start + days * millisecondsADay),
  }
}

async function authorityExtensions(own: Key, issuers: Key, pathLength: number) {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(own),
    await x509.AuthorityKeyIdentifierExtension.create(issuers),
  ]
}

/** DER INTEGER that grows from list to list, as RFC 5280 section 5.2.3 asks: the time in seconds. */
function crlNumber(now: Date): ArrayBuffer {
  const seconds = Math.floor(now.getTime() / 1000)
  // Until 2106 four bytes hold it, and from 2038 on a leading zero keeps it positive.
  const value = [seconds >>> 24, seconds >>> 16, seconds >>> 8, seconds]
  const digits = seconds < 2 ** 31 ? value : [0, ...value]
  return buffer(Uint8Array.of(2, digits.length, ...digits))
}

function name(organisation: string, commonName: string): x509.Name {
  return new x509.Name([
    { O: [{ utf8String: organisation }] },
    { CN: [{ utf8String: commonName }] },
  ])
}

function newKeys(): Promise<{ publicKey: Key; privateKey: Key }> {
  return crypto.subtle.generateKey(p256, true, ['sign', 'verify'])
}

async function exported(key: Key): Promise<PrivateJwk> {
  const { kty, crv, x, y, d } = (await crypto.subtle.exportKey('jwk', key)) as Required<PrivateJwk>
  return { kty, crv, x, y, d }
}

function imported(jwk: PrivateJwk): Promise<Key> {
  return crypto.subtle.importKey('jwk', jwk, p256, false, ['sign'])
}

function bytes(data: ArrayBuffer): Uint8Array {
  return new Uint8Array(data)
}

function buffer(data: Uint8Array): ArrayBuffer {
  return new Uint8Array(data).buffer
}
