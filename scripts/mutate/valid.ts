import { encodeBase64url } from '#primitives'
import type { InclusionProof } from '../../src/anchor/model.ts'
import type { Format } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { finishAnswer, writeAnswer } from '../../src/presentation/answer.ts'
import { writePresentationFile } from '../../src/presentation/presentationFile.ts'
import { hex } from '../../src/primitives/bytes.ts'
import type { Policy } from '../../src/verdict/model.ts'
import type { Verifier } from '../../src/verifier/model.ts'
import { random } from '../samples/random.ts'
import { between, chance, good, shuffled, some } from './deal.ts'
import { newChallenge, policyOf } from './dress.ts'
import { pinned } from './evidenceFile.ts'
import { verifierOf } from './facts.ts'
import { signed, twin } from './keys.ts'
import { mint } from './mint.ts'
import type { Challenge, Key, Mutant, Tools, World } from './model.ts'
import { anchoredToo } from './sealed.ts'
import { sheetOf, tokenOf } from './tokens.ts'

/** Something that must be accepted, and the fingerprints that its verdict must name. */
export type Valid = {
  readonly kind: string
  readonly sound: Mutant
  readonly fingerprints: readonly string[] | undefined
}

type Shown = { token: string; holder: Key | undefined; proof: InclusionProof }

const formats: readonly Format[] = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc']

/** The valid one of a number: the same choices for one seed and number. */
export function validOf(world: World, seed: string, number: number): Valid {
  const r = random(`${seed}/valid/${number}`)
  const tools = { world, r }
  const draw = r.below(100)
  if (draw < 60) return fresh(tools)
  return draw < 96 ? again(tools) : file(tools)
}

/** A certificate of its own: type, record, format, key, period, status entry, batch, all by chance. */
function fresh(tools: Tools): Valid {
  const { world, r } = tools
  const department = r.pick(world.departments)
  const format = r.pick(formats)
  const holder = chance(r, 80) ? r.pick(world.holders) : undefined
  const { time } = world.facts.block
  const iat = new Date(time.getTime() - 1000 * r.below(r.pick([60, 3600, 30 * 86_400])))
  const { token } = mint({
    department,
    key: r.pick(['main', 'certified'] as const),
    type: r.pick(department.types),
    format,
    row: between(r, 1, 99_999),
    chain: `eip155:${world.identity.chainId}`,
    list: r.below(5),
    index: between(r, 10_000, 131_071),
    iat,
    holder,
    ...(chance(r, 50) && {
      validUntil: new Date(world.at.getTime() + 1000 * between(r, 1, 10 ** between(r, 1, 8))),
    }),
    ...(chance(r, 50) && { listBase: 'https://lists.example' }),
    isNested: chance(r, 50),
  })
  const jwt = token.split('~')[0]!
  const input = jwt.slice(0, jwt.lastIndexOf('.'))
  const { verifier, withoutMirror, proof } = anchoredToo(tools, department.address, input)
  return shown(tools, `fresh ${format}`, [{ token, holder, proof }], verifier, withoutMirror)
}

/** One or several of the chain's own, shown anew. */
function again(tools: Tools): Valid {
  const { world, r } = tools
  const first = good(tools)!
  const more = chance(r, 30)
    ? good(
        tools,
        (copy) => copy !== first && (copy.holder === undefined) === (first.holder === undefined),
      )!
    : undefined
  const items = [first, ...(more === undefined ? [] : [more])].map(({ token, holder, proof }) => ({
    token,
    holder: holder === undefined ? undefined : world.holders[holder]!,
    proof: proof!,
  }))
  const standing = (hasMirror: boolean) => verifierOf(world, { hasMirror })
  return shown(tools, `again ${first.format}`, items, standing(true), standing(false))
}

/** Hands certificates over: what is disclosed, how it is bound and wrapped, by chance. */
function shown(
  tools: Tools,
  kind: string,
  items: readonly Shown[],
  mirror: Verifier,
  noMirror: Verifier,
): Valid {
  const { world, r } = tools
  const isBound = items.every(({ holder }) => holder !== undefined) && chance(r, 65)
  const challenge = isBound ? newChallenge(tools) : undefined
  const fingerprints = items.map(({ token }) => hex(parseCredential(token).fingerprint))
  const tokens = items.map((item) => handed(tools, item, challenge))
  const isFile = items.length > 1 || chance(r, 40)
  const restsOnProofs = isFile && chance(r, 60)
  const verifier = restsOnProofs ? noMirror : mirror
  const withProofs = restsOnProofs || chance(r, 50)
  const file = writePresentationFile(
    tokens.map((token, at) => ({ token, proofs: withProofs ? [items[at]!.proof] : [] })),
  )
  const input = isFile ? file : chance(r, 90) ? tokens[0]! : `\n ${tokens[0]} \r\n`
  const told = `${kind}${challenge ? ', bound' : ''}${items.length > 1 ? ', several' : ''}`
  const policy = policyOf(world, challenge, sameHolder(items, challenge))
  return { kind: told, sound: { told, input, policy, verifier }, fingerprints }
}

function sameHolder(items: readonly Shown[], challenge: Challenge | undefined): Partial<Policy> {
  if (challenge === undefined || new Set(items.map(({ holder }) => holder)).size > 1) return {}
  return { question: { kind: 'presentation', ...challenge, sameHolder: true } }
}

/** Some disclosures in any order, either spelling of the signature, bound as the holder room does. */
function handed(tools: Tools, { token, holder }: Shown, challenge: Challenge | undefined): string {
  const { world, r } = tools
  const sheet = sheetOf(token)
  if (chance(r, 30))
    sheet.signature = encodeBase64url(twin(Buffer.from(sheet.signature, 'base64url')))
  if (sheet.disclosures !== undefined && chance(r, 80)) sheet.disclosures = chosen(tools, token)
  const bare = tokenOf(sheet)
  if (challenge === undefined || holder === undefined) return bare
  const credential = parseCredential(bare)
  const at = new Date(world.at.getTime() + 1000 * between(r, -300, 60))
  const answer = writeAnswer(credential, sheet.disclosures ?? [], challenge, 'ES256', at)
  const signature = signed(holder, answer.signingInput)
  return finishAnswer(answer, chance(r, 30) ? twin(signature) : signature)
}

/** Disclosures by chance, each with those that it lies inside. */
function chosen({ r }: Tools, token: string): string[] {
  const all = parseCredential(token).disclosures
  const kept = new Set(some(r, all))
  const inside = (path: readonly (string | number)[], around: readonly (string | number)[]) =>
    around.length < path.length && around.every((step, at) => step === path[at])
  for (const one of [...kept]) {
    for (const around of all) if (inside(one.path, around.path)) kept.add(around)
  }
  return shuffled(r, [...kept]).map(({ encoded }) => encoded)
}

/** A saved file, spaced otherwise, asked about within its time. */
function file(tools: Tools): Valid {
  const { world, r } = tools
  const filed = r.pick(
    world.filed.filter(({ copies }) => copies.every(({ fault }) => fault === undefined)),
  )
  const at = new Date(
    world.at.getTime() + 1000 * between(r, 0, filed.challenge === undefined ? 500 : 60),
  )
  const text = JSON.stringify(JSON.parse(filed.text), null, r.below(5))
  const sound = { told: 'evidence', evidence: text, policy: pinned(tools, filed, { at }) }
  return { kind: 'evidence', sound, fingerprints: undefined }
}
