import type { KeySubmission } from '../accreditor/keys.ts'
import { createPool } from '../adapters/keys/pool.ts'
import { localSigner } from '../adapters/keys/signer.ts'
import type { KeyStore } from '../adapters/keys/store.ts'
import type { PublicJwk } from '../credential/model.ts'
import { OutsideError } from '../errors.ts'
import { foldErc1056 } from '../identity/erc1056.ts'
import type { KeyPurpose } from '../identity/model.ts'
import { multikeyValue } from '../identity/multikey.ts'
import { thumbprint } from '../identity/thumbprint.ts'
import { readLeaf } from '../identity/x509/leaf.ts'
import { type KeyProposal, keyProposalInput } from '../identity/x509/proposal.ts'
import type { RegistryWriter } from '../ports/chainWriters.ts'
import { hex } from '../primitives/bytes.ts'
import type { Authority } from './authority.ts'
import { type CertifiedKey, keepCertifiedKey, readCertifiedKeys } from './certificates.ts'
import type { OpenChain } from './chain.ts'
import type { Home } from './home.ts'

/** A century: longer than any certificate. */
const publishedSeconds = 100 * 365 * 86_400

/** A department that gets a key, and the doors it goes through. */
export type KeyOwner = {
  readonly home: Home
  readonly chain: OpenChain
  readonly name: string
  readonly did: string
  readonly address: string
  readonly organisation: string
  /** DNS name that its service answers under; undefined: none is known. */
  readonly hostName: string | undefined
  readonly keys: KeyStore
  readonly registry: RegistryWriter
  readonly authority: Authority
}

/** Hands a key to the accreditor, in this process or another; resolves once it is confirmed. */
export type Confirm = (submission: KeySubmission) => Promise<unknown>

/**
 * Gives a department its next key of a purpose: makes it, has the authority certify it, proposes it,
 * lets the accreditor confirm it and shows it in did:ethr. After a crash it goes on with the same key.
 * Keys of several purposes may be added at once; they share the blocks that they wait for.
 *
 * @returns the key, ready to sign from the next block on.
 */
export async function addKey(
  owner: KeyOwner,
  purpose: KeyPurpose,
  now: Date,
  confirm: Confirm,
): Promise<CertifiedKey> {
  const { home, chain, name, did, address, keys, registry } = owner
  const known = await readCertifiedKeys(home, name)
  const begun = known.find((key) => key.purpose === purpose && key.kid === undefined)
  const certified = begun ?? (await certify(owner, purpose, now, known))
  const { d, ...publicJwk } = await keys.load(certified.id, purpose)
  const [leaf, ...intermediates] = certified.x5c.map(
    (text) => new Uint8Array(Buffer.from(text, 'base64')),
  )
  const { certificateHash } = readLeaf(leaf!)
  const { chainId, contracts } = chain.deployment.identity
  const proposal: KeyProposal = {
    did,
    chainId,
    registry: contracts.departmentRegistry,
    purpose,
    thumbprint: thumbprint(publicJwk),
    certificateHash,
  }
  const record = await (await chain.cold.view()).key(proposal.thumbprint)
  if (record === undefined) {
    const claim = { department: address, thumbprint: proposal.thumbprint, purpose, certificateHash }
    await registry.write({ call: 'proposeKey', ...claim })
    const signature = await prove(proposal, { ...publicJwk, d })
    const { crls } = await owner.authority.trust(now)
    const submission = { department: address, purpose, leaf: leaf!, intermediates, crls, signature }
    await confirm(submission)
  }
  const publicKey = `0x${hex(multikeyValue(publicJwk).subarray(2))}`
  await registry.write({
    call: 'publishKey',
    department: address,
    publicKey,
    validSeconds: publishedSeconds,
  })
  const done = { ...certified, kid: await kidOf(owner, publicJwk) }
  await keepCertifiedKey(home, name, done)
  return done
}

async function certify(
  { home, name, did, hostName, organisation, keys, authority }: KeyOwner,
  purpose: KeyPurpose,
  now: Date,
  known: readonly CertifiedKey[],
): Promise<CertifiedKey> {
  const number = known.filter((key) => key.purpose === purpose).length + 1
  const id = `${purpose}-${number}`
  const made = (await keys.list()).find((key) => key.id === id)
  const { publicJwk } = made ?? (await keys.create(id, purpose))
  // Wallets look for the host name in the certificate of a request: client id prefix x509_san_dns.
  const dnsName = purpose === 'request' ? hostName : undefined
  const wish = { did, dnsName, publicJwk, organisation, now }
  const { leaf, intermediates } = await authority.certify(wish)
  const x5c = [leaf, ...intermediates].map((der) => Buffer.from(der).toString('base64'))
  const certified: CertifiedKey = { id, purpose, kid: undefined, x5c }
  await keepCertifiedKey(home, name, certified)
  return certified
}

async function prove(proposal: KeyProposal, privateJwk: PublicJwk & { d: string }) {
  const { d: _, ...jwk } = privateJwk
  const pool = createPool(1)
  try {
    const key = {
      did: proposal.did,
      kid: proposal.did,
      thumbprint: proposal.thumbprint,
      jwk,
      alg: 'ES256',
      purpose: proposal.purpose,
      x5c: [],
    }
    const signer = localSigner(key, privateJwk, pool)
    const [signature] = await signer.sign('key-proposal', [keyProposalInput(proposal)])
    return signature!
  } finally {
    await pool.close()
  }
}

/** The number that did:ethr gives the key, see `foldErc1056`. */
async function kidOf({ chain, did, address }: KeyOwner, jwk: PublicJwk): Promise<string> {
  const value = `0x${hex(multikeyValue(jwk))}`
  // A reading that runs already may have begun before the key was shown; the next one has not.
  for (let reading = 0; reading < 2; reading += 1) {
    await chain.mirror.sync()
    const { head, events } = await chain.mirror.history(address)
    const { keys } = foldErc1056(address, events, head.time)
    const entry = keys.find((key) => key.value.toLowerCase() === value)
    if (entry !== undefined) return `${did}#delegate-${entry.number}`
  }
  throw new OutsideError('chain/behind', { department: address })
}
