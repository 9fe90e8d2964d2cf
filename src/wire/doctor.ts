import { recordInForce } from '../accreditor/records.ts'
import { openStore } from '../adapters/storage/openStore.ts'
import { findType } from '../certificate/types.ts'
import { type Code, isWeirError } from '../errors.ts'
import { readLeaf } from '../identity/x509/leaf.ts'
import type { ChainView } from '../ports/chain.ts'
import { readCertifiedKeys } from './certificates.ts'
import { type OpenChain, openChain } from './chain.ts'
import { storeOf } from './department.ts'
import { didDifferences } from './didDifferences.ts'
import { departmentOf, type Home } from './home.ts'

/** One thing looked at; `warning` is for the operator to know, `wrong` to act on. */
export type Symptom = {
  readonly outcome: 'good' | 'warning' | 'wrong' | 'unknown'
  readonly code: Code
  /** A department, key or contract; never a person. */
  readonly subject?: string
}

const day = 86_400_000

/** How far a final block may be ahead of this machine's clock, and how old it may be. */
const aheadMs = 30_000
const behindMs = 600_000

/** When a CA certificate is to be renewed. */
const renewDays = 30

/**
 * Examines an installation: clock, chain, contracts, administration, and each department's did:ethr, keys,
 * certificates, accreditations and store. Changes nothing. What cannot be looked at now is `unknown`.
 */
export async function* examine(home: Home, now: Date): AsyncGenerator<Symptom> {
  let chain: OpenChain
  try {
    chain = await openChain(home)
  } catch (error) {
    return yield symptomOf(error)
  }
  try {
    yield* examineChain(chain, now)
    for (const name of Object.keys(home.configuration.departments)) {
      yield* examineStore(home, name)
      yield* guarded(examineDepartment(home, chain, name, now), name)
    }
  } finally {
    chain.close()
  }
}

async function* examineChain(chain: OpenChain, now: Date): AsyncGenerator<Symptom> {
  const { administrationDelay } = chain.deployment
  yield administrationDelay === 0
    ? { outcome: 'warning', code: 'doctor/administration-at-once' }
    : { outcome: 'good', code: 'doctor/administration-delayed' }
  yield* guarded(examineClock(chain, now))
  yield* guarded(examineContracts(chain))
}

async function* examineClock(chain: OpenChain, now: Date): AsyncGenerator<Symptom> {
  // Opening a view compares chain id, genesis block and the code of every contract.
  const { block } = await chain.cold.view()
  yield { outcome: 'good', code: 'doctor/chain-is-ours' }
  const age = now.getTime() - block.time.getTime()
  if (age < -aheadMs) yield { outcome: 'wrong', code: 'doctor/clock-behind' }
  else if (age > behindMs) yield { outcome: 'warning', code: 'doctor/chain-quiet' }
  else yield { outcome: 'good', code: 'doctor/clock-agrees' }
}

async function* examineContracts(chain: OpenChain): AsyncGenerator<Symptom> {
  const differences = await chain.mirror.compare()
  for (const { what, subject } of differences) {
    yield { outcome: 'wrong', code: 'doctor/storage-differs', subject: `${what} ${subject}` }
  }
  if (differences.length === 0) yield { outcome: 'good', code: 'doctor/storage-agrees' }
}

async function* examineStore(home: Home, name: string): AsyncGenerator<Symptom> {
  try {
    const store = await openStore(storeOf(home, departmentOf(home, name)))
    try {
      const faults = await store.check()
      for (const { code, where } of faults) {
        yield { outcome: 'wrong', code, subject: `${name} ${where}` }
      }
      if (faults.length === 0) yield { outcome: 'good', code: 'doctor/store-good', subject: name }
    } finally {
      await store.close()
    }
  } catch (error) {
    // A department at work holds its store: nothing is wrong with that.
    const isBusy = isWeirError(error) && error.code === 'store/locked'
    yield isBusy
      ? { outcome: 'warning', code: 'doctor/store-in-use', subject: name }
      : symptomOf(error, name)
  }
}

async function* examineDepartment(
  home: Home,
  chain: OpenChain,
  name: string,
  now: Date,
): AsyncGenerator<Symptom> {
  const { address, role, types } = departmentOf(home, name)
  if (address === undefined) {
    return yield { outcome: 'warning', code: 'doctor/not-set-up', subject: name }
  }
  const view = await chain.cold.view()
  const differences = await didDifferences(chain, view, address)
  for (const what of differences) {
    yield { outcome: 'wrong', code: 'doctor/did-differs', subject: `${name} ${what}` }
  }
  if (differences.length === 0) {
    yield { outcome: 'good', code: 'doctor/did-agrees', subject: name }
  }
  for (const id of types) {
    const right = role === 'accreditor' ? 'accredit' : 'issue'
    if ((await recordInForce(view, address, findType(id).uri, right)) !== undefined) continue
    yield { outcome: 'warning', code: 'doctor/not-accredited', subject: `${name} ${id}` }
  }
  if (role === 'department') yield* examineKeys(home, view, name, now)
}

async function* examineKeys(
  home: Home,
  view: ChainView,
  name: string,
  now: Date,
): AsyncGenerator<Symptom> {
  const inUse = new Set<string>()
  for (const { id, purpose, x5c } of await readCertifiedKeys(home, name)) {
    const subject = `${name} ${id}`
    const leaf = readLeaf(new Uint8Array(Buffer.from(x5c[0] ?? '', 'base64')))
    const record = await view.key(leaf.thumbprint)
    if (record === undefined || record.retiredAt || record.compromisedSince) continue
    inUse.add(purpose)
    if (leaf.notAfter <= now) yield { outcome: 'wrong', code: 'certificate/expired', subject }
    else if (leaf.notAfter.getTime() - now.getTime() < renewDays * day) {
      yield { outcome: 'warning', code: 'doctor/certificate-ends-soon', subject }
    } else yield { outcome: 'good', code: 'doctor/key-in-use', subject }
  }
  if (!inUse.has('assertion')) yield { outcome: 'wrong', code: 'doctor/no-key', subject: name }
  if (!inUse.has('status')) {
    yield { outcome: 'warning', code: 'doctor/no-status-key', subject: name }
  }
  if (!inUse.has('request')) {
    yield { outcome: 'warning', code: 'doctor/no-request-key', subject: name }
  }
}

/** One examination that fails says so, and the next goes on. */
async function* guarded(
  symptoms: AsyncGenerator<Symptom>,
  subject?: string,
): AsyncGenerator<Symptom> {
  try {
    yield* symptoms
  } catch (error) {
    yield symptomOf(error, subject)
  }
}

function symptomOf(error: unknown, subject?: string): Symptom {
  if (!isWeirError(error)) throw error
  const outcome = error.name === 'OutsideError' ? 'unknown' : 'wrong'
  return { outcome, code: error.code, ...(subject !== undefined && { subject }) }
}
