import { typeOnChain } from '../../src/accreditation/typeName.ts'
import { RpcChain } from '../../src/adapters/chain/rpcChain.ts'
import { readHeader } from '../../src/anchor/stateProof.ts'
import type { ChainView } from '../../src/ports/chain.ts'
import { wordOf } from '../../src/status/word.ts'
import { writeEvidence } from '../../src/verifier/evidenceFile.ts'
import { saveEvidence } from '../../src/verifier/saveEvidence.ts'
import type { TestChain } from '../../test/support/chain.ts'
import type { Random } from '../samples/random.ts'
import type { Made } from './chainWorld.ts'
import { chance } from './deal.ts'
import { dressed } from './dress.ts'
import { verifierOf } from './facts.ts'
import { type Copy, type Facts, type Filed, keyNames, type World } from './model.ts'

/** Reads once from the real chain what mutants are judged by, and saves evidence with its real proofs. */
export async function readWorld(
  chain: TestChain,
  made: Made,
  files: number,
  r: Random,
): Promise<World> {
  const source = new RpcChain(chain.rpc, chain.deployment)
  const view = await source.view()
  const facts = await readFacts(view, made)
  const { holders, stranger, copies } = made
  const departments = made.departments.map(({ address, did, keys, x5c, types }) => ({
    address,
    did,
    keys,
    x5c,
    types,
  }))
  const at = new Date(view.block.time.getTime() + 2000)
  const identity = chain.deployment.identity
  const world = {
    identity,
    at,
    departments,
    holders,
    stranger,
    copies,
    filed: [] as Filed[],
    facts,
  }
  const verifier = { ...verifierOf(world, { hasMirror: true }), chain: source }
  for (const [number, chosen] of chosenForFiles(copies, files, r).entries()) {
    const isAnswer = number % 2 === 1 && chosen.every(({ holder }) => holder !== undefined)
    const challenge = isAnswer ? { nonce: `sample-nonce-${number}`, audience: audience } : undefined
    const input = dressed({ world, r }, chosen, { challenge, style: 'bare' }).input
    const evidence = await saveEvidence(verifier, input)
    const { hash: header } = readHeader(evidence.proof.header)
    world.filed.push({ text: writeEvidence(evidence), header, copies: chosen, challenge })
  }
  return world
}

const audience = 'https://verifier.example/check'

/** One or two certificates a file; a bad one in every fourth. */
function chosenForFiles(copies: readonly Copy[], files: number, r: Random): Copy[][] {
  const good = copies.filter(({ fault }) => fault === undefined)
  const bad = copies.filter(({ fault, proof }) => fault !== undefined && proof !== undefined)
  return Array.from({ length: files }, (_, number) => {
    const first = number % 4 === 3 ? r.pick(bad) : r.pick(good)
    const second = r.pick(good)
    return chance(r, 30) && first !== second ? [first, second] : [first]
  })
}

async function readFacts(view: ChainView, { departments, copies, types }: Made): Promise<Facts> {
  const facts = {
    block: view.block,
    departments: new Map(),
    keys: new Map(),
    accreditations: new Map(),
    anchors: new Map(),
    words: new Map(),
    leaves: new Map(),
    shown: new Map(),
    typeHashes: new Map(types.map((uri) => [uri, typeOnChain(uri)])),
  }
  for (const { address, did, keys, leaves } of departments) {
    facts.departments.set(address, await view.department(address))
    for (const name of keyNames) {
      facts.keys.set(keys[name].thumbprint, await view.key(keys[name].thumbprint))
    }
    facts.shown.set(
      did,
      keyNames.map((name) => keys[name].jwk),
    )
    for (const type of types.map(typeOnChain)) {
      facts.accreditations.set(`${address}/${type}`, await view.accreditations(address, type))
    }
    const { sequence: last } = await view.lastAnchor(address)
    const records = []
    for (let sequence = 1; sequence <= last; sequence += 1) {
      records.push((await view.anchor(address, sequence))!)
      facts.leaves.set(`${address}/${sequence}`, leaves[sequence - 1]!)
    }
    facts.anchors.set(address, records)
  }
  for (const { department, list, index } of copies) {
    const { address } = departments[department]!
    const { word } = wordOf(index)
    facts.words.set(`${address}/${list}/${word}`, await view.statusWord(address, list, word))
  }
  return facts
}
