import { typeOnChain } from '../accreditation/typeName.ts'
import { accredit } from '../accreditor/accredit.ts'
import { confirmKey } from '../accreditor/keys.ts'
import type { Accreditor } from '../accreditor/model.ts'
import { registerDepartment } from '../accreditor/register.ts'
import { deploy } from '../adapters/chain/deploy.ts'
import { writeDeployment } from '../adapters/chain/deployment.ts'
import { registryWriter } from '../adapters/chain/registryWriter.ts'
import { type KeyStore, openKeyStore } from '../adapters/keys/store.ts'
import { findType } from '../certificate/types.ts'
import { formatEthrDid } from '../identity/did.ts'
import type { KeyPurpose } from '../identity/model.ts'
import type { RegistryWriter } from '../ports/chainWriters.ts'
import { openAccreditor } from './accreditor.ts'
import { openAuthority } from './authority.ts'
import { readCertifiedKeys } from './certificates.ts'
import { type OpenChain, openChain, rpcOf } from './chain.ts'
import { openAccount } from './department.ts'
import { type Home, inHome, saveHome, secretOf } from './home.ts'
import { hostNameOf } from './keyOwner.ts'
import { addKey } from './keys.ts'

/** What is being done now, for people who wait. */
export type DistrictStep =
  | { readonly step: 'deploy' }
  | { readonly step: 'accreditor'; readonly name: string }
  | { readonly step: 'department'; readonly name: string }

const administrators = ['administrator-1', 'administrator-2', 'administrator-3'] as const
const threshold = 2
const purposes = ['assertion', 'status', 'request'] as const satisfies readonly KeyPurpose[]
const accreditedDays = 3650
const millisecondsADay = 86_400_000

/** A member of the district with its account open. */
type Member = {
  readonly name: string
  readonly address: string
  readonly registry: RegistryWriter
  readonly keys: KeyStore
}

/**
 * Sets up a local district on a running chain: contracts, administration without delay, the accreditor,
 * and every department with account, accreditation and a certified key for each purpose. What is done is
 * done once; called again, after a crash or on a set-up district, it goes on or changes nothing.
 *
 * @returns the home with the departments' addresses, and its chain.
 * @throws {InputError} `deployment/*`, `registry/*`, `configuration/*`
 * @throws {OutsideError} `chain/*`; call it again.
 */
export async function setUpDistrict(
  home: Home,
  now: Date,
  progress: (step: DistrictStep) => void,
): Promise<{ home: Home; chain: OpenChain }> {
  progress({ step: 'deploy' })
  const administration = await openKeyStore(
    inHome(home, 'administration/keys.json'),
    secretOf(home),
  )
  const deployer = await accountNamed(administration, 'deployer')
  const admins = []
  for (const name of administrators) admins.push(await accountNamed(administration, name))
  const rpc = await rpcOf(home)
  const deployment = await deploy(rpc, deployer, {
    administrators: admins.map(({ address }) => address),
    threshold,
    administrationDelay: 0,
    finality: { kind: 'tag', tag: 'finalized' },
  })
  await writeDeployment(inHome(home, home.configuration.chain.deployment), deployment)
  const chain = await openChain(home)
  const writers = admins.map((account) => registryWriter(rpc, deployment, account))
  const { members, home: named } = await openMembers(home, chain)
  const isAccreditor = ({ name }: Member) =>
    named.configuration.departments[name]!.role === 'accreditor'
  for (const accreditor of members.filter(isAccreditor)) {
    progress({ step: 'accreditor', name: accreditor.name })
    await addRoot(named, chain, writers, accreditor, now)
    const departments = members.filter((member) => !isAccreditor(member))
    const opened = await openAccreditor(named, chain, accreditor.name, () => now)
    try {
      const added = departments.map(async (department) => {
        await addDepartment(named, chain, opened.accreditor, department, now)
        progress({ step: 'department', name: department.name })
      })
      // All of them end before the accreditor is closed, also where one fails.
      const failed = (await Promise.allSettled(added)).find(({ status }) => status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
    } finally {
      await opened.close()
    }
  }
  return { home: named, chain }
}

async function openMembers(home: Home, chain: OpenChain) {
  const members: Member[] = []
  const departments = { ...home.configuration.departments }
  for (const [name, configuration] of Object.entries(departments)) {
    const keys = await openKeyStore(inHome(home, configuration.keys), secretOf(home))
    const account = await accountNamed(keys, 'account')
    const registry = registryWriter(chain.rpc, chain.deployment, account)
    const address = configuration.address ?? account.address
    departments[name] = { ...configuration, address }
    members.push({ name, address, registry, keys })
  }
  return { members, home: await saveHome(home, { ...home.configuration, departments }) }
}

/** A root accreditor, by two administrators of three. */
async function addRoot(
  home: Home,
  chain: OpenChain,
  [first, second]: readonly RegistryWriter[],
  { name, address, registry }: Member,
  now: Date,
): Promise<void> {
  const view = await chain.cold.view()
  const decide = async (call: Parameters<RegistryWriter['propose']>[0]) => {
    const { id } = await first!.propose(call)
    await second!.approve(id)
    await first!.execute(id)
  }
  if ((await view.department(address)) === undefined) {
    await decide({ call: 'registerRoot', department: address, account: address })
  }
  await registry.write({ call: 'acceptAccount', department: address })
  const grants = home.configuration.departments[name]!.types.map(async (id) => {
    const certificateType = typeOnChain(findType(id).uri)
    if ((await view.accreditations(address, certificateType)).length > 0) return
    await decide({
      call: 'grantRoot',
      department: address,
      certificateType,
      rights: ['issue', 'accredit'],
      from: undefined,
      until: new Date(now.getTime() + 2 * accreditedDays * millisecondsADay),
    })
  })
  await Promise.all(grants)
}

async function addDepartment(
  home: Home,
  chain: OpenChain,
  accreditor: Accreditor,
  department: Member,
  now: Date,
): Promise<void> {
  const { name, address, registry, keys } = department
  const { types, names } = home.configuration.departments[name]!
  const uris = types.map((id) => findType(id).uri)
  await registerDepartment(accreditor, { department: address, account: address, type: uris[0]! })
  await registry.write({ call: 'acceptAccount', department: address })
  const until = new Date(now.getTime() + accreditedDays * millisecondsADay)
  const view = await chain.cold.view()
  const accredited = uris.map(async (type) => {
    if ((await view.accreditations(address, typeOnChain(type))).length > 0) return
    await accredit(accreditor, { department: address, type, rights: ['issue'], until })
  })
  await Promise.all(accredited)
  const certified = await readCertifiedKeys(home, name)
  const missing = purposes.filter(
    (purpose) => !certified.some((key) => key.purpose === purpose && key.kid !== undefined),
  )
  if (missing.length === 0) return
  const authority = await openAuthority(home, now)
  const did = formatEthrDid(chain.deployment.identity.chainId, address)
  const owner = {
    home,
    chain,
    name,
    did,
    address,
    organisation: names.en,
    hostName: hostNameOf(home, name),
    keys,
    registry,
    authority,
  }
  const added = missing.map((purpose) =>
    addKey(owner, purpose, now, (key) => confirmKey(accreditor, key)),
  )
  // All of them end before the caller goes on, also where one fails.
  const failed = (await Promise.allSettled(added)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

async function accountNamed(keys: KeyStore, id: string) {
  if (!(await keys.list()).some((key) => key.id === id)) await keys.create(id, 'account')
  return openAccount(keys, id)
}
