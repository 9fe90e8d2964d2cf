import * as x509 from '@peculiar/x509'
import { type ChainPlan, did, type KeyRing, type Keys, later, name } from './chains.ts'

const { keyCertSign, cRLSign, digitalSignature, keyAgreement } = x509.KeyUsageFlags

const hexBytes = (text: string) => Uint8Array.from(Buffer.from(text, 'hex')).buffer
const extension = (id: string, critical: boolean, hex: string) =>
  new x509.Extension(id, critical, hexBytes(hex))

/** One DER value: tag and contents, hex. */
function tlv(tag: string, ...contents: string[]): string {
  const body = contents.join('')
  const size = body.length / 2
  const length =
    size < 128 ? size.toString(16).padStart(2, '0') : `81${size.toString(16).padStart(2, '0')}`
  return tag + length + body
}

/** nameConstraints with one subtree; the base is DER hex of a GeneralName. */
function nameConstraints(kind: 'permitted' | 'excluded', base: string): x509.Extension {
  const tag = kind === 'permitted' ? 'a0' : 'a1'
  return extension('2.5.29.30', true, tlv('30', tlv(tag, tlv('30', base))))
}

const directory = (...parts: readonly [id: string, tag: string, text: string][]) =>
  tlv(
    'a4',
    tlv(
      '30',
      ...parts.map(([id, tag, text]) =>
        tlv('31', tlv('30', tlv('06', id), tlv(tag, Buffer.from(text).toString('hex')))),
      ),
    ),
  )
const country = ['550406', '13', 'CN'] as const
const organisation = (text: string) => ['55040a', '0c', text] as const
const text = (tag: string, value: string) => tlv(tag, Buffer.from(value).toString('hex'))

/** Ways to spoil a chain, each with the code that it is refused with. */
export const faults: Record<
  string,
  { code: string; spoil: (plan: ChainPlan, ring: KeyRing) => void }
> = {
  'leaf expired': {
    code: 'certificate/expired',
    spoil: ({ certificates: [leaf] }) => {
      leaf!.notAfter = later(-1)
    },
  },
  'leaf not yet valid': {
    code: 'certificate/not-yet-valid',
    spoil: ({ certificates: [leaf] }) => {
      leaf!.notBefore = later(1)
    },
  },
  'leaf is an authority': {
    code: 'certificate/wrong-usage',
    spoil: ({ certificates: [leaf] }) =>
      void Object.assign(leaf!, {
        constraints: { ca: true, critical: true },
        usages: keyCertSign | digitalSignature,
      }),
  },
  'leaf may not sign': {
    code: 'certificate/wrong-usage',
    spoil: ({ certificates: [leaf] }) => {
      leaf!.usages = keyAgreement
    },
  },
  'leaf without key usage': {
    code: 'certificate/wrong-usage',
    spoil: ({ certificates: [leaf] }) => {
      leaf!.usages = undefined
    },
  },
  'leaf may sign certificates': {
    code: 'certificate/wrong-usage',
    spoil: ({ certificates: [leaf] }) => {
      leaf!.usages = digitalSignature | keyCertSign
    },
  },
  'leaf for servers only': {
    code: 'certificate/wrong-usage',
    spoil: ({ certificates: [leaf] }) =>
      void leaf!.extensions.push(new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1'], true)),
  },
  'leaf with an unknown critical extension': {
    code: 'certificate/unknown-extension',
    spoil: ({ certificates: [leaf] }) =>
      void leaf!.extensions.push(extension('1.3.6.1.4.1.99999.1', true, '0500')),
  },
  'leaf signed by a stranger': {
    code: 'certificate/bad-signature',
    spoil: ({ certificates: [leaf] }, ring) => {
      leaf!.signer = ring.stranger
    },
  },
  'leaf signed with SHA-1': {
    code: 'certificate/weak-algorithm',
    spoil: ({ certificates: [leaf] }) => {
      leaf!.hash = 'SHA-1'
    },
  },
  'leaf names another issuer': {
    code: 'certificate/not-trusted',
    spoil: ({ certificates: [leaf] }) => {
      leaf!.issuerName = name('Nobody')
    },
  },
  'leaf names another authority key': {
    code: 'certificate/not-trusted',
    spoil: ({ certificates: [leaf] }, ring) => {
      leaf!.authorityKey = ring.stranger.publicKey
    },
  },
  'leaf without authority key': {
    code: 'certificate/not-trusted',
    spoil: ({ certificates: [leaf] }) => {
      leaf!.authorityKey = undefined
    },
  },
  'authority expired': {
    code: 'certificate/expired',
    spoil: ({ certificates }) => {
      certificates[1]!.notAfter = later(-1)
    },
  },
  'authority is none': {
    code: 'certificate/not-an-authority',
    spoil: ({ certificates }) => {
      certificates[1]!.constraints = { ca: false, critical: true }
    },
  },
  'authority without constraints': {
    code: 'certificate/not-an-authority',
    spoil: ({ certificates }) => {
      certificates[1]!.constraints = undefined
    },
  },
  'authority by a constraint that is not critical': {
    code: 'certificate/not-an-authority',
    spoil: ({ certificates }) => {
      certificates[1]!.constraints!.critical = false
    },
  },
  'authority may not sign certificates': {
    code: 'certificate/wrong-usage',
    spoil: ({ certificates }) => {
      certificates[1]!.usages = cRLSign | digitalSignature
    },
  },
  'authority may not sign lists': {
    code: 'certificate/wrong-usage',
    spoil: ({ certificates }) => {
      certificates[1]!.usages = keyCertSign
    },
  },
  'authority without key usage': {
    code: 'certificate/wrong-usage',
    spoil: ({ certificates }) => {
      certificates[1]!.usages = undefined
    },
  },
  'authority for servers only': {
    code: 'certificate/wrong-usage',
    spoil: ({ certificates }) =>
      void certificates[1]!.extensions.push(
        new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1'], false),
      ),
  },
  'authority without key identifier': {
    code: 'certificate/not-trusted',
    spoil: ({ certificates }) => {
      certificates[1]!.subjectKey = false
    },
  },
  'authority with an unknown critical extension': {
    code: 'certificate/unknown-extension',
    spoil: ({ certificates }) =>
      void certificates[1]!.extensions.push(extension('1.3.6.1.4.1.99999.2', true, '0500')),
  },
  'authority signed with SHA-1': {
    code: 'certificate/weak-algorithm',
    spoil: ({ certificates }) => void Object.assign(certificates[1]!, { hash: 'SHA-1' }),
  },
  'weak RSA root': {
    code: 'certificate/weak-algorithm',
    spoil: (plan, ring) => rekeyRoot(plan, ring.rsa1024),
  },
  'path too long': {
    code: 'certificate/path-too-long',
    spoil: ({ certificates }) =>
      void Object.assign(certificates.at(-1)!, {
        constraints: { ca: true, pathLength: 0, critical: true },
      }),
  },
  'names outside what is permitted': {
    code: 'certificate/name-constraint',
    spoil: ({ certificates }) =>
      void certificates
        .at(-1)!
        .extensions.push(
          nameConstraints(
            'permitted',
            directory(country as never, organisation('Another District') as never),
          ),
        ),
  },
  'names among the excluded': {
    code: 'certificate/name-constraint',
    spoil: ({ certificates }) =>
      void certificates
        .at(-1)!
        .extensions.push(
          nameConstraints(
            'excluded',
            directory(country as never, organisation('示例部门') as never),
          ),
        ),
  },
  'names among the excluded in other letters': {
    code: 'certificate/name-constraint',
    spoil: ({ certificates }) =>
      void certificates
        .at(-1)!
        .extensions.push(nameConstraints('excluded', directory(['550406', '0c', 'cn'] as never))),
  },
  'URIs constrained to hosts': {
    code: 'certificate/name-constraint',
    spoil: ({ certificates }) =>
      void certificates
        .at(-1)!
        .extensions.push(nameConstraints('permitted', text('86', 'example.org'))),
  },
  'mail names constrained and used': {
    code: 'certificate/name-constraint',
    spoil: ({ certificates }) => {
      certificates.at(-1)!.extensions.push(nameConstraints('permitted', text('81', 'example.org')))
      certificates[0]!.extensions[0] = new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: did },
        { type: 'email', value: 'a@example.com' },
      ])
    },
  },
  'root expired': {
    code: 'certificate/expired',
    spoil: ({ certificates }) => {
      certificates.at(-1)!.notAfter = later(-1)
    },
  },
  'root of a stranger': {
    code: 'certificate/not-trusted',
    spoil: (plan) => {
      plan.trusted = false
    },
  },
  'root not self-signed': {
    code: 'certificate/bad-signature',
    spoil: ({ certificates }, ring) => {
      certificates.at(-1)!.signer = ring.stranger
    },
  },
  'leaf revoked': {
    code: 'certificate/revoked',
    spoil: ({ crls }) => void crls[0]!.revoked.push('leaf'),
  },
  'authority revoked': {
    code: 'certificate/revoked',
    spoil: ({ crls }) => void crls[1]!.revoked.push('1'),
  },
  'no list for the leaf': {
    code: 'certificate/crl-missing',
    spoil: ({ crls }) => void crls.shift(),
  },
  'no list of the root': { code: 'certificate/crl-missing', spoil: ({ crls }) => void crls.pop() },
  'stale list': {
    code: 'certificate/crl-stale',
    spoil: ({ crls }) => {
      crls[0]!.nextUpdate = later(-0.5)
    },
  },
  'list from the future': {
    code: 'certificate/crl-stale',
    spoil: ({ crls }) => {
      crls[0]!.thisUpdate = later(1)
    },
  },
  'forged list': {
    code: 'certificate/crl-forged',
    spoil: ({ crls }, ring) => {
      crls[0]!.signer = ring.stranger
    },
  },
  'list of another authority': {
    code: 'certificate/crl-missing',
    spoil: ({ crls }) => {
      crls[0]!.issuer = name('Nobody')
    },
  },
  'list signed with SHA-1': {
    code: 'certificate/crl-forged',
    spoil: ({ crls }) => {
      crls[0]!.hash = 'SHA-1'
    },
  },
  'delta list': {
    code: 'certificate/crl-forged',
    spoil: ({ crls }) => void crls[0]!.extensions.push(extension('2.5.29.27', true, '020101')),
  },
  'list of a part': {
    code: 'certificate/crl-forged',
    spoil: ({ crls }) => void crls[0]!.extensions.push(extension('2.5.29.28', true, '30038201ff')),
  },
  'list with an unknown critical extension': {
    code: 'certificate/crl-forged',
    spoil: ({ crls }) =>
      void crls[0]!.extensions.push(extension('1.3.6.1.4.1.99999.3', true, '0500')),
  },
}

/** Harmless changes: the chain stays good. */
export const variations: Record<string, (plan: ChainPlan, ring: KeyRing) => void> = {
  'RSA root': (plan, ring) => rekeyRoot(plan, ring.rsa2048),
  'P-384 root': (plan, ring) => rekeyRoot(plan, ring.p384),
  'client usage': ({ certificates: [leaf] }) =>
    void leaf!.extensions.push(new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2'], false)),
  'unknown extension, not critical': ({ certificates: [leaf] }) =>
    void leaf!.extensions.push(extension('1.3.6.1.4.1.99999.4', false, '0500')),
  'names within what is permitted': ({ certificates }) =>
    void certificates
      .at(-1)!
      .extensions.push(nameConstraints('permitted', directory(country as never))),
  'host names constrained, none used': ({ certificates }) =>
    void certificates
      .at(-1)!
      .extensions.push(nameConstraints('permitted', text('82', 'example.org'))),
  'other names excluded': ({ certificates }) =>
    void certificates
      .at(-1)!
      .extensions.push(
        nameConstraints(
          'excluded',
          directory(country as never, organisation('Another District') as never),
        ),
      ),
  'no path length': ({ certificates }) => void delete certificates[1]!.constraints!.pathLength,
  'an older list beside': ({ crls }) => void crls.push({ ...crls[0]!, thisUpdate: later(-3) }),
}

function rekeyRoot(plan: ChainPlan, keys: Keys): void {
  const root = plan.certificates.at(-1)!
  const old = root.keys
  for (const one of plan.certificates) {
    if (one.signer === old) Object.assign(one, { signer: keys, authorityKey: keys.publicKey })
  }
  root.keys = keys
  for (const one of plan.crls) if (one.signer === old) one.signer = keys
}
