import { randomBytes } from 'node:crypto'
import { seal, unseal } from '../../../src/adapters/keys/envelope.ts'
import type { JsonObject } from '../../../src/credential/model.ts'
import { requireAccess } from '../../../src/openid4vc/issuance/access.ts'
import { createOffer, type OfferWish } from '../../../src/openid4vc/issuance/createOffer.ts'
import type { requestCredential } from '../../../src/openid4vc/issuance/credential.ts'
import { preAuthorizedGrant } from '../../../src/openid4vc/issuance/metadata.ts'
import { type Issuance, issuerIdentifier } from '../../../src/openid4vc/issuance/model.ts'
import { newNonce } from '../../../src/openid4vc/issuance/nonce.ts'
import { token } from '../../../src/openid4vc/issuance/token.ts'
import { OAuthError } from '../../../src/openid4vc/oauthError.ts'
import { newWorld, sampleTitle, type World } from '../../support/issuer.ts'
import { keyProof, secondsOf, type WalletKey, walletKey } from '../../support/wallet.ts'

export const titleSdJwt = 'real-estate-title.1.dc-sd-jwt'
export const titleJwt = 'real-estate-title.1.jwt-vc-json'
export const degreeSdJwt = 'degree-certificate.1.dc-sd-jwt'

/** A department that offers certificates, over a chain model and a memory store; its clock can be moved. */
export type OfferWorld = {
  readonly world: World
  readonly issuance: Issuance
  /** Seconds that the clock is ahead. */
  ahead: number
}

export async function offerWorld(rest: Partial<Issuance> = {}): Promise<OfferWorld> {
  const world = await newWorld()
  const secret = randomBytes(32)
  const made: { -readonly [K in keyof OfferWorld]: OfferWorld[K] } = {
    world,
    ahead: 0,
    issuance: undefined as never,
  }
  const clock = () => new Date(world.model.head().time.getTime() + made.ahead * 1000)
  made.issuance = {
    issuer: { ...world.issuer, clock },
    sessions: world.store.sessions,
    sealer: {
      seal: (context, plain) => seal(secret, context, plain),
      unseal: (context, sealed) => unseal(secret, context, sealed),
    },
    baseUrl: new URL('https://titles.example/'),
    clock,
    names: { zh: '样本市不动产登记中心', en: 'Sample Registration Centre' },
    ...rest,
  }
  return made
}

/** An offer of a sample title and what stands in its address. */
export async function offered(issuance: Issuance, wish: Partial<OfferWish> = {}) {
  const offer = await createOffer(issuance, {
    configurations: [titleSdJwt],
    claims: sampleTitle(1),
    by: 'counter',
    ...wish,
  })
  const object = JSON.parse(new URL(offer.uri).searchParams.get('credential_offer') ?? 'null')
  const code = object?.grants[preAuthorizedGrant]?.['pre-authorized_code'] as string
  const state = object?.grants.authorization_code?.issuer_state as string
  return { ...offer, object, code, state }
}

/** Form of a token request. */
export function tokenForm(offer: { code: string; txCode: string | undefined }, rest: object = {}) {
  return {
    grant_type: preAuthorizedGrant,
    'pre-authorized_code': offer.code,
    ...(offer.txCode !== undefined && { tx_code: offer.txCode }),
    ...rest,
  }
}

/** An access token as a bearer, and what it lets do. */
export async function accepted(issuance: Issuance, wish: Partial<OfferWish> = {}) {
  const offer = await offered(issuance, wish)
  const response = await token(issuance, tokenForm(offer), undefined)
  const authorization = `Bearer ${response.access_token}`
  const access = await requireAccess(issuance, 'credential', { authorization, dpop: undefined })
  return { offer, authorization, access }
}

/** A good proof of a key, with a fresh nonce. */
export async function proofOf(
  issuance: Issuance,
  key: WalletKey = walletKey(),
  rest: JsonObject = {},
  header?: JsonObject,
): Promise<string> {
  const payload = {
    aud: issuerIdentifier(issuance),
    nonce: await newNonce(issuance),
    iat: secondsOf(issuance.clock()),
    ...rest,
  }
  return header ? keyProof(key, payload, header) : keyProof(key, payload)
}

/** A credential request. */
export function requestOf(proofs: readonly string[], id = titleSdJwt): JsonObject {
  return { credential_configuration_id: id, proofs: { jwt: [...proofs] } }
}

/** Tokens of a credential answer. */
export function tokensOf({ body }: Awaited<ReturnType<typeof requestCredential>>): string[] {
  return (body.credentials as { credential: string }[]).map(({ credential }) => credential)
}

/** The OAuth code with which a call refuses; undefined if it does not. */
export async function oauthRefusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call
  } catch (error) {
    if (error instanceof OAuthError) return error.errorResponse.error
    throw error
  }
  return undefined
}
