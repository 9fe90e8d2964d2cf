import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a rename or a removal in `directory` survive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Replaces a file so that at any moment, and after any crash, `path` holds the old bytes or the new
 * ones, whole. Once this resolves it is the new ones.
 *
 * @param mode permissions of the new file, 0600 unless told.
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array | string,
  mode = 0o600,
): Promise<void> {
  const directory = dirname(path)
  await mkdir(directory, { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  const handle = await open(temporary, 'w', mode)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, path)
  await syncDirectory(directory)
}
