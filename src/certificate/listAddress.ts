/** The published status lists of one chain list: Token Status List, and Bitstring lists by purpose. */
export const listKinds = ['token', 'revocation', 'suspension', 'refresh'] as const
export type ListKind = (typeof listKinds)[number]

/**
 * Where a status list is published: `<base>/<issuer address>/<list>/<kind>`, the same on every node.
 *
 * @param base deployment-wide, without a slash at its end.
 * @param issuer the department's DID.
 */
export function listAddress(base: string, issuer: string, list: number, kind: ListKind): string {
  const address = issuer.slice(issuer.lastIndexOf(':') + 1)
  return `${base}/${address}/${list}/${kind}`
}
