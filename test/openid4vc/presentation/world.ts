import { randomBytes } from 'node:crypto'
import { generateKeyPair } from '#primitives'
import { seal, unseal } from '../../../src/adapters/keys/envelope.ts'
import { createPool } from '../../../src/adapters/keys/pool.ts'
import { localSigner } from '../../../src/adapters/keys/signer.ts'
import { memoryStore } from '../../../src/adapters/storage/memory.ts'
import { builtInTypes } from '../../../src/certificate/types.ts'
import { didJwk } from '../../../src/credential/didJwk.ts'
import type { Format, Json, PublicJwk } from '../../../src/credential/model.ts'
import { thumbprintHex } from '../../../src/credential/thumbprint.ts'
import { isWeirError } from '../../../src/errors.ts'
import type { Holder } from '../../../src/holder/model.ts'
import { receive } from '../../../src/holder/receive.ts'
import {
  certifyKey,
  createDevelopmentAuthority,
  issueCrls,
} from '../../../src/identity/x509/authority.ts'
import { readLeaf } from '../../../src/identity/x509/leaf.ts'
import { issueOne } from '../../../src/issuer/issue.ts'
import { proofFor } from '../../../src/issuer/proof.ts'
import {
  askForPresentation,
  type PresentationWish,
} from '../../../src/openid4vc/presentation/ask.ts'
import type { RelyingParty } from '../../../src/openid4vc/presentation/model.ts'
import { signedRequest } from '../../../src/openid4vc/presentation/requestObject.ts'
import { takeResponse } from '../../../src/openid4vc/presentation/respond.ts'
import { answerRequest } from '../../../src/openid4vc/wallet/answerRequest.ts'
import type { WalletClient } from '../../../src/openid4vc/wallet/model.ts'
import type { Fetch, FetchRequest } from '../../../src/ports/fetch.ts'
import type { Signer } from '../../../src/ports/signing.ts'
import { writePresentationFile } from '../../../src/presentation/presentationFile.ts'
import type { PrivateJwk } from '../../../src/primitives/model.ts'
import { verify } from '../../../src/verdict/verify.ts'
import { gather } from '../../../src/verifier/gather.ts'
import type { Verifier } from '../../../src/verifier/model.ts'
import { addKey, chainModel } from '../../support/chainModel.ts'
import {
  address,
  anchorAll,
  degreeRequest,
  newWorld,
  sampleDegree,
  titleRequest,
} from '../../support/issuer.ts'

export const degreeUri = 'urn:weir:certificate:degree-certificate:1'
export const titleUri = 'urn:weir:certificate:real-estate-title:1'

/** Asks for a degree, and for no entry that could be left out. */
export const plainQuery: Json = {
  credentials: [{ id: 'degree', format: 'dc+sd-jwt', meta: { vct_values: [degreeUri] } }],
}

/** Asks for a degree's name alone. */
export const nameQuery: Json = {
  credentials: [
    {
      id: 'degree',
      format: 'dc+sd-jwt',
      meta: { vct_values: [degreeUri] },
      claims: [{ path: ['name'] }],
    },
  ],
}

/** What a wish says unless told otherwise. */
export function wish(rest: Partial<PresentationWish> = {}): PresentationWish {
  return {
    dcql: nameQuery,
    purpose: 'sample purpose',
    mode: 'direct_post',
    prefix: 'x509_hash',
    ...rest,
  }
}

/** A department that asks, a holder, and a network between them; all in this process, on a model chain. */
export async function presentationWorld() {
  const model = chainModel()
  const pool = createPool(1)
  const issuing = await newWorld({ model, pool })
  const clock = { skewMs: 0 }
  const now = () => new Date(model.head().time.getTime() + clock.skewMs)
  const { issuer } = issuing
  const did = issuer.department.did
  const authority = await createDevelopmentAuthority({
    organisation: 'Sample',
    now: now(),
    days: 3650,
  })

  /** A key for requests, registered unless told. */
  async function requestSigner(
    options: { registered?: boolean; dnsName?: string; number?: number } = {},
  ) {
    const { privateJwk, publicJwk } = generateKeyPair()
    const leaf = await certifyKey(authority, {
      did,
      dnsName: options.dnsName ?? 'verifier.example',
      publicJwk,
      organisation: 'Sample',
      now: now(),
      days: 730,
    })
    const { certificateHash } = readLeaf(leaf)
    if (options.registered !== false) {
      model.govern((state, time) => {
        addKey(state, time, address, thumbprintHex(publicJwk))
        const record = state.keys.get(thumbprintHex(publicJwk))!
        state.keys.set(record.thumbprint, { ...record, purpose: 'request', certificateHash })
      })
      for (let block = 0; block < 4; block++) model.mine()
    }
    const key = {
      did,
      kid: `${did}#delegate-${options.number ?? 7}`,
      thumbprint: thumbprintHex(publicJwk),
      jwk: publicJwk,
      alg: 'ES256',
      purpose: 'request' as const,
      x5c: [leaf, authority.intermediate],
    }
    return { signer: localSigner(key, privateJwk, pool), publicJwk, privateJwk }
  }

  const request = await requestSigner()
  const verifier: Verifier = {
    chain: model.chain,
    keysOf: async (asked) => (asked === did ? [issuer.signer.key.jwk, request.publicJwk] : []),
    now,
  }
  const policyOf: RelyingParty['policyOf'] = (at, question) => ({
    at,
    question,
    chain: `eip155:${model.chain.identity.chainId}`,
    deployment: model.chain.identity,
  })
  const store = memoryStore()
  const sealing = new Uint8Array(randomBytes(32))
  const party: RelyingParty = {
    department: address,
    name: 'Sample department',
    verifier,
    policyOf,
    sessions: store.sessions,
    audit: store.audit,
    sealer: {
      seal: (context, plain) => seal(sealing, context, plain),
      unseal: (context, sealed) => unseal(sealing, context, sealed),
    },
    signer: request.signer,
    baseUrl: new URL('https://verifier.example/'),
    clock: now,
  }

  const keys = new Map<string, PrivateJwk>()
  const holderStore = memoryStore().holder
  const holder: Holder = {
    store: holderStore,
    signerFor: async (key) => signerOf(keys.get(thumbprintHex(key)), pool),
    check: async (token, proof) =>
      verify(
        await gather(verifier, writePresentationFile([{ token, proofs: [proof] }])),
        policyOf(now(), { kind: 'certificate' }),
      ),
    types: builtInTypes,
    now,
  }
  const newKey = async (): Promise<PublicJwk> => {
    const { privateJwk, publicJwk } = generateKeyPair()
    keys.set(thumbprintHex(publicJwk), privateJwk)
    return publicJwk
  }
  const asked: FetchRequest[] = []
  const fetch: Fetch = async (question) => {
    asked.push(question)
    return answerOf(party, question)
  }
  const { chain } = model
  const wallet: WalletClient = { holder, newKey, fetch, chain, keysOf: verifier.keysOf }

  let serial = 0
  /** Issues a certificate to the wallet, anchors and receives it. @returns its fingerprint, hex. */
  async function hold(
    options: { type?: 'degree' | 'title'; format?: Format; key?: PublicJwk } = {},
  ): Promise<string> {
    const make = options.type === 'title' ? titleRequest : degreeRequest
    const holderKeys = [options.key ?? (await newKey())]
    const formats = [options.format ?? 'dc+sd-jwt'] as const
    const [made] = await issueOne(issuer, make(++serial, { holderKeys, formats }))
    await anchorAll(issuing)
    const { proof } = await proofFor(issuer, made!.fingerprint)
    await receive(holder, made!.token, proof)
    return made!.fingerprint
  }

  const ask = (rest: Partial<PresentationWish> = {}) =>
    askForPresentation(party, wish(rest), 'clerk')
  return {
    ...{ model, issuing, clock, now, party, store, wallet, holder, keys, authority, pool, asked },
    ...{ hold, ask, requestSigner, answer: (question: FetchRequest) => answerOf(party, question) },
    crls: () => issueCrls(authority, { revoked: [], now: now(), days: 7 }),
    sampleDegree,
  }
}

/** The answer that the wallet would send, without sending it. */
export async function capture(
  { wallet, party }: Pick<PresentationWorld, 'wallet' | 'party'>,
  requestUri: string,
  disclose: Json = [['name']],
): Promise<{ url: string; form: Record<string, string> }> {
  let caught: FetchRequest | undefined
  const fetch: Fetch = async (question) => {
    if (question.url.includes('/requests/')) return answerOf(party, question)
    caught = question
    return { status: 200, headers: {}, body: new TextEncoder().encode('{}') }
  }
  await answerRequest({ ...wallet, fetch }, { requestUri, disclose })
  const { url, body } = caught!
  return { url, form: Object.fromEntries(new URLSearchParams(String(body))) }
}

/** `accepted`, or the code that an answer is refused with. */
export async function posted(
  party: RelyingParty,
  url: string,
  form: Record<string, string>,
): Promise<string> {
  const body = new URLSearchParams(form).toString()
  const { status, body: bytes } = await answerOf(party, { url, method: 'POST', body })
  if (status === 200) return 'accepted'
  return JSON.parse(Buffer.from(bytes).toString()).error_description
}

export type PresentationWorld = Awaited<ReturnType<typeof presentationWorld>>

function signerOf(
  jwk: PrivateJwk | undefined,
  pool: ReturnType<typeof createPool>,
): Signer | undefined {
  if (jwk === undefined) return undefined
  const { d: _, ...publicJwk } = jwk
  const did = didJwk(publicJwk)
  const key = { did, kid: `${did}#0`, thumbprint: thumbprintHex(publicJwk), jwk: publicJwk }
  return localSigner({ ...key, alg: 'ES256', purpose: 'holder', x5c: [] }, jwk, pool)
}

/** The handle in an address of a request. */
export function handleIn(url: string): string {
  return new URL(url).pathname.split('/').at(-1)!
}

/** What the routes answer, without HTTP. */
export async function answerOf(party: RelyingParty, { url, method, body }: FetchRequest) {
  const handle = handleIn(url)
  const form = Object.fromEntries(new URLSearchParams(body === undefined ? '' : String(body)))
  const reply = (status: number, text: string) => ({
    status,
    headers: {},
    body: new TextEncoder().encode(text),
  })
  try {
    if (url.includes('/requests/')) {
      const nonce = method === 'POST' ? form.wallet_nonce : undefined
      return reply(200, await signedRequest(party, handle, nonce))
    }
    const { isAccepted, redirectUri, code } = await takeResponse(party, handle, form)
    if (!isAccepted) return reply(400, JSON.stringify({ error_description: code }))
    return reply(
      200,
      JSON.stringify(redirectUri === undefined ? {} : { redirect_uri: redirectUri }),
    )
  } catch (error) {
    if (!isWeirError(error)) throw error
    return reply(
      error.name === 'OutsideError' ? 503 : 400,
      JSON.stringify({ error_description: error.code }),
    )
  }
}
