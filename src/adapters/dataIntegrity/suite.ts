/** The one kind of proof that is made and accepted. */
export const proofType = 'DataIntegrityProof'
export const suite = 'eddsa-rdfc-2022'

/** Context that documents of version 1.1 need for such a proof. */
export const proofContext = 'https://w3id.org/security/data-integrity/v2'
