import type {
  IAgentPlugin,
  ICheckCredentialStatusArgs,
  ICredentialStatusVerifier,
} from '@veramo/core-types'
import { tokenOf } from './document.ts'
import type { AgentRoles } from './model.ts'
import { answered } from './result.ts'

/**
 * Without such a plugin Veramo's `verifyCredential` throws on every `credentialStatus`, after a good
 * verdict. Veramo asks after the signature was judged or was not; this one judges everything again, so a
 * status is good only where the whole credential is, and no address in the credential is read.
 */
export function statusPlugin(roles: Pick<AgentRoles, 'check'>): IAgentPlugin {
  const methods: ICredentialStatusVerifier = {
    async checkCredentialStatus({ credential }: ICheckCredentialStatusArgs) {
      const result = await answered(async () =>
        roles.check(tokenOf(credential), { kind: 'certificate' }),
      )
      return { revoked: !result.verified, verified: result.verified }
    },
  }
  return { methods: { ...methods } }
}
