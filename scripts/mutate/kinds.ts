import { random } from '../samples/random.ts'
import * as bindings from './bindings.ts'
import * as disclosures from './disclosures.ts'
import * as evidence from './evidence.ts'
import { evidenceNodes, evidenceSlots } from './evidenceProofs.ts'
import { lies, shownKeys } from './lies.ts'
import type { Mutant, Mutation, World } from './model.ts'
import * as proofs from './proofs.ts'
import { bad, otherChain, otherTime, replay } from './replay.ts'
import { sealed } from './sealed.ts'
import * as tokens from './tokens.ts'

/** Every kind of mutation, and how often it is drawn. */
const kinds: readonly (readonly [name: string, weight: number, mutation: Mutation])[] = [
  ['token/characters', 6, tokens.characters],
  ['token/bits', 6, tokens.bits],
  ['token/spelling', 3, tokens.spelling],
  ['token/structure', 8, tokens.structure],
  ['token/wrong-signer', 5, tokens.wrongSigner],
  ['token/splice', 4, tokens.splice],
  ['token/impostor', 3, tokens.impostor],
  ['token/headers', 7, tokens.headers],
  ['token/sealed', 10, sealed],
  ['disclosure/altered', 5, disclosures.disclosures],
  ['disclosure/orphan', 1, disclosures.orphans],
  ['disclosure/tildes', 1, disclosures.tildes],
  ['disclosure/digests', 3, disclosures.digests],
  ['disclosure/after-binding', 2, disclosures.afterBinding],
  ['binding/stripped', 2, bindings.stripped],
  ['binding/other-answer', 5, bindings.otherAnswer],
  ['binding/other-header', 2, bindings.otherHeader],
  ['binding/other-binder', 4, bindings.otherBinder],
  ['binding/unbound', 1, bindings.unbound],
  ['binding/scratched', 4, bindings.scratchedBinding],
  ['binding/transplant', 3, bindings.transplant],
  ['binding/several', 3, bindings.several],
  ['proof/bent', 7, proofs.proofs],
  ['proof/swapped', 1, proofs.swappedProofs],
  ['proof/inner-node', 2, proofs.innerNodes],
  ['proof/file', 4, proofs.certificateFiles],
  ['proof/lying-leaves', 2, proofs.lyingLeaves],
  ['facts/mixed-up', 7, lies],
  ['facts/shown-keys', 2, shownKeys],
  ['evidence/text', 2, evidence.evidenceText],
  ['evidence/nodes', 4, evidenceNodes],
  ['evidence/slots', 1, evidenceSlots],
  ['evidence/claims', 3, evidence.evidenceClaims],
  ['evidence/input', 1, evidence.evidenceInput],
  ['evidence/structure', 1, evidence.evidenceStructure],
  ['evidence/trust', 1, evidence.evidenceTrust],
  ['replay/question', 4, replay],
  ['replay/time', 2, otherTime],
  ['replay/chain', 1, otherChain],
  ['bad/as-it-is', 3, bad],
]

const drawn = kinds.flatMap(([name, weight, mutation]) =>
  Array.from({ length: weight }, () => ({ name, mutation })),
)

/**
 * The mutant of a number: the same choices for one seed and number, whatever else is made.
 *
 * @param only draws kinds whose name begins so.
 * @param attempt from 0; the next one where the last turned out to say the same as its original.
 */
export function mutantOf(
  world: World,
  seed: string,
  number: number,
  only = '',
  attempt = 0,
): { kind: string; mutant: Mutant } {
  const r = random(attempt === 0 ? `${seed}/${number}` : `${seed}/${number}/${attempt}`)
  const choices = only === '' ? drawn : drawn.filter(({ name }) => name.startsWith(only))
  for (;;) {
    const { name, mutation } = r.pick(choices)
    const mutant = mutation({ world, r })
    if (mutant !== undefined) return { kind: name, mutant }
  }
}
