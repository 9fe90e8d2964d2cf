import { InputError } from '../errors.ts'

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

/**
 * The bytes of a short multibase base58btc text. Another text may have the same bytes only if it is
 * refused here, so `multibase58` gives the text back.
 *
 * @throws {InputError} `credential/bad-key` for another alphabet, and above 128 characters.
 */
export function bytesOfMultibase58(text: string): Uint8Array {
  const digits = text.slice(1)
  if (!text.startsWith('z') || digits.length > 127) throw new InputError('credential/bad-key')
  let number = 0n
  for (const digit of digits) {
    const value = alphabet.indexOf(digit)
    if (value < 0) throw new InputError('credential/bad-key', { why: 'base58' })
    number = number * 58n + BigInt(value)
  }
  const bytes: number[] = []
  for (; number > 0n; number >>= 8n) bytes.unshift(Number(number & 255n))
  const zeros = /^1*/.exec(digits)![0].length
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...bytes])
}
