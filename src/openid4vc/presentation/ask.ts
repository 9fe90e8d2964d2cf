import { encodeBase64url, randomBytes } from '#primitives'
import { isJsonObject } from '../../credential/json.ts'
import type { Json, JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import { ask } from '../../verifier/ask.ts'
import { clientIdOf } from './clientId.ts'
import type {
  ClientIdPrefix,
  PresentationTransaction,
  RelyingParty,
  ResponseMode,
} from './model.ts'
import { requestParameters, requestUriOf, responseUriOf } from './requestObject.ts'
import { newResponseKey } from './responseKey.ts'
import { idOfHandle, toSession } from './transaction.ts'

/** What a department's system asks for. */
export type PresentationWish = {
  readonly dcql: Json
  /** Shown to the holder and kept in the audit log; 1 to 200 characters. */
  readonly purpose: string
  readonly mode: ResponseMode
  readonly prefix: ClientIdPrefix
  /** How wallets are asked to fetch the request object. */
  readonly requestUriMethod?: 'get' | 'post'
  /** Where the holder's browser goes back to, same device; the result then needs the response code. */
  readonly redirectUri?: string
  /** All certificates must be of one holder. */
  readonly sameHolder?: boolean
  /** Seconds to answer, 30 to 900; default 300. */
  readonly expiresIn?: number
}

/** A request that waits for a wallet. */
export type AskedPresentation = {
  readonly id: string
  /** `openid4vp://` URI, for a QR code or a link. */
  readonly uri: string
  readonly clientId: string
  /** Where the signed request object is; undefined for `redirect_uri`, whose URI says everything. */
  readonly requestUri: string | undefined
  readonly expiresAt: Date
}

/** How long it is remembered what became of a request; no claim is kept with it. */
const rememberedMs = 24 * 3_600_000

/**
 * Asks for certificates: makes nonce, state, addresses and, for encrypted answers, a key, all used once.
 *
 * @param actor who asks, for the audit log.
 * @throws {InputError} `presentation/bad-request` with the member at fault; `presentation/no-request-key`.
 * @see OpenID4VP 1.0, section 5
 */
export async function askForPresentation(
  party: RelyingParty,
  wish: PresentationWish,
  actor: string,
): Promise<AskedPresentation> {
  const now = party.clock()
  const { dcql, prefix, mode, expiresIn = 300 } = wish
  if (!Number.isInteger(expiresIn) || expiresIn < 30 || expiresIn > 900) throw bad('expires_in')
  refuseUnbound(dcql)
  const redirectUri = wish.redirectUri === undefined ? undefined : readRedirect(wish.redirectUri)
  const handle = encodeBase64url(randomBytes(32))
  const id = idOfHandle(handle)
  const clientId = clientIdOf(prefix, party.signer, responseUriOf(party, prefix, handle))
  const { nonce, purpose } = ask({ audience: clientId, purpose: wish.purpose, dcql })
  const transaction: PresentationTransaction = {
    id,
    version: 1,
    expiresAt: new Date(now.getTime() + rememberedMs),
    state: 'waiting',
    history: [{ state: 'waiting', at: now }],
    answerBy: new Date(now.getTime() + expiresIn * 1000),
    prefix,
    mode,
    clientId,
    nonce,
    stateParameter: encodeBase64url(randomBytes(32)),
    purpose,
    dcql,
    sameHolder: wish.sameHolder ?? false,
    redirectUri,
    responseCodeHash: undefined,
    responseKey: mode === 'direct_post.jwt' ? newResponseKey(party.sealer, id) : undefined,
    outcome: undefined,
    reason: undefined,
  }
  await party.sessions.add(party.department, [toSession(transaction)])
  await party.audit.append([
    {
      at: now,
      actor,
      action: 'presentation-asked',
      subject: id,
      detail: { purpose, types: typesOf(dcql).join(' ').slice(0, 1000), prefix, mode },
    },
  ])
  const base = { id, clientId, expiresAt: transaction.answerBy }
  if (prefix === 'redirect_uri') {
    const uri = uriOf(requestParameters(party, transaction, handle))
    return { ...base, uri, requestUri: undefined }
  }
  const requestUri = requestUriOf(party, prefix, handle).href
  const method: JsonObject = wish.requestUriMethod === 'post' ? { request_uri_method: 'post' } : {}
  const uri = uriOf({ client_id: clientId, request_uri: requestUri, ...method })
  return { ...base, uri, requestUri }
}

function bad(path: string): InputError {
  return new InputError('presentation/bad-request', { path })
}

/** No option switches off holder binding, so a query may not ask wallets to leave it out. */
function refuseUnbound(dcql: Json): void {
  const list = isJsonObject(dcql) && Array.isArray(dcql.credentials) ? dcql.credentials : []
  for (const query of list) {
    if (isJsonObject(query) && query.require_cryptographic_holder_binding === false) {
      throw bad('require_cryptographic_holder_binding')
    }
  }
}

function readRedirect(text: string): string {
  if (!URL.canParse(text) || text.length > 2000) throw bad('redirect_uri')
  const url = new URL(text)
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)
  if (!isSafe || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw bad('redirect_uri')
  }
  return url.href
}

/** The certificate types that a query names, for the audit log. */
function typesOf(dcql: Json): string[] {
  const list = isJsonObject(dcql) && Array.isArray(dcql.credentials) ? dcql.credentials : []
  return list.flatMap((query) => {
    const meta = isJsonObject(query) && isJsonObject(query.meta) ? query.meta : {}
    return [meta.vct_values, meta.type_values]
      .flat(3)
      .filter((name): name is string => typeof name === 'string')
  })
}

function uriOf(parameters: JsonObject): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    query.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return `openid4vp://?${query}`
}
