import { maximumDepth } from '../../accreditation/holds.ts'
import type { AccreditationChain, AccreditationRecord } from '../../accreditation/model.ts'
import { OutsideError } from '../../errors.ts'
import type { BlockRef } from '../../identity/model.ts'
import type { ChainView } from '../../ports/chain.ts'
import { readAnchor } from './anchorLog.ts'
import type { Deployment } from './deployment.ts'
import { type Reader, readerAt } from './reader.ts'
import { accreditationOf, departmentOf, keyOf } from './records.ts'
import type { Rpc } from './rpc.ts'

/** Records of one type that are read before it is known how many there are: mostly there is one. */
const guessed = 2

/**
 * The contracts at one block, read from a node when asked. Reads asked for together travel together: one
 * credential's facts take three round trips.
 */
export function coldView(
  rpc: Rpc,
  { identity: { contracts }, startBlock }: Deployment,
  block: BlockRef,
): ChainView {
  const read = readerAt(rpc, contracts, block)
  return {
    block,
    async department(address) {
      return readDepartment(read, address)
    },
    async key(thumbprint) {
      const [struct] = await read('departmentRegistry', 'keyOf', [thumbprint])
      if (struct.validFrom === 0n) return undefined
      const args = [struct.department, struct.epoch]
      const [recoveredAt] = await read('departmentRegistry', 'recoveredAt', args)
      return keyOf(thumbprint, struct, recoveredAt)
    },
    accreditations: (department, type) => readAccreditations(read, department, type),
    async lastAnchor(issuer) {
      const [sequence, link] = await read('anchorRegistry', 'last', [issuer])
      return { sequence: Number(sequence), link: String(link).toLowerCase() }
    },
    anchor: (issuer, sequence) =>
      readAnchor(rpc, contracts, { block, startBlock, read }, issuer, sequence),
    async statusWord(issuer, list, word) {
      const [value] = await read('statusRegistry', 'wordOf', [issuer, list, word])
      return value
    },
  }
}

async function readDepartment(read: Reader, address: string) {
  const [struct] = await read('departmentRegistry', 'departmentOf', [address])
  return departmentOf(address, struct)
}

async function readAccreditations(
  read: Reader,
  department: string,
  type: string,
): Promise<AccreditationChain[]> {
  const record = (index: number) => readRecord(read, department, type, index)
  // All awaited together: one that failed while another was awaited alone would end the process.
  const [[count], ...ahead] = await Promise.all([
    read('departmentRegistry', 'accreditationCount', [department, type]),
    ...Array.from({ length: guessed }, (_, index) => record(index)),
  ])
  const rest = Array.from({ length: Math.max(0, Number(count) - guessed) }, (_, i) =>
    record(guessed + i),
  )
  const records = [...ahead.slice(0, Number(count)), ...(await Promise.all(rest))]
  return Promise.all(records.map((own) => upwards(read, own)))
}

/** The record and those that it rests on. */
async function upwards(read: Reader, own: AccreditationRecord): Promise<AccreditationChain> {
  const chain = [own]
  for (let last = own; last.by !== undefined; ) {
    if (chain.length > maximumDepth) throw new OutsideError('chain/inconsistent')
    last = await readRecord(read, last.by.department, last.certificateType, last.by.index)
    chain.push(last)
  }
  return chain
}

async function readRecord(
  read: Reader,
  department: string,
  certificateType: string,
  index: number,
): Promise<AccreditationRecord> {
  const [[struct], registered] = await Promise.all([
    read('departmentRegistry', 'accreditationOf', [department, certificateType, index]),
    readDepartment(read, department),
  ])
  return accreditationOf({ department, certificateType, index }, struct, registered?.removedAt)
}
