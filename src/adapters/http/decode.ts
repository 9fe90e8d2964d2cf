import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { OutsideError } from '../../errors.ts'

type Decode = (body: Uint8Array, limit: { maxOutputLength: number }) => Promise<Uint8Array>

const codings: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
])

/**
 * Undoes a content coding, which we never ask for and some servers use all the same.
 *
 * @param coding the `content-encoding` header; one coding, not a stack of them.
 * @param maxBytes most bytes of the result; decoding stops there.
 * @throws {OutsideError} `fetch/too-large`; `fetch/failed` for an unknown coding or damaged bytes.
 */
export async function decodeBody(
  body: Uint8Array,
  coding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  const name = coding?.trim().toLowerCase() ?? ''
  if (name === '' || name === 'identity') return body
  const decode = codings.get(name)
  if (decode === undefined) throw new OutsideError('fetch/failed', { reason: 'coding' })
  try {
    return new Uint8Array(await decode(body, { maxOutputLength: Math.max(1, maxBytes) }))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new OutsideError('fetch/too-large', { maxBytes })
    throw new OutsideError('fetch/failed', { reason: 'coding', cause })
  }
}
