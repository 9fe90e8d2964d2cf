import type { Issuance } from '../../openid4vc/issuance/model.ts'
import { issueLdpVc } from '../../vcapi/issueCredential.ts'
import type { Service } from '../../wire/service.ts'

/** What the OpenID4VCI functions need of a department's service. */
export function issuanceOf(service: Service): Issuance {
  const { department, sessions, baseUrl, clock, configuration, integrity } = service
  const { fourEyes, logInOnly } = configuration.service ?? {}
  return {
    issuer: department.issuer,
    sessions,
    sealer: department.keys,
    baseUrl,
    clock,
    names: configuration.names,
    linkedData: {
      cryptosuites: ['eddsa-rdfc-2022'],
      secure: (document, created) =>
        issueLdpVc({ integrity, clock: () => created }, { ...document, issuer: integrity.did }),
    },
    ...(fourEyes && { fourEyes }),
    ...(logInOnly && { logInOnly }),
  }
}
