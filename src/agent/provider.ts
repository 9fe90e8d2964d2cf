import type {
  ICreateVerifiableCredentialArgs,
  ICreateVerifiablePresentationArgs,
  IKey,
  IVerifyCredentialArgs,
  IVerifyPresentationArgs,
  IVerifyResult,
  VerifiableCredential,
  VerifiablePresentation,
} from '@veramo/core-types'
import type { ICredentialProvider } from '@veramo/credential-w3c'
import { didJwk } from '../credential/didJwk.ts'
import type { Format } from '../credential/model.ts'
import { parseCredential } from '../credential/parse.ts'
import { InputError } from '../errors.ts'
import type { ClaimPath } from '../presentation/model.ts'
import { parsePresentation } from '../presentation/parsePresentation.ts'
import { documentOf, tokenOf } from './document.ts'
import { remember } from './judged.ts'
import type { AgentRoles } from './model.ts'
import { certificateRequest } from './request.ts'
import { answered } from './result.ts'

/** Names under which Veramo's callers ask for a format; `jwt` is Veramo's own for VC 1.1. */
const proofFormats: Readonly<Record<Format, readonly string[]>> = {
  'vc+jwt': ['vc+jwt'],
  'dc+sd-jwt': ['dc+sd-jwt'],
  'vc+sd-jwt': ['vc+sd-jwt'],
  jwt_vc: ['jwt_vc', 'jwt'],
}

/**
 * One provider for each format, for `new CredentialPlugin(credentialProviders(roles))`. The last one
 * also answers for everything that is no credential of the others, so that a malformed document is
 * refused and not an error of set-up.
 */
export function credentialProviders(roles: AgentRoles): ICredentialProvider[] {
  const formats: Format[] = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc']
  return formats.map((format) => credentialProvider(roles, format, format === 'jwt_vc'))
}

/**
 * Issues and verifies credentials of one format through a Veramo agent. Issuing is the issuer's whole
 * work, from the request's check to the stored signature; verifying is our verdict. No option that
 * Veramo passes on, `policies` among them, switches a check off, and nothing that a caller gave is
 * written to.
 *
 * @param answersForAll whether it takes every document.
 */
function credentialProvider(
  roles: AgentRoles,
  format: Format,
  answersForAll = false,
): ICredentialProvider {
  return {
    getProofFormatsSupportedForKey: ({ type, meta }: IKey) =>
      type === 'Secp256r1' && meta?.purpose === 'assertion' ? [...proofFormats[format]] : [],

    canIssueProofFormat: ({ proofFormat }) => proofFormats[format].includes(proofFormat),

    canVerifyDocumentType: ({ document }) => answersForAll || formatOf(document) === format,

    async createVerifiableCredential(
      args: ICreateVerifiableCredentialArgs,
    ): Promise<VerifiableCredential> {
      const issued = await roles.issue(certificateRequest(roles.types, format, args))
      const token = issued.find((one) => one.format === format)?.token
      if (token === undefined) throw new InputError('agent/no-token')
      return documentOf(token)
    },

    async verifyCredential({ credential }: IVerifyCredentialArgs): Promise<IVerifyResult> {
      const result = await answered(async () =>
        roles.check(tokenOf(credential), { kind: 'certificate' }),
      )
      return remember(credential, result)
    },

    async createVerifiablePresentation({
      presentation,
      challenge,
      domain,
      disclose,
    }: ICreateVerifiablePresentationArgs): Promise<VerifiablePresentation> {
      if (roles.present === undefined) throw new InputError('agent/not-supported')
      if (!challenge || !domain) throw new InputError('agent/no-challenge')
      const tokens = (presentation.verifiableCredential ?? []).map(tokenOf)
      const none: ClaimPath[] = []
      const jwt = await roles.present({
        tokens,
        nonce: challenge,
        audience: domain,
        disclose: disclose ?? tokens.map(() => none),
      })
      return { holder: presentation.holder, proof: { type: 'JwtProof2020', jwt } } as never
    },

    verifyPresentation: ({
      presentation,
      challenge,
      domain,
    }: IVerifyPresentationArgs): Promise<IVerifyResult> =>
      answered(async () => {
        // Without both, anybody could show what somebody else showed once.
        if (!challenge || !domain) throw new InputError('agent/no-challenge')
        const token = shownToken(presentation)
        return roles.check(token, { kind: 'presentation', nonce: challenge, audience: domain })
      }),
  }
}

function formatOf(document: unknown): Format | undefined {
  try {
    const token = typeof document === 'string' ? document : presentationToken(document)
    return parseCredential(token).format
  } catch {
    return undefined
  }
}

/** A presentation's token; what an object shows beside it must be true too. */
function shownToken(presentation: unknown): string {
  const token = presentationToken(presentation)
  if (typeof presentation === 'string') return token
  const { proof: _, holder, ...others } = presentation as Record<string, unknown>
  const holders = parsePresentation(token).map(({ credential: { holderKey } }) =>
    holderKey === undefined ? undefined : didJwk(holderKey),
  )
  const isTrue = holder === undefined || holders.every((one) => one === holder)
  if (!isTrue || Object.keys(others).length > 0) throw new InputError('agent/not-as-signed')
  return token
}

function presentationToken(presentation: unknown): string {
  if (typeof presentation === 'string') return presentation
  const token = (presentation as { proof?: { jwt?: unknown } } | undefined)?.proof?.jwt
  if (typeof token !== 'string') throw new InputError('agent/no-token')
  return token
}
