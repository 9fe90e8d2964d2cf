import type { Json } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import type { CertificateType } from './model.ts'
import { readType } from './readType.ts'
import businessLicence from './types/business-licence.json' with { type: 'json' }
import deedTaxCertificate from './types/deed-tax-certificate.json' with { type: 'json' }
import degreeCertificate from './types/degree-certificate.json' with { type: 'json' }
import householdExtract from './types/household-extract.json' with { type: 'json' }
import marriageCertificate from './types/marriage-certificate.json' with { type: 'json' }
import medicalPracticeLicence from './types/medical-practice-licence.json' with { type: 'json' }
import realEstateRegistration from './types/real-estate-registration.json' with { type: 'json' }
import realEstateTitle from './types/real-estate-title.json' with { type: 'json' }
import registryState from './types/registry-state.json' with { type: 'json' }
import residentIdentity from './types/resident-identity.json' with { type: 'json' }
import retirementCertificate from './types/retirement-certificate.json' with { type: 'json' }

/** The certificate types that Weir ships, in the order of their making; a department adds its own as data. */
export const builtInTypes: readonly CertificateType[] = [
  realEstateTitle,
  realEstateRegistration,
  businessLicence,
  medicalPracticeLicence,
  marriageCertificate,
  degreeCertificate,
  retirementCertificate,
  residentIdentity,
  householdExtract,
  deedTaxCertificate,
  registryState,
].map((definition) => readType(definition as unknown as Json))

/**
 * The type of this id (its newest version) or this URI.
 *
 * @param types where to look, built-in ones if nothing is said.
 * @throws {InputError} `certificate/unknown-type`
 */
export function findType(
  idOrUri: string,
  types: readonly CertificateType[] = builtInTypes,
): CertificateType {
  const found = types
    .filter(({ id, uri }) => id === idOrUri || uri === idOrUri)
    .sort((a, b) => b.version - a.version)[0]
  if (found === undefined) throw new InputError('certificate/unknown-type')
  return found
}
