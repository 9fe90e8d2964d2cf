const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/**
 * Multibase base58btc of a short value such as a key.
 *
 * @param bytes at most some hundred bytes; the work grows with the square.
 * @returns `z` and the Bitcoin alphabet, one `1` for each leading zero byte.
 * @see W3C Controlled Identifiers 1.0, section 2.4
 */
export function multibase58(bytes: Uint8Array): string {
  let number = 0n
  for (const byte of bytes) number = (number << 8n) | BigInt(byte)
  let digits = ''
  for (; number > 0n; number /= 58n) digits = alphabet.charAt(Number(number % 58n)) + digits
  const first = bytes.findIndex((byte) => byte !== 0)
  const zeros = first < 0 ? bytes.length : first
  return `z${'1'.repeat(zeros)}${digits}`
}
