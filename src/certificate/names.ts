import type { CertificateType } from './model.ts'

/** The type's name among a credential's `type`: `real-estate-title` is `RealEstateTitle`. */
export function credentialTypeName(type: CertificateType): string {
  return type.id.replace(/(?:^|-)(.)/g, (_match, letter: string) => letter.toUpperCase())
}

/** The address of the type's JSON-LD context; bundled, never fetched. */
export function contextUri(type: CertificateType): string {
  return `urn:weir:context:${type.id}:${type.version}`
}
