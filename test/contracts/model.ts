import { AbiCoder, keccak256 } from 'ethers'
import { shown } from './chain.ts'
import { zero, zero31 } from './world.ts'

// What the contracts must hold, folded from their events alone.

type Department = {
  account: string
  accreditedUntil: number
  epoch: number
  accreditor: string
  registeredAt: number
  pendingAccount: string
  removedAt: number
}
type Key = {
  department: string
  purpose: number
  epoch: number
  certificateHash: string
  validFrom: number
  retiredAt: number
  compromisedSince: number
}
type Accreditation = {
  from: number
  until: number
  withdrawnAt: number
  rights: number
  depth: number
  by: string
  byIndex: number
}

export type Model = ReturnType<typeof emptyModel>

/** A chain on which nothing happened yet. */
export function emptyModel() {
  return {
    departments: new Map<string, Department>(),
    keys: new Map<string, Key>(),
    /** By `department/thumbprint`: certificate hash, epoch, purpose. */
    proposals: new Map<string, [string, number, number]>(),
    requests: new Map<string, string>(),
    recoveredAt: new Map<string, number>(),
    /** By `department/type`. */
    accreditations: new Map<string, Accreditation[]>(),
    anchors: new Map<string, { sequence: number; link: string }>(),
    /** Link and count of each word, by `issuer/group`. */
    groups: new Map<string, string>(),
    /** By `issuer/list/word`. */
    words: new Map<string, bigint>(),
  }
}

const shownRecord = (record: object | undefined, length: number) =>
  record ? shown(Object.values(record)) : `a record of ${length} zeros`

/** Applies one event of block `block` at `time`. */
export function apply(model: Model, log: string[], block: number, time: number): void {
  const [name, a, b, ...rest] = log as [string, string, string, ...string[]]
  const department = model.departments.get(a)!
  switch (name) {
    case 'DepartmentRegistered':
      model.departments.set(a, {
        account: zero,
        accreditedUntil: 0,
        epoch: 0,
        accreditor: b,
        registeredAt: time,
        pendingAccount: rest[0]!,
        removedAt: 0,
      })
      break
    case 'DepartmentRemoved':
      Object.assign(department, { removedAt: time, accreditedUntil: 0 })
      break
    case 'AccountProposed':
      department.pendingAccount = b
      break
    case 'AccountChanged':
      Object.assign(department, { account: b, pendingAccount: zero })
      break
    case 'RecoveryRequested':
      model.requests.set(a, b)
      break
    case 'DepartmentRecovered':
      model.requests.delete(a)
      model.recoveredAt.set(`${a}/${rest[0]}`, time)
      Object.assign(department, {
        account: zero,
        pendingAccount: b,
        epoch: Number(rest[0]) + 1,
      })
      break
    case 'KeyProposed':
      model.proposals.set(`${a}/${b}`, [rest[1]!, department.epoch, Number(rest[0])])
      break
    case 'KeyConfirmed':
      model.proposals.delete(`${a}/${b}`)
      model.keys.set(b, {
        department: a,
        purpose: Number(rest[0]),
        epoch: Number(rest[2]),
        certificateHash: rest[1]!,
        validFrom: time,
        retiredAt: 0,
        compromisedSince: 0,
      })
      break
    case 'KeyRetired':
      model.keys.get(b)!.retiredAt = time
      break
    case 'KeyCompromised':
      model.keys.get(b)!.compromisedSince = Number(rest[0])
      break
    case 'Accredited': {
      const [index, rights, from, until, depth, by, byIndex] = rest as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ]
      const records = model.accreditations.get(`${a}/${b}`) ?? []
      if (Number(index) !== records.length) throw new Error('an index was skipped')
      records.push({
        from: Number(from),
        until: Number(until),
        withdrawnAt: 0,
        rights: Number(rights),
        depth: Number(depth),
        by,
        byIndex: Number(byIndex),
      })
      model.accreditations.set(`${a}/${b}`, records)
      if (Number(from) <= time && Number(rights) & 1) {
        department.accreditedUntil = Math.max(department.accreditedUntil, Number(until))
      }
      break
    }
    case 'AccreditationWithdrawn':
      model.accreditations.get(`${a}/${b}`)![Number(rest[0])]!.withdrawnAt = time
      department.accreditedUntil = Number(rest[1])
      break
    case 'AccreditationRefreshed':
      department.accreditedUntil = Number(b)
      break
    case 'Anchored': {
      const [previous, root, size] = rest
      const sequence = Number(b)
      const link = keccak256(
        AbiCoder.defaultAbiCoder().encode(
          ['address', 'uint64', 'bytes31', 'bytes32', 'uint64', 'uint256', 'uint256'],
          [a, sequence, previous, root, size, block, time],
        ),
      ).slice(0, 64)
      const before = model.anchors.get(a) ?? { sequence: 0, link: zero31 }
      if (sequence !== before.sequence + 1) throw new Error('a gap or a fork')
      if (previous !== before.link) throw new Error('another previous')
      model.anchors.set(a, { sequence, link })
      const group = Math.floor((sequence - 1) / 16)
      model.groups.set(`${a}/${group}`, shown([link, sequence - group * 16]))
      break
    }
    case 'StatusChanged': {
      const [word, value] = [rest[0]!, BigInt(rest[1]!)]
      const at = `${a}/${b}/${word}`
      const before = model.words.get(at) ?? 0n
      for (let i = 0n; i < 256n; i += 2n) {
        const [was, is] = [(before >> i) & 3n, (value >> i) & 3n]
        if (was !== is && (was & 1n) === 1n) throw new Error('a final state changed')
      }
      model.words.set(at, value)
      break
    }
    default:
      break
  }
}

/** What must be true of every model that was reached. */
export function broken(model: Model): string[] {
  const found: string[] = []
  for (const [at, records] of model.accreditations) {
    const [department, type] = at.split('/') as [string, string]
    records.forEach((record, index) => {
      const above = new Set([department])
      let child = record
      while (child.by !== zero) {
        const parent = model.accreditations.get(`${child.by}/${type}`)![child.byIndex]!
        const isNarrower =
          (child.rights & ~parent.rights) === 0 &&
          (parent.rights & 2) === 2 &&
          child.from >= parent.from &&
          child.until <= parent.until &&
          child.depth === parent.depth + 1 &&
          child.depth <= 4
        if (!isNarrower) found.push(`${at}/${index} is wider than what it rests on`)
        if (above.has(child.by)) found.push(`${at}/${index} rests on itself`)
        above.add(child.by)
        child = parent
      }
    })
  }
  for (const [name, { accreditedUntil, removedAt }] of model.departments) {
    const own = [...model.accreditations].filter(([at]) => at.startsWith(`${name}/`))
    const ends = own
      .flatMap(([, records]) => records)
      .filter((one) => one.withdrawnAt === 0 && one.rights & 1)
      .map((one) => one.until)
    if (accreditedUntil !== 0 && (removedAt !== 0 || !ends.includes(accreditedUntil))) {
      found.push(`${name} may anchor without a record`)
    }
  }
  return found
}

/** Every view with its arguments and the answer that the model expects. */
export function expectedViews(model: Model): [contract: string, view: string, unknown[], string][] {
  const all: [string, string, unknown[], string][] = []
  const departments = 'DepartmentRegistry'
  for (const [name, department] of model.departments) {
    all.push([departments, 'departmentOf', [name], shownRecord(department, 7)])
    all.push([departments, 'recoveryRequestOf', [name], model.requests.get(name) ?? zero])
    const last = model.anchors.get(name) ?? { sequence: 0, link: zero31 }
    all.push(['AnchorRegistry', 'last', [name], shown([last.sequence, last.link])])
  }
  for (const [at, time] of model.recoveredAt) {
    all.push([departments, 'recoveredAt', at.split('/'), String(time)])
  }
  for (const [thumbprint, key] of model.keys) {
    all.push([departments, 'keyOf', [thumbprint], shownRecord(key, 7)])
  }
  for (const [at, proposal] of model.proposals) {
    all.push([departments, 'proposedKeyOf', at.split('/'), shown(proposal)])
  }
  for (const [at, records] of model.accreditations) {
    all.push([departments, 'accreditationCount', at.split('/'), String(records.length)])
    records.forEach((record, index) => {
      all.push([departments, 'accreditationOf', [...at.split('/'), index], shownRecord(record, 7)])
    })
  }
  for (const [at, word] of model.groups) {
    all.push(['AnchorRegistry', 'linkOf', at.split('/'), word])
  }
  for (const [at, value] of model.words) {
    all.push(['StatusRegistry', 'wordOf', at.split('/'), String(value)])
  }
  return all
}
