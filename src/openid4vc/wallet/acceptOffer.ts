import {
  type CredentialOfferObject,
  type IssuerMetadataResult,
  Openid4vciClient,
  setGlobalConfig,
} from '@openid4vc/openid4vci'
import { encodeBase64url, randomBytes, sha256 } from '#primitives'
import type { PublicJwk } from '../../credential/model.ts'
import { InputError, isWeirError, TrustError } from '../../errors.ts'
import { receive } from '../../holder/receive.ts'
import type { HeldRecord } from '../../ports/holder.ts'
import { fetchThrough } from './fetching.ts'
import type { WalletClient } from './model.ts'

/** Formats that this wallet can keep, as issuers name them. */
const formats: readonly string[] = ['dc+sd-jwt', 'vc+sd-jwt', 'vc+jwt', 'jwt_vc_json']

/** Certificates taken up by one offer at most. */
const maxConfigurations = 16

/** What came of an offer. */
export type AcceptedOffer = {
  readonly issuer: string
  readonly received: readonly HeldRecord[]
}

/**
 * Takes up an offer by its pre-authorised code: each certificate is bound to a fresh key of this wallet
 * and fully checked, its issuer by the chain, before any is stored.
 *
 * @param wish.credentialOfferUri `openid-credential-offer://` with the offer or its address, or the
 *   offer's address alone.
 * @throws {InputError} `wallet/bad-offer` if it cannot be read, has no pre-authorised code or no format
 *   of ours; `credential/*`, `json/*` for a certificate that cannot be read.
 * @throws {TrustError} `wallet/offer-refused` if the issuer refuses or defers; `holder/*` if a
 *   certificate is not good: then none of the offer is stored.
 * @throws {OutsideError} `fetch/*`; those of the chain.
 * @see OpenID4VCI 1.0, sections 4, 6 and 8
 */
export async function acceptOffer(
  client: WalletClient,
  wish: { readonly credentialOfferUri: string; readonly txCode?: string | undefined },
): Promise<AcceptedOffer> {
  // The library knows no other way; what may be asked without TLS our own door decides.
  if (client.isDevelopment) setGlobalConfig({ allowInsecureUrls: true })
  const issuing = openid4vciClient(client)
  const offer = await resolved('wallet/bad-offer', () =>
    issuing.resolveCredentialOffer(offerText(wish.credentialOfferUri)),
  )
  const grant = offer.grants?.['urn:ietf:params:oauth:grant-type:pre-authorized_code']
  if (grant === undefined) throw new InputError('wallet/bad-offer', { why: 'grant' })
  if (grant.tx_code !== undefined && wish.txCode === undefined) {
    throw new InputError('wallet/bad-offer', { why: 'tx_code' })
  }
  const issuerMetadata = await resolved('wallet/bad-offer', () =>
    issuing.resolveIssuerMetadata(offer.credential_issuer),
  )
  const configurations = ours(offer, issuerMetadata)
  const { accessTokenResponse } = await resolved('wallet/offer-refused', () =>
    issuing.retrievePreAuthorizedCodeAccessTokenFromOffer({
      credentialOffer: offer,
      issuerMetadata,
      ...(wish.txCode !== undefined && { txCode: wish.txCode }),
    }),
  )
  const accessToken = accessTokenResponse.access_token
  const received: HeldRecord[] = []
  for (const credentialConfigurationId of configurations) {
    const request = { issuing, issuerMetadata, credentialConfigurationId, accessToken }
    const { tokens, notificationId } = await retrieve(client, request)
    const notify = (event: 'credential_accepted' | 'credential_failure') =>
      notificationId === undefined ||
      issuerMetadata.credentialIssuer.notification_endpoint === undefined
        ? undefined
        : issuing
            .sendNotification({
              issuerMetadata,
              accessToken,
              notification: { notificationId, event },
            })
            // It is a courtesy: what was received counts without it.
            .catch(() => undefined)
    try {
      for (const token of tokens) received.push(await receive(client.holder, token))
    } catch (error) {
      for (const { id } of received) await client.holder.store.remove(id)
      await notify('credential_failure')
      throw error
    }
    await notify('credential_accepted')
  }
  return { issuer: offer.credential_issuer, received }
}

type Retrieval = {
  readonly issuing: Openid4vciClient
  readonly issuerMetadata: IssuerMetadataResult
  readonly credentialConfigurationId: string
  readonly accessToken: string
}

async function retrieve(client: WalletClient, retrieval: Retrieval) {
  const { issuing, issuerMetadata, credentialConfigurationId, accessToken } = retrieval
  const key = await client.newKey()
  return resolved('wallet/offer-refused', async () => {
    const nonce = issuerMetadata.credentialIssuer.nonce_endpoint
      ? (await issuing.requestNonce({ issuerMetadata })).c_nonce
      : undefined
    const { jwt } = await issuing.createCredentialRequestJwtProof({
      issuerMetadata,
      credentialConfigurationId,
      issuedAt: client.holder.now(),
      signer: { method: 'jwk', publicJwk: key, alg: 'ES256' },
      ...(nonce !== undefined && { nonce }),
    })
    const { credentialResponse } = await issuing.retrieveCredentials({
      issuerMetadata,
      credentialConfigurationId,
      accessToken,
      proofs: { jwt: [jwt] },
    })
    const { credentials, credential, notification_id: notificationId } = credentialResponse
    const listed: readonly unknown[] = credentials ?? (credential === undefined ? [] : [credential])
    const tokens = listed.map((one) =>
      typeof one === 'object' && one !== null && 'credential' in one ? one.credential : one,
    )
    if (tokens.length === 0) throw new TrustError('wallet/offer-refused', { why: 'deferred' })
    if (!tokens.every((token) => typeof token === 'string')) {
      throw new TrustError('wallet/offer-refused', { why: 'format' })
    }
    return { tokens: tokens as string[], notificationId }
  })
}

function offerText(uri: string): string {
  if (uri.length > 65_536 || !URL.canParse(uri)) {
    throw new InputError('wallet/bad-offer', { why: 'uri' })
  }
  const { searchParams } = new URL(uri)
  if (searchParams.has('credential_offer') || searchParams.has('credential_offer_uri')) return uri
  return `openid-credential-offer://?credential_offer_uri=${encodeURIComponent(uri)}`
}

/** What of an offer this wallet can keep. */
function ours(
  { credential_configuration_ids: ids }: CredentialOfferObject,
  { credentialIssuer }: IssuerMetadataResult,
): string[] {
  const supported = credentialIssuer.credential_configurations_supported
  const fitting = ids.filter(
    (id) => Object.hasOwn(supported, id) && formats.includes(supported[id]!.format),
  )
  if (fitting.length === 0 || fitting.length > maxConfigurations) {
    throw new InputError('wallet/bad-offer', { why: 'format' })
  }
  return fitting
}

/** The library's own errors hold what the issuer wrote, certificates too; only their names are told. */
async function resolved<T>(
  code: 'wallet/bad-offer' | 'wallet/offer-refused',
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const found = weirErrorIn(error)
    if (found !== undefined) throw found
    const why = error instanceof Error ? error.name : 'unknown'
    if (code === 'wallet/bad-offer') throw new InputError(code, { why })
    throw new TrustError(code, { why })
  }
}

/** An error of our own door that the library wrapped. */
function weirErrorIn(error: unknown): unknown {
  let at = error
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    if (isWeirError(at)) return at
    at = at.cause
  }
  return undefined
}

function openid4vciClient(client: WalletClient): Openid4vciClient {
  return new Openid4vciClient({
    callbacks: {
      fetch: fetchThrough(client.fetch),
      hash: (data, algorithm) => {
        if (algorithm !== 'sha-256') throw new TypeError(`no ${algorithm} here`)
        return sha256(data)
      },
      generateRandom: (length) => randomBytes(length),
      // An anonymous wallet: OpenID4VCI 1.0 section 6.1.
      clientAuthentication: () => {},
      signJwt: async (signer, { header, payload }) => {
        if (signer.method !== 'jwk') throw new TypeError(`no ${signer.method} here`)
        const jwk = signer.publicJwk as PublicJwk
        const own = await client.holder.signerFor(jwk)
        if (own === undefined) throw new TrustError('holder/not-ours')
        const input = `${encode(header)}.${encode(payload)}`
        const [signature] = await own.sign('key-proof', [input])
        return { jwt: `${input}.${encodeBase64url(signature!)}`, signerJwk: signer.publicJwk }
      },
    },
  })
}

function encode(value: unknown): string {
  return encodeBase64url(JSON.stringify(value))
}
