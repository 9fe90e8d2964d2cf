import { InputError } from '../errors.ts'

/** Encodings in which departments' systems write files. */
export type Encoding = 'utf-8' | 'gb18030'

const sniffed = 65_536

/**
 * Decodes a file chunk by chunk; a byte order mark is dropped. Without `encoding`, a file whose first
 * 64 KiB are UTF-8 is taken as UTF-8, any other as GB18030.
 *
 * @throws {InputError} `connector/bad-encoding` at the first byte that the encoding does not have;
 *   `offset` is where its chunk begins.
 */
export async function* decodeText(
  source: AsyncIterable<Uint8Array>,
  encoding?: Encoding,
): AsyncGenerator<string> {
  let decoder = encoding && new TextDecoder(encoding, { fatal: true })
  let head: Uint8Array[] = []
  let held = 0
  let offset = 0
  const decode = (bytes: Uint8Array, stream: boolean): string => {
    try {
      const text = decoder!.decode(bytes, { stream })
      offset += bytes.length
      return text
    } catch (cause) {
      throw new InputError('connector/bad-encoding', { offset, cause })
    }
  }
  for await (const chunk of source) {
    if (decoder !== undefined) {
      yield decode(chunk, true)
      continue
    }
    head.push(chunk)
    held += chunk.length
    if (held < sniffed) continue
    decoder = new TextDecoder(sniff(head, true), { fatal: true })
    for (const bytes of head) yield decode(bytes, true)
    head = []
  }
  decoder ??= new TextDecoder(sniff(head, false), { fatal: true })
  for (const bytes of head) yield decode(bytes, true)
  yield decode(new Uint8Array(), false)
}

function sniff(head: readonly Uint8Array[], isCut: boolean): Encoding {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for (const bytes of head) decoder.decode(bytes, { stream: true })
    if (!isCut) decoder.decode()
    return 'utf-8'
  } catch {
    return 'gb18030'
  }
}
