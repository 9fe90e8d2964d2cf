/**
 * An ECDSA signature r || s, 32 bytes each, as DER `SEQUENCE { INTEGER r, INTEGER s }` (SEC 1 C.5).
 * node:crypto is twice as fast with DER as with its own conversion.
 */
export function derFromRaw(raw: Uint8Array): Uint8Array {
  const r = start(raw, 0)
  const s = start(raw, 32)
  const rPad = raw[r]! >> 7
  const sPad = raw[s]! >> 7
  const rLength = 32 - r + rPad
  const sLength = 64 - s + sPad
  const der = new Uint8Array(6 + rLength + sLength)
  der[0] = 0x30
  der[1] = 4 + rLength + sLength
  der[2] = 0x02
  der[3] = rLength
  for (let i = r, to = 4 + rPad; i < 32; i++, to++) der[to] = raw[i]!
  der[4 + rLength] = 0x02
  der[5 + rLength] = sLength
  for (let i = s, to = 6 + rLength + sPad; i < 64; i++, to++) der[to] = raw[i]!
  return der
}

function start(raw: Uint8Array, from: number): number {
  let at = from
  while (at < from + 31 && raw[at] === 0) at++
  return at
}

/** The reverse of {@link derFromRaw}, for DER that this process's own signer made. */
export function rawFromDer(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(64)
  const rEnd = 4 + der[3]!
  const sEnd = rEnd + 2 + der[rEnd + 1]!
  for (let from = rEnd - 1, to = 31; from >= 4 && to >= 0; from--, to--) raw[to] = der[from]!
  for (let from = sEnd - 1, to = 63; from >= rEnd + 2 && to >= 32; from--, to--) {
    raw[to] = der[from]!
  }
  return raw
}
