import { encodeBase64url, sha256Base64url } from '#primitives'
import { didJwk, didJwkUrl } from '../../src/credential/didJwk.ts'
import type { Json } from '../../src/credential/model.ts'
import { writePresentationFile } from '../../src/presentation/presentationFile.ts'
import { chance, good, mostlyGood, other } from './deal.ts'
import { bound, dressed, enveloped, newChallenge, part, policyOf } from './dress.ts'
import { verifierOf } from './facts.ts'
import { edited, nodeOf, spoilt, write } from './json.ts'
import { signed, twin } from './keys.ts'
import type { Challenge, Copy, Key, Mutant, Mutation, Tools } from './model.ts'
import { flippedSegment, respelled, scratched } from './text.ts'

const isBound = ({ holder }: Copy) => holder !== undefined

type Asked = { readonly copy: Copy; readonly key: Key; readonly challenge: Challenge }

function asked(tools: Tools): Asked {
  const copy = mostlyGood(tools, isBound)!
  return { copy, key: tools.world.holders[copy.holder!]!, challenge: newChallenge(tools) }
}

/** An answer to a verifier's question, as it came. */
function answered(tools: Tools, { challenge, copy }: Asked, input: string, told: string): Mutant {
  const verifier = verifierOf(tools.world, { hasMirror: true })
  return {
    told: `${copy.format}: ${told}`,
    input,
    policy: policyOf(tools.world, challenge),
    verifier,
  }
}

/** The binding as it stands in an input: the KB-JWT behind the last tilde, or the whole VP. */
function bindingOf(input: string): { before: string; jwt: [string, string, string] } {
  const at = input.lastIndexOf('~') + 1
  return { before: input.slice(0, at), jwt: input.slice(at).split('.') as [string, string, string] }
}

/** No binding where one is asked for. */
export const stripped: Mutation = (tools) => {
  const copy = mostlyGood(tools)!
  const { input, verifier } = dressed(tools, [copy], {})
  const told = `${copy.format}: no binding though one is asked for`
  return { told, input, policy: policyOf(tools.world, newChallenge(tools)), verifier }
}

/** An answer to another question: nonce, audience, time, hash, each signed by the right holder. */
export const otherAnswer: Mutation = (tools) => {
  const { world, r } = tools
  const one = asked(tools)
  const { copy, key, challenge } = one
  const now = Math.floor(world.at.getTime() / 1000)
  const { nonce, audience: aud } = challenge
  const changes: [string, { [name: string]: Json | undefined }][] = [
    [
      'another nonce',
      {
        nonce: r.pick([
          `${nonce}0`,
          nonce.slice(1),
          nonce.toUpperCase(),
          newChallenge(tools).nonce,
          '',
        ]),
      },
    ],
    ['no nonce', { nonce: undefined }],
    ['nonce of another kind', { nonce: r.pick([[nonce], 1, null, { nonce }]) }],
    [
      'another audience',
      { aud: r.pick([`${aud}/`, `${aud}?`, aud.toUpperCase(), 'https://other.example', '']) },
    ],
    ['no audience', { aud: undefined }],
    ['several audiences', { aud: [aud, 'https://other.example'] }],
    ['audience in a list', { aud: [aud] }],
    ['too old', { iat: now - 301 - r.below(10 ** r.below(8)) }],
    ['from the future', { iat: now + 61 + r.below(10 ** r.below(8)) }],
    ['no time', { iat: undefined }],
    ['time of another kind', { iat: r.pick([String(now), null, -1, [now], 253_402_300_800]) }],
    ['an end of its own', { exp: now + 100 }],
    ['a beginning of its own', { nbf: now - 100 }],
    ...(copy.token.endsWith('~')
      ? ([
          ['another hash', { sd_hash: sha256Base64url(`${copy.token}x`) }],
          ['hash of the JWT alone', { sd_hash: sha256Base64url(copy.token.split('~')[0]!) }],
          ['no hash', { sd_hash: undefined }],
          ['hash of another kind', { sd_hash: r.pick([null, 1, [sha256Base64url(copy.token)]]) }],
        ] as [string, { [name: string]: Json | undefined }][])
      : ([
          ['no credential', { verifiableCredential: r.pick([undefined, [], null, {}]) }],
          [
            'another media type',
            {
              verifiableCredential: enveloped(
                copy.token,
                r.pick([
                  'application/vc+sd-jwt',
                  copy.format === 'jwt_vc' ? 'application/vc+jwt' : 'application/jwt',
                  'application/vp+jwt',
                  'text/plain',
                  '',
                ]),
              ),
            },
          ],
          ['not enveloped', { verifiableCredential: [copy.token] }],
          ['another type', { type: r.pick([['VerifiableCredential'], [], 'x', null]) }],
          [
            'another context',
            { '@context': r.pick([[], 'https://www.w3.org/ns/credentials/v2', ['x'], null]) },
          ],
          ['another holder’s name', { holder: didJwk(world.stranger.jwk) }],
          ['another name in iss', { iss: didJwk(world.stranger.jwk) }],
        ] as [string, { [name: string]: Json | undefined }][])),
  ]
  const [told, payload] = r.pick(changes)
  return answered(tools, one, bound(copy.token, key, challenge, world.at, { payload }), told)
}

/** A header that is none of a holder's, signed by the right holder. */
export const otherHeader: Mutation = (tools) => {
  const { world, r } = tools
  const one = asked(tools)
  const { copy, key, challenge } = one
  const isSd = copy.token.endsWith('~')
  const header = r.pick<{ [name: string]: Json }>([
    { alg: r.pick(['none', 'HS256', 'ES384', 'ES256K', 'EdDSA', 'constructor', '', null]) },
    { typ: r.pick(['vc+jwt', 'JWT', 'jwt', 'dc+sd-jwt', '', null, isSd ? 'vp+jwt' : 'kb+jwt']) },
    { crit: ['x'] },
    { b64: false },
    { jwk: { ...key.jwk } },
    { x5c: ['MAA='] },
    { jku: 'http://127.0.0.1:9/' },
    ...(isSd
      ? [{ kid: didJwkUrl(key.jwk) }]
      : [{ kid: didJwkUrl(world.stranger.jwk) }, { cty: 'vc' }]),
  ])
  const told = `binding with ${Object.keys(header).join()} ${JSON.stringify(header.alg ?? header.typ ?? '')}`
  return answered(tools, one, bound(copy.token, key, challenge, world.at, { header }), told)
}

/** Bound with a key that is not the holder's. */
export const otherBinder: Mutation = (tools) => {
  const { world, r } = tools
  const one = asked(tools)
  const issuer = world.departments[one.copy.department]!
  const [name, key] = r.pick<readonly [string, Key]>([
    ['another holder', other(r, world.holders, one.key)!],
    ['a stranger', world.stranger],
    ['the issuer', issuer.keys[one.copy.key]],
  ])
  const { copy, challenge } = one
  // With the right key's name, or the forger's own.
  const twist = chance(r, 50) && !copy.token.endsWith('~') ? named(one.key) : {}
  const input = bound(copy.token, key, challenge, world.at, twist)
  return answered(tools, one, input, `bound by ${name}`)
}

function named(key: Key) {
  const did = didJwk(key.jwk)
  return { header: { kid: didJwkUrl(key.jwk) }, payload: { iss: did, holder: did } }
}

/** A certificate bound to nobody, presented by anybody. */
export const unbound: Mutation = (tools) => {
  const { world, r } = tools
  const copy = good(tools, ({ holder }) => holder === undefined)!
  const challenge = newChallenge(tools)
  const key = r.pick([world.stranger, ...world.holders])
  const one = { copy, key, challenge }
  return answered(tools, one, bound(copy.token, key, challenge, world.at), 'bound to nobody')
}

/** Bits, spellings, characters and structure of a good binding. */
export const scratchedBinding: Mutation = (tools) => {
  const { world, r } = tools
  const one = asked(tools)
  const good = bound(one.copy.token, one.key, one.challenge, world.at)
  const { before, jwt } = bindingOf(good)
  const at = r.below(3)
  const segment = jwt[at]!
  const how = r.below(4)
  let told: string
  if (how === 0) {
    const scratch = scratched(r, jwt.join('.'))
    if (scratch.text === '' || scratch.text.trim() === jwt.join('.')) return undefined
    return answered(tools, one, `${before}${scratch.text}`, `binding ${scratch.told}`)
  }
  if (how === 1) {
    const flip = flippedSegment(r, segment)
    if (at === 2 && flip.text === encodeBase64url(twin(Buffer.from(segment, 'base64url'))))
      return undefined
    jwt[at] = flip.text
    told = flip.told
  } else if (how === 2) {
    jwt[at] = respelled(r, segment)
    told = 'spelled otherwise'
  } else {
    const name = r.pick([0, 1] as const)
    const root = nodeOf(JSON.parse(Buffer.from(jwt[name], 'base64url').toString()))
    const isSpoilt = chance(r, 50)
    const change = isSpoilt ? spoilt(r, root) : { told: edited(r, root), text: '' }
    const changed = part(isSpoilt ? change.text : write(root))
    if (changed === jwt[name]) return undefined
    jwt[name] = changed
    told = change.told
    // What a strict reader refuses must be refused under the right signature too.
    if (isSpoilt && chance(r, 70)) {
      jwt[2] = encodeBase64url(signed(one.key, `${jwt[0]}.${jwt[1]}`))
      told += ', signed by the holder'
    }
  }
  // Spaces at the very end are the file's, not the token's.
  if (jwt.join('.').trim() === bindingOf(good).jwt.join('.')) return undefined
  return answered(tools, one, `${before}${jwt.join('.')}`, `binding segment ${at} ${told}`)
}

/** The binding of one certificate behind another, or of an earlier answer. */
export const transplant: Mutation = (tools) => {
  const { world, r } = tools
  const one = asked(tools)
  const isSd = one.copy.token.endsWith('~')
  const donor = other(
    r,
    world.copies.filter((copy) => isBound(copy) && copy.token.endsWith('~') === isSd),
    one.copy,
  )
  if (donor === undefined) return undefined
  const lender = world.holders[donor.holder!]!
  if (isSd) {
    const lent = bindingOf(bound(donor.token, lender, one.challenge, world.at)).jwt.join('.')
    return answered(tools, one, `${one.copy.token}${lent}`, 'binding of another certificate')
  }
  // The other holder wraps what is not his.
  const list = r.pick([[one.copy], [donor, one.copy], [one.copy, donor]])
  if (lender === one.key) return undefined
  const payload = { verifiableCredential: list.map(({ token }) => enveloped(token)) }
  const input = bound(one.copy.token, lender, one.challenge, world.at, { payload })
  return answered(tools, one, input, 'wrapped by another holder')
}

/** Several certificates, one of which is bad, unbound, twice there, or of another holder where one is asked. */
export const several: Mutation = (tools) => {
  const { world, r } = tools
  const challenge = newChallenge(tools)
  const first = good(tools, isBound)!
  const second = other(
    r,
    world.copies.filter((copy) => isBound(copy) && copy.fault === undefined),
    first,
  )!
  const verifier = verifierOf(world, { hasMirror: true })
  const keys = [first, second].map(({ holder }) => world.holders[holder!]!)
  const tokens = [first, second].map(({ token }, n) => bound(token, keys[n]!, challenge, world.at))
  const file = (list: readonly string[]) =>
    writePresentationFile(list.map((token) => ({ token, proofs: [] })))
  const policy = policyOf(world, challenge)
  const at = r.below(2)
  const set = (token: string) => tokens.map((own, n) => (n === at ? token : own))
  const bad = r.pick(world.copies.filter((copy) => isBound(copy) && copy.fault !== undefined))
  const copyAt = [first, second][at]!
  const choices: [string, () => string | undefined][] = [
    [
      'one is bad',
      () => file(set(bound(bad.token, world.holders[bad.holder!]!, challenge, world.at))),
    ],
    ['one is not bound', () => file(set(copyAt.token))],
    [
      'one answers another',
      () => file(set(bound(copyAt.token, keys[at]!, newChallenge(tools), world.at))),
    ],
    [
      'one is bound by the other’s holder',
      () =>
        keys[0] === keys[1]
          ? undefined
          : file(set(bound(copyAt.token, keys[1 - at]!, challenge, world.at))),
    ],
    ['one stands twice', () => file([...tokens, tokens[at]!])],
    [
      'one stands twice, bound anew',
      () =>
        file([
          ...tokens,
          bound(copyAt.token, keys[at]!, challenge, new Date(world.at.getTime() - 5000)),
        ]),
    ],
    ['none', () => file([])],
    ['too many', () => file(Array.from({ length: 17 }, () => tokens[0]!))],
    ['not a list', () => JSON.stringify({ presentation: tokens[0] })],
    ['with a member more', () => JSON.stringify({ presentation: tokens, nonce: challenge.nonce })],
  ]
  const [told, make] = r.pick(choices)
  if (chance(r, 10) && keys[0] !== keys[1]) {
    const question = { kind: 'presentation', ...challenge, sameHolder: true } as const
    return {
      told: 'several: of two holders where one is asked',
      input: file(tokens),
      policy: { ...policy, question },
      verifier,
    }
  }
  const input = make()
  return input === undefined ? undefined : { told: `several: ${told}`, input, policy, verifier }
}
