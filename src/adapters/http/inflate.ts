import { promisify } from 'node:util'
import { gunzip, inflate as unzlib } from 'node:zlib'
import { InputError } from '../../errors.ts'
import type { Inflate } from '../../ports/inflate.ts'

const decoders = { gzip: promisify(gunzip), zlib: promisify(unzlib) }

/** {@link Inflate} by Node's zlib, off the main thread. */
export const inflate: Inflate = async (data, format, maxBytes) => {
  try {
    return new Uint8Array(await decoders[format](data, { maxOutputLength: Math.max(1, maxBytes) }))
  } catch (cause) {
    throw new InputError('status/bad-list', { why: format, cause })
  }
}
