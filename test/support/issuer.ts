import { generateKeyPair } from '#primitives'
import { typeOnChain } from '../../src/accreditation/typeName.ts'
import { createPool, type Pool } from '../../src/adapters/keys/pool.ts'
import { localSigner } from '../../src/adapters/keys/signer.ts'
import { createWorkers } from '../../src/adapters/keys/workers.ts'
import { memoryStore } from '../../src/adapters/storage/memory.ts'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import { builtInTypes } from '../../src/certificate/types.ts'
import type { StatusPosition } from '../../src/credential/model.ts'
import { thumbprintHex } from '../../src/credential/thumbprint.ts'
import { type DrainOptions, drain } from '../../src/issuer/drain.ts'
import type { CertificateRequest, Issuer } from '../../src/issuer/model.ts'
import type { Signer, SignerKey } from '../../src/ports/signing.ts'
import { statusIn, wordOf } from '../../src/status/word.ts'
import { addKey, type ChainModel, chainModel } from './chainModel.ts'

export const titleType = 'urn:weir:certificate:real-estate-title:1'
export const degreeType = 'urn:weir:certificate:degree-certificate:1'
export const stateType = 'urn:weir:certificate:registry-state:1'

/** A sample title; only the number differs. */
export function sampleTitle(number: number): CertificateRequest['claims'] {
  const serial = String(number).padStart(7, '0')
  return {
    title_number: `川（2026）样本市不动产权第${serial}号`,
    right_holder: '样本甲',
    holder_document_kind: '其他',
    holder_document_number: `SAMPLE-${serial}`,
    co_ownership: '单独所有',
    location: `样本市样本路${number}号`,
    unit_number: `510181001001GB00001F${String(number).padStart(8, '0')}`,
    right_kind: '国有建设用地使用权/房屋所有权',
    right_nature: '出让/市场化商品房',
    use: '城镇住宅用地/住宅',
    area: '89.50',
    registry: '样本市不动产登记中心',
    registered_on: '2026-01-05',
  }
}

/** A sample degree; only the number differs. */
export function sampleDegree(number: number): CertificateRequest['claims'] {
  return {
    certificate_number: `SAMPLE${String(number).padStart(10, '0')}`,
    name: '样本乙',
    sex: '女',
    birth_date: '2000-02-29',
    degree: '学士',
    discipline: '工学',
    institution: '样本大学',
    awarded_on: '2025-06-30',
  }
}

/** A request for a sample title, `vc+jwt` alone unless told. */
export function titleRequest(
  number: number,
  rest: Partial<CertificateRequest> = {},
): CertificateRequest {
  return {
    idempotencyKey: `title-${number}`,
    type: titleType,
    claims: sampleTitle(number),
    formats: ['vc+jwt'],
    ...rest,
  }
}

export function degreeRequest(
  number: number,
  rest: Partial<CertificateRequest> = {},
): CertificateRequest {
  return {
    idempotencyKey: `degree-${number}`,
    type: degreeType,
    claims: sampleDegree(number),
    formats: ['vc+jwt'],
    ...rest,
  }
}

/** A P-256 key that belongs to a sample holder. */
export function holderKey() {
  return generateKeyPair().publicJwk
}

/** A signer of a department, with a key made here. */
export function newSigner(did: string, pool: Pool, number = 1): Signer {
  const { privateJwk, publicJwk } = generateKeyPair()
  const key: SignerKey = {
    did,
    kid: `${did}#delegate-${number}`,
    thumbprint: thumbprintHex(publicJwk),
    jwk: publicJwk,
    alg: 'ES256',
    purpose: 'assertion',
    x5c: [],
  }
  return localSigner(key, privateJwk, pool)
}

/** An accredited department over a chain model and a store, and what a test needs to reach. */
export type World = {
  readonly issuer: Issuer
  readonly model: ChainModel
  readonly store: Store
  readonly pool: Pool
  readonly address: string
}

export const address = `0x${'d1'.repeat(20)}`

/** Makes a department that may issue titles and degrees. */
export async function newWorld(
  options: { model?: ChainModel; store?: Store; pool?: Pool } & Partial<Issuer> = {},
): Promise<World> {
  const { model = chainModel(), store = memoryStore(), pool = createPool(1), ...rest } = options
  const did = `did:ethr:0x${(7310).toString(16)}:${address}`
  const signer = rest.signer ?? newSigner(did, pool)
  model.admit(address, signer.key.thumbprint, [titleType, degreeType, stateType].map(typeOnChain))
  const issuer = issuerOver(store, model, pool, signer, rest)
  return { issuer, model, store, pool, address }
}

export function issuerOver(
  store: Store,
  model: ChainModel,
  pool: Pool,
  signer: Signer,
  rest: Partial<Issuer> = {},
): Issuer {
  const { certificates, queue, outbox, lists, audit } = store
  return {
    department: { did: signer.key.did, address },
    types: builtInTypes,
    signer,
    workers: createWorkers(pool),
    certificates,
    queue,
    outbox,
    lists,
    audit,
    chain: model.chain,
    writer: model.writer(address),
    clock: () => model.head().time,
    ...rest,
  }
}

/** Registers another assertion key and gives the issuer that signs with it. */
export function withNextKey({ issuer, model, pool }: World): Issuer {
  const signer = newSigner(issuer.department.did, pool, 2)
  model.govern((state, time) => addKey(state, time, address, signer.key.thumbprint))
  return { ...issuer, signer }
}

/** Anchors all that waits; whenever the chain must move, it mines a block. */
export async function anchorAll(
  { issuer, model }: Pick<World, 'issuer' | 'model'>,
  options: DrainOptions = {},
): Promise<number> {
  return drain(issuer, { pause: async () => model.mine(), patienceMs: 100_000, ...options })
}

/** Status of an entry at the newest block. */
export function statusOnChain(model: ChainModel, { list, index }: StatusPosition) {
  const { word, entry } = wordOf(index)
  return statusIn(model.word(address, list, word), entry)
}
