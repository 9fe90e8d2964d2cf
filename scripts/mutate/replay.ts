import { good } from './deal.ts'
import { dressed, newChallenge, policyOf } from './dress.ts'
import { verifierOf } from './facts.ts'
import type { Mutation } from './model.ts'

/** A good answer before another verifier, for another question, or at another time. */
export const replay: Mutation = (tools) => {
  const { world, r } = tools
  const copy = good(tools, ({ holder }) => holder !== undefined)!
  const challenge = newChallenge(tools)
  const { input, policy } = dressed(tools, [copy], { challenge })
  const verifier = verifierOf(world, { hasMirror: true })
  const fresh = newChallenge(tools)
  const { nonce, audience } = challenge
  const later = (seconds: number) => new Date(world.at.getTime() + seconds * 1000)
  const questions: [string, typeof policy][] = [
    ['another nonce', policyOf(world, { ...challenge, nonce: fresh.nonce })],
    ['a nonce that begins alike', policyOf(world, { ...challenge, nonce: nonce.slice(0, -1) })],
    ['another audience', policyOf(world, { ...challenge, audience: `${audience}/x` })],
    ['no audience', policyOf(world, { ...challenge, audience: '' })],
    ['another chain', { ...policy, chain: `eip155:${world.identity.chainId + 1}` }],
    ['ten minutes later', { ...policy, at: later(601 + r.below(1e6)) }],
    ['before it was answered', { ...policy, at: later(-300 - r.below(1e6)) }],
  ]
  const [told, asked] = r.pick(questions)
  return { told: `replay: ${told}`, input, policy: asked, verifier }
}

/** A certificate after its end or long before its beginning. */
export const otherTime: Mutation = (tools) => {
  const { world, r } = tools
  const copy = good(tools, ({ validUntil }) => validUntil !== undefined)
  if (copy === undefined) return undefined
  const isAfter = r.below(2) === 0
  const end = copy.validUntil!.getTime()
  const begin = world.at.getTime() - 86_400_000
  const at = new Date(isAfter ? end + 1000 * r.below(1e7) : begin - 1000 * r.below(1e7))
  const { input } = dressed(tools, [copy], {})
  // Whatever the moment, this verifier reads then.
  const verifier = { ...verifierOf(world, { hasMirror: true }), now: () => at }
  return {
    told: isAfter ? 'time: after its end' : 'time: before it was issued',
    input,
    policy: policyOf(world, undefined, { at }),
    verifier,
  }
}

/** A verifier of another chain. */
export const otherChain: Mutation = (tools) => {
  const { world, r } = tools
  const copy = good(tools)!
  const identity = { ...world.identity, chainId: world.identity.chainId + 1 + r.below(1000) }
  const foreign = { ...world, identity }
  const { input } = dressed(tools, [copy], {})
  return {
    told: 'chain: a verifier of another one',
    input,
    policy: policyOf(foreign, undefined),
    verifier: verifierOf(foreign, { hasMirror: true }),
  }
}

/** A bad certificate as it is, in everything that a holder may wrap it in. */
export const bad: Mutation = (tools) => {
  const { world, r } = tools
  const copy = r.pick(world.copies.filter(({ fault }) => fault !== undefined))
  const challenge = copy.holder !== undefined && r.below(2) === 0 ? newChallenge(tools) : undefined
  return { told: `as it is: ${copy.fault}`, ...dressed(tools, [copy], { challenge }) }
}
