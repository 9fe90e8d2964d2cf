import { equalBytes } from '../primitives/bytes.ts'
import { permutation } from '../status/permutation.ts'

let last: { readonly key: Uint8Array; readonly order: (counter: number) => number } | undefined

/** The list's order, see `permutation`; the last one is kept, since its tables cost 320 hashes. */
export function orderOf(key: Uint8Array): (counter: number) => number {
  if (last === undefined || !(last.key === key || equalBytes(last.key, key))) {
    last = { key, order: permutation(key) }
  }
  return last.order
}
