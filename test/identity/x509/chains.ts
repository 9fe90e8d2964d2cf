import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import type { CertificateChain } from '../../../src/identity/x509/chain.ts'

/** The moment at which the chains are judged. */
const at = new Date('2026-11-22T08:00:00Z')
export const did = `did:ethr:0x4d2:0x${'ab12'.repeat(10)}`

const day = 86_400_000
/** A moment some days from {@link at}. */
export const later = (days: number) => new Date(at.getTime() + days * day)
const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>
export type Keys = { publicKey: Key; privateKey: Key }

/** What a certificate is made of; a fault changes one member. */
type Plan = {
  name: x509.Name
  issuerName: x509.Name
  keys: Keys
  signer: Keys
  hash: string
  notBefore: Date
  notAfter: Date
  constraints: { ca: boolean; pathLength?: number; critical: boolean } | undefined
  usages: number | undefined
  subjectKey: boolean
  authorityKey: Key | undefined
  extensions: x509.Extension[]
}

/** What a revocation list is made of. */
type CrlPlan = {
  issuer: x509.Name
  signer: Keys
  hash: string
  thisUpdate: Date
  nextUpdate: Date
  revoked: string[]
  extensions: x509.Extension[]
}

/** A whole chain before it is signed: leaf first, root last; one list for each authority. */
export type ChainPlan = { certificates: Plan[]; crls: CrlPlan[]; trusted: boolean }

/** Keys that all chains share; making them is slow. */
export async function keyRing() {
  const ec = (namedCurve: string) =>
    crypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify'])
  const rsa = (modulusLength: number) =>
    crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength,
        publicExponent: Uint8Array.of(1, 0, 1),
      },
      true,
      ['sign', 'verify'],
    )
  return {
    leaf: await ec('P-256'),
    p256: [await ec('P-256'), await ec('P-256'), await ec('P-256')],
    p384: await ec('P-384'),
    rsa2048: await rsa(2048),
    rsa1024: await rsa(1024),
    stranger: await ec('P-256'),
  }
}
export type KeyRing = Awaited<ReturnType<typeof keyRing>>

export const name = (commonName: string, organisation = 'Sample District') =>
  new x509.Name([
    { C: [{ printableString: 'CN' }] },
    { O: [{ utf8String: organisation }] },
    { CN: [{ utf8String: commonName }] },
  ])

/** A chain without a fault: leaf, `intermediates` authorities, root. */
export function goodPlan(ring: KeyRing, intermediates: number, rootKeys: Keys): ChainPlan {
  const authorities = [
    ...Array.from({ length: intermediates }, (_, i) => ({
      name: name(`Authority ${i + 1}`),
      keys: ring.p256[i]!,
    })),
    { name: name('Root'), keys: rootKeys },
  ]
  const leaf: Plan = {
    ...basis(name('示例局', '示例部门'), authorities[0]!),
    keys: ring.leaf,
    constraints: { ca: false, critical: true },
    usages: digitalSignature,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'url', value: did }])],
  }
  const above = authorities.map(
    (one, i): Plan => ({
      ...basis(one.name, authorities[i + 1] ?? one),
      keys: one.keys,
      constraints: { ca: true, pathLength: i, critical: true },
      usages: keyCertSign | cRLSign,
    }),
  )
  const crls = authorities.map(
    (one): CrlPlan => ({
      issuer: one.name,
      signer: one.keys,
      hash: 'SHA-256',
      thisUpdate: later(-1),
      nextUpdate: later(7),
      revoked: [],
      extensions: [],
    }),
  )
  return { certificates: [leaf, ...above], crls, trusted: true }
}

function basis(subject: x509.Name, issuer: { name: x509.Name; keys: Keys }): Plan {
  return {
    name: subject,
    issuerName: issuer.name,
    keys: issuer.keys,
    signer: issuer.keys,
    hash: 'SHA-256',
    notBefore: later(-30),
    notAfter: later(300),
    constraints: undefined,
    usages: undefined,
    subjectKey: true,
    authorityKey: issuer.keys.publicKey,
    extensions: [],
  }
}

let serial = 0

/** Signs a plan. Serial numbers are `10` and up, in order, so that a plan can revoke by number. */
export async function build(plan: ChainPlan, ring: KeyRing): Promise<CertificateChain> {
  const made: x509.X509Certificate[] = []
  for (const one of plan.certificates) made.push(await certificate(one))
  const crls = []
  for (const one of plan.crls) {
    const revoked = one.revoked.map((which) => (which === 'leaf' ? made[0]! : made[Number(which)]!))
    crls.push(await crl(one, revoked))
  }
  const root = plan.trusted
    ? made.at(-1)!
    : await x509.X509CertificateGenerator.createSelfSigned({
        name: name('Another root'),
        keys: ring.stranger,
        notBefore: later(-30),
        notAfter: later(30),
        signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      })
  const der = (one: { rawData: ArrayBuffer }) => new Uint8Array(one.rawData)
  return {
    leaf: der(made[0]!),
    intermediates: made.slice(1, -1).map(der),
    roots: [der(root)],
    crls: crls.map(der),
    at,
  }
}

async function certificate(plan: Plan): Promise<x509.X509Certificate> {
  const { constraints, usages, authorityKey } = plan
  const extensions = [...plan.extensions]
  if (constraints) {
    const { ca, pathLength, critical } = constraints
    extensions.push(new x509.BasicConstraintsExtension(ca, pathLength, critical))
  }
  if (usages !== undefined) extensions.push(new x509.KeyUsagesExtension(usages, true))
  if (plan.subjectKey) {
    extensions.push(await x509.SubjectKeyIdentifierExtension.create(plan.keys.publicKey))
  }
  if (authorityKey) extensions.push(await x509.AuthorityKeyIdentifierExtension.create(authorityKey))
  serial += 1
  return x509.X509CertificateGenerator.create({
    serialNumber: (0x1000 + serial).toString(16),
    subject: plan.name,
    issuer: plan.issuerName,
    notBefore: plan.notBefore,
    notAfter: plan.notAfter,
    publicKey: plan.keys.publicKey,
    signingKey: plan.signer.privateKey,
    signingAlgorithm: algorithm(plan.signer, plan.hash),
    extensions,
  })
}

function crl(plan: CrlPlan, revoked: readonly x509.X509Certificate[]): Promise<x509.X509Crl> {
  return x509.X509CrlGenerator.create({
    issuer: plan.issuer,
    thisUpdate: plan.thisUpdate,
    nextUpdate: plan.nextUpdate,
    entries: revoked.map(({ serialNumber }) => ({
      serialNumber,
      revocationDate: plan.thisUpdate,
      reason: x509.X509CrlReason.keyCompromise,
    })),
    signingKey: plan.signer.privateKey,
    signingAlgorithm: algorithm(plan.signer, plan.hash),
    extensions: plan.extensions,
  })
}

function algorithm({ privateKey }: Keys, hash: string): EcdsaParams & Algorithm {
  const { name } = privateKey.algorithm
  // RSA keys are bound to a hash when they are made, and ours to SHA-256.
  return { name, hash: name === 'ECDSA' ? hash : 'SHA-256' }
}
type Algorithm = { name: string }
type EcdsaParams = { hash: string }
