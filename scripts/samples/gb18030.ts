// Node decodes GB18030 and does not encode it; the two-byte part is turned round from the decoder.
let twoBytes: Map<number, number> | undefined

function table(): Map<number, number> {
  if (twoBytes !== undefined) return twoBytes
  twoBytes = new Map()
  const decoder = new TextDecoder('gb18030')
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail === 0x7f) continue
      const text = decoder.decode(Uint8Array.of(lead, trail))
      if ([...text].length === 1) twoBytes.set(text.codePointAt(0)!, (lead << 8) | trail)
    }
  return twoBytes
}

/**
 * Encodes ASCII, the characters of GBK and those beyond the Basic Multilingual Plane as GB18030.
 *
 * @throws {RangeError} for the four-byte characters between them, which samples do not use.
 */
export function encodeGb18030(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    const pair = table().get(code)
    if (code < 0x80) bytes.push(code)
    else if (pair !== undefined) bytes.push(pair >> 8, pair & 0xff)
    else if (code >= 0x10000) bytes.push(...beyond(code - 0x10000))
    else throw new RangeError('a character that this encoder does not have')
  }
  return Uint8Array.from(bytes)
}

// GB18030: U+10000 is 90 30 81 30, and the four bytes count in 10, 126, 10 and 126 steps.
function beyond(offset: number): number[] {
  const third = Math.floor(offset / 10)
  const second = Math.floor(third / 126)
  return [
    0x90 + Math.floor(second / 10),
    0x30 + (second % 10),
    0x81 + (third % 126),
    0x30 + (offset % 10),
  ]
}
