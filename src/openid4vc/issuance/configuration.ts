import type { CertificateType, Field, Labels } from '../../certificate/model.ts'
import { contextUri, credentialTypeName } from '../../certificate/names.ts'
import type { Format, Json, JsonObject } from '../../credential/model.ts'
import type { Issuance } from './model.ts'

/** Format identifiers of OpenID4VCI, and the core's format behind each. */
const formats = [
  { format: 'dc+sd-jwt', name: 'dc-sd-jwt', core: 'dc+sd-jwt' },
  { format: 'jwt_vc_json', name: 'jwt-vc-json', core: 'jwt_vc' },
  { format: 'vc+jwt', name: 'vc-jwt', core: 'vc+jwt' },
  { format: 'vc+sd-jwt', name: 'vc-sd-jwt', core: 'vc+sd-jwt' },
  { format: 'ldp_vc', name: 'ldp-vc', core: undefined },
] as const satisfies readonly { format: string; name: string; core: Format | undefined }[]

/** A certificate type in one format, as a wallet asks for it. */
export type Configuration = {
  /** `<type id>.<version>.<format>`, also its scope. */
  readonly id: string
  readonly type: CertificateType
  readonly format: (typeof formats)[number]['format']
  /** Undefined: `ldp_vc`, which is made of another one. */
  readonly core: Format | undefined
}

/** Everything that the department issues, a type after another. */
export function configurations({ issuer, linkedData }: Issuance): Configuration[] {
  const offered = formats.filter(({ core }) => core !== undefined || linkedData !== undefined)
  return issuer.types.flatMap((type) =>
    offered.map(({ format, name, core }) => ({
      id: `${type.id}.${type.version}.${name}`,
      type,
      format,
      core,
    })),
  )
}

/** One of them, by its id. */
export function configurationOf(issuance: Issuance, id: string): Configuration | undefined {
  return configurations(issuance).find((one) => one.id === id)
}

/** Algorithms with which a wallet proves that it holds a key. */
export const proofAlgorithms = ['ES256', 'EdDSA', 'ES256K'] as const

/** A member of `credential_configurations_supported` (OpenID4VCI 1.0 section 12.2.4 and appendix A). */
export function supported(configuration: Configuration, issuance: Issuance): JsonObject {
  const { id, type, format } = configuration
  return {
    format,
    scope: id,
    cryptographic_binding_methods_supported: ['jwk', 'did:jwk', 'did:key'],
    credential_signing_alg_values_supported:
      format === 'ldp_vc' ? [...issuance.linkedData!.cryptosuites] : ['ES256'],
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: [...proofAlgorithms] } },
    ...shape(configuration),
    credential_metadata: {
      display: displayed(type.names),
      claims: type.fields.flatMap((field) =>
        claims(field, format === 'dc+sd-jwt' ? [] : ['credentialSubject']),
      ),
    },
  }
}

function shape({ type, format }: Configuration): JsonObject {
  if (format === 'dc+sd-jwt') return { vct: type.uri }
  const isVersion1 = format === 'jwt_vc_json'
  const base = isVersion1
    ? 'https://www.w3.org/2018/credentials/v1'
    : 'https://www.w3.org/ns/credentials/v2'
  return {
    credential_definition: {
      ...(!isVersion1 && { '@context': [base, contextUri(type)] }),
      type: ['VerifiableCredential', credentialTypeName(type)],
    },
  }
}

/** Names for wallets, Chinese first. */
export function displayed(labels: Labels): Json[] {
  return [
    { name: labels.zh, locale: 'zh-CN' },
    { name: labels.en, locale: 'en' },
  ]
}

/** Claims descriptions (OpenID4VCI 1.0 appendix B.2); null selects every element of an array. */
function claims(field: Field, parent: readonly Json[]): JsonObject[] {
  const path = [...parent, field.name]
  const own = { path, mandatory: field.required, display: displayed(field.labels) }
  if (field.type !== 'objects') return [own]
  return [own, ...field.fields!.flatMap((member) => claims(member, [...path, null]))]
}
