import type { Fetch } from '../../ports/fetch.ts'

/**
 * Our door to other machines in the shape that the OpenID libraries call. Only text and form bodies; no
 * redirect, as the door says.
 *
 * @throws what {@link Fetch} throws.
 */
export function fetchThrough(fetch: Fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const method = request.method
    if (method !== 'GET' && method !== 'POST') throw new TypeError(`no ${method} here`)
    const body = method === 'POST' ? new Uint8Array(await request.arrayBuffer()) : undefined
    const {
      status,
      headers,
      body: answered,
    } = await fetch({
      url: request.url,
      method,
      headers: Object.fromEntries(request.headers),
      ...(body !== undefined && { body }),
    })
    const isEmpty = status === 204 || status === 304 || answered.length === 0
    return Object.defineProperty(
      new Response(isEmpty ? null : Buffer.from(answered), { status, headers: { ...headers } }),
      'url',
      { value: request.url },
    )
  }
}
