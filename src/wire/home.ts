import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StoreSecret } from '../adapters/keys/secret.ts'
import type { Configuration, DepartmentConfiguration } from '../configuration/model.ts'
import { readConfiguration } from '../configuration/read.ts'
import { InputError } from '../errors.ts'

/** One installation: its folder and what `weir.json` in it says. */
export type Home = {
  readonly path: string
  readonly configuration: Configuration
}

const file = 'weir.json'

/**
 * Makes a home folder with a fresh secret, or opens the one that is there; what exists is kept.
 *
 * @throws {InputError} `configuration/malformed` if the one that is there cannot be read.
 */
export async function createHome(path: string, configuration: Configuration): Promise<Home> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const home = { path, configuration }
  const { secret } = configuration
  if ('file' in secret) await writeNew(inHome(home, secret.file), randomBytes(48).toString('hex'))
  await writeNew(join(path, file), text(configuration))
  return openHome(path)
}

/**
 * Opens a home folder.
 *
 * @throws {InputError} `configuration/missing` if there is none, `configuration/malformed`.
 */
export async function openHome(path: string): Promise<Home> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(join(path, file))
  } catch (cause) {
    throw new InputError('configuration/missing', { file, cause })
  }
  return { path, configuration: readConfiguration(bytes) }
}

/** Writes a changed configuration; whole or not at all. */
export async function saveHome(home: Home, configuration: Configuration): Promise<Home> {
  const path = join(home.path, file)
  await writeSynced(`${path}.next`, text(configuration), 'w')
  await rename(`${path}.next`, path)
  return { path: home.path, configuration }
}

/** A path of the configuration, which is relative to the home folder. */
export function inHome(home: Home, path: string): string {
  return join(home.path, path)
}

/**
 * A department of this home by its name.
 *
 * @throws {InputError} `configuration/missing`
 */
export function departmentOf(home: Home, name: string): DepartmentConfiguration {
  const { departments } = home.configuration
  if (!Object.hasOwn(departments, name)) {
    throw new InputError('configuration/missing', {
      asked: 'department',
      known: Object.keys(departments).join(' '),
    })
  }
  return departments[name]!
}

/**
 * What opens this home's key stores.
 *
 * @throws {InputError} `configuration/missing` if the environment lacks the passphrase.
 */
export function secretOf({ path, configuration: { secret } }: Home): StoreSecret {
  if ('file' in secret) return { keyFile: join(path, secret.file) }
  const passphrase = process.env[secret.environment]
  if (!passphrase) throw new InputError('configuration/missing', { variable: secret.environment })
  return { passphrase }
}

function text(configuration: Configuration): string {
  return `${JSON.stringify(configuration, null, 2)}\n`
}

async function writeNew(path: string, contents: string): Promise<void> {
  try {
    await writeSynced(path, contents, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

async function writeSynced(path: string, contents: string, flag: 'w' | 'wx'): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const handle = await open(path, flag, 0o600)
  try {
    await handle.writeFile(contents)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
