import { readFile } from 'node:fs/promises'
import { readObject, readString, readUint, refuseOthers } from '../../credential/claims.ts'
import { parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import type { ChainIdentity } from '../../identity/model.ts'
import { writeDurably } from './durable.ts'
import type { Finality } from './finality.ts'

/** What the deployment file says: which chain, which contracts, and what is final on it. */
export type Deployment = {
  readonly identity: ChainIdentity
  /** First block that may hold events of these contracts. */
  readonly startBlock: number
  /** Seconds between approval and execution of administration; 0 is for the local district only. */
  readonly administrationDelay: number
  readonly finality: Finality
  /** Where a node of this chain answers, unless the configuration says another. */
  readonly rpc: string | undefined
}

const format = 'weir/deployment/1'
const names = ['didRegistry', 'departmentRegistry', 'anchorRegistry', 'statusRegistry'] as const

/**
 * Reads a deployment file.
 *
 * @throws {InputError} `deployment/unreadable` where there is none to read, `deployment/malformed`
 *   with the path of the member.
 */
export async function readDeployment(path: string): Promise<Deployment> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw new InputError('deployment/unreadable', { cause })
  }
  return parseDeployment(bytes)
}

/** The same from bytes. @throws {InputError} `deployment/malformed` */
export function parseDeployment(bytes: Uint8Array | string): Deployment {
  try {
    return deploymentOf(parseJsonObject(bytes))
  } catch (cause) {
    if (cause instanceof InputError && cause.code === 'deployment/malformed') throw cause
    const path = cause instanceof InputError ? cause.detail.path : undefined
    throw new InputError('deployment/malformed', { path, cause })
  }
}

/** Writes a deployment file; readable by all, for it holds nothing secret. Durable once this resolves. */
export async function writeDeployment(path: string, deployment: Deployment): Promise<void> {
  const { chainId, genesisHash, contracts, codeHashes } = deployment.identity
  const { startBlock, administrationDelay, finality, rpc } = deployment
  const identity = { chainId, genesisHash, contracts, codeHashes }
  const file = { format, ...identity, startBlock, administrationDelay, finality, rpc }
  await writeDurably(path, `${JSON.stringify(file, null, 2)}\n`, 0o644)
}

function deploymentOf(file: JsonObject): Deployment {
  const members = ['format', 'chainId', 'genesisHash', 'contracts', 'codeHashes', 'startBlock']
  refuseOthers(file, [...members, 'administrationDelay', 'finality', 'rpc'], '')
  if (file.format !== format) throw malformed('format')
  return {
    identity: {
      chainId: uint(file, 'chainId', 1),
      genesisHash: matching(file, 'genesisHash', /^0x[0-9a-f]{64}$/),
      contracts: perContract(file, 'contracts', /^0x[0-9a-f]{40}$/),
      codeHashes: perContract(file, 'codeHashes', /^0x[0-9a-f]{64}$/),
    },
    startBlock: uint(file, 'startBlock', 0),
    administrationDelay: uint(file, 'administrationDelay', 0),
    finality: finalityOf(readObject(file.finality, 'finality')),
    rpc: file.rpc === undefined ? undefined : matching(file, 'rpc', /^https?:\/\/[^\s]{1,2000}$/),
  }
}

function finalityOf(finality: JsonObject | undefined): Finality {
  if (finality?.kind === 'tag' && finality.tag === 'finalized') {
    refuseOthers(finality, ['kind', 'tag'], 'finality')
    return { kind: 'tag', tag: 'finalized' }
  }
  if (finality?.kind !== 'depth') throw malformed('finality.kind')
  refuseOthers(finality, ['kind', 'blocks'], 'finality')
  return { kind: 'depth', blocks: uint(finality, 'blocks', 0) }
}

function perContract(file: JsonObject, member: string, pattern: RegExp) {
  const object = readObject(file[member], member) ?? {}
  refuseOthers(object, names, member)
  const entries = names.map((name) => [name, matching(object, name, pattern)])
  return Object.fromEntries(entries) as ChainIdentity['contracts']
}

function matching(object: JsonObject, member: string, pattern: RegExp): string {
  const text = readString(object[member], member)
  if (text === undefined || !pattern.test(text)) throw malformed(member)
  return text
}

function uint(object: JsonObject, member: string, least: number): number {
  const number = readUint(object[member], member, Number.MAX_SAFE_INTEGER)
  if (number === undefined || number < least) throw malformed(member)
  return number
}

function malformed(path: string): InputError {
  return new InputError('deployment/malformed', { path })
}
