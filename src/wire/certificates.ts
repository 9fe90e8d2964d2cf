import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readObject, readString, refuseOthers } from '../credential/claims.ts'
import { parseJson } from '../credential/json.ts'
import type { Json } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import type { KeyPurpose } from '../identity/model.ts'
import { type Home, inHome } from './home.ts'

/** A key of the key store, the name under which did:ethr shows it, and its CA certificate. */
export type CertifiedKey = {
  /** Name in the key store. */
  readonly id: string
  readonly purpose: KeyPurpose
  /** Full DID URL; undefined until it is published. */
  readonly kid: string | undefined
  /** Base64 DER, leaf first, never the root. */
  readonly x5c: readonly string[]
}

const purposes: readonly string[] = ['assertion', 'status', 'request'] satisfies KeyPurpose[]

/**
 * The certified keys of a department, oldest first; none where there is no file yet.
 *
 * @throws {InputError} `configuration/malformed`
 */
export async function readCertifiedKeys(home: Home, name: string): Promise<CertifiedKey[]> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(fileOf(home, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const json = parseJson(bytes)
  if (!Array.isArray(json)) throw malformed(0)
  return json.map(certifiedKey)
}

/** The last change of each file that this process makes. */
const changes = new Map<string, Promise<unknown>>()

/**
 * Keeps a certified key in the place of what was kept under its id, whole or not at all. Calls made at
 * once follow one another.
 */
export function keepCertifiedKey(home: Home, name: string, key: CertifiedKey): Promise<void> {
  const file = fileOf(home, name)
  const change = async () => {
    const others = (await readCertifiedKeys(home, name)).filter(({ id }) => id !== key.id)
    await write(file, [...others, key])
  }
  const done = (changes.get(file) ?? Promise.resolve()).then(change, change)
  changes.set(file, done)
  return done
}

async function write(file: string, keys: readonly CertifiedKey[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.next`, `${JSON.stringify(keys, null, 2)}\n`, { flush: true })
  await rename(`${file}.next`, file)
}

function fileOf(home: Home, name: string): string {
  return inHome(home, `departments/${name}/certificates.json`)
}

function certifiedKey(json: Json, position: number): CertifiedKey {
  const key = readObject(json, 'key')
  if (key === undefined) throw malformed(position)
  refuseOthers(key, ['id', 'purpose', 'kid', 'x5c'], 'key')
  const { purpose, x5c } = key
  const id = readString(key.id, 'id')
  if (id === undefined || typeof purpose !== 'string' || !purposes.includes(purpose)) {
    throw malformed(position)
  }
  if (!Array.isArray(x5c) || !x5c.every((one) => typeof one === 'string')) throw malformed(position)
  return { id, purpose: purpose as KeyPurpose, kid: readString(key.kid, 'kid'), x5c }
}

function malformed(position: number): InputError {
  return new InputError('configuration/malformed', { file: 'certificates.json', position })
}
