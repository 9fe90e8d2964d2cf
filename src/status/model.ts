/** The state of a copy; on the chain 0, 1, 2, 3 in this order. */
export const statuses = ['valid', 'revoked', 'suspended', 'superseded'] as const
export type Status = (typeof statuses)[number]

/** One word of a status list to be written: 128 entries of 2 bits, entry i at bits 2i and 2i+1. */
export type StatusChange = { readonly list: number; readonly word: number; readonly value: bigint }
