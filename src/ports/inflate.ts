/**
 * Undoes DEFLATE: `gzip` (RFC 1952) or `zlib` (RFC 1950).
 *
 * @param maxBytes most bytes of the result; decoding stops there, whatever the input promises.
 * @throws {InputError} `status/bad-list` for more bytes than that, or none of this format.
 */
export type Inflate = (
  data: Uint8Array,
  format: 'gzip' | 'zlib',
  maxBytes: number,
) => Promise<Uint8Array>
