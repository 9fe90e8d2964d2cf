import { encodeBase64url } from '#primitives'
import type { Random } from '../samples/random.ts'

const alphabet =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~=+/ "{}[],:\\\u0000é'

/** A text with one small change, and what was done; never the text itself. */
export function scratched(r: Random, text: string): { text: string; told: string } {
  const at = r.below(text.length)
  const char = r.pick([...alphabet])
  const end = at + 1 + r.below(12)
  switch (r.below(7)) {
    case 0:
      return { text: text.slice(0, at) + text.slice(at + 1), told: `drops character ${at}` }
    case 1:
      return { text: text.slice(0, at) + char + text.slice(at), told: `inserts at ${at}` }
    case 2: {
      const swapped = `${text[at + 1] ?? ''}${text[at]}`
      return { text: text.slice(0, at) + swapped + text.slice(at + 2), told: `swaps at ${at}` }
    }
    case 3:
      return { text: text.slice(0, end) + text.slice(at), told: `repeats ${at} to ${end}` }
    case 4:
      return { text: text.slice(0, at), told: `cuts at ${at}` }
    default:
      return {
        text: text.slice(0, at) + char + text.slice(at + 1),
        told: `replaces character ${at}`,
      }
  }
}

/** Bytes with one bit turned, one byte replaced, dropped, added or moved. */
function flipped(r: Random, bytes: Uint8Array): { bytes: Uint8Array; told: string } {
  const at = r.below(bytes.length)
  const changed = Uint8Array.from(bytes)
  switch (r.below(8)) {
    case 0:
      return {
        bytes: Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]),
        told: `drops byte ${at}`,
      }
    case 1: {
      const more = [...bytes.subarray(0, at), r.below(256), ...bytes.subarray(at)]
      return { bytes: Uint8Array.from(more), told: `adds a byte at ${at}` }
    }
    case 2:
      changed[at] = changed[at]! ^ (1 + r.below(255))
      return { bytes: changed, told: `changes byte ${at}` }
    default:
      changed[at] = changed[at]! ^ (1 << r.below(8))
      return { bytes: changed, told: `turns a bit of byte ${at}` }
  }
}

/** A segment of base64url after {@link flipped}. */
export function flippedSegment(r: Random, segment: string): { text: string; told: string } {
  const { bytes, told } = flipped(r, Buffer.from(segment, 'base64url'))
  return { text: encodeBase64url(bytes), told }
}

const sixBits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The same bytes spelled otherwise: padding, the other alphabet, unused bits, a line end. */
export function respelled(r: Random, segment: string): string {
  const last = sixBits.indexOf(segment.at(-1)!)
  const unused = segment.length % 4 === 2 ? 4 : segment.length % 4 === 3 ? 2 : 0
  const other = segment.replaceAll('-', '+').replaceAll('_', '/')
  const choices = [
    `${segment}=`,
    `${segment}==`,
    `${segment}\n`,
    `${segment.slice(0, 4)} ${segment.slice(4)}`,
    ...(other === segment ? [] : [other]),
    ...(unused === 0
      ? []
      : [segment.slice(0, -1) + sixBits[last ^ (1 + r.below(2 ** unused - 1))]!]),
  ]
  return r.pick(choices)
}
