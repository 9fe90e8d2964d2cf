import type {
  IAgentPlugin,
  ICheckCredentialStatusArgs,
  ICredentialStatusVerifier,
} from '@veramo/core-types'
import { tokenOf } from './document.ts'
import { remembered } from './judged.ts'
import type { AgentRoles } from './model.ts'
import { answered } from './result.ts'

/**
 * Without such a plugin Veramo's `verifyCredential` throws on every `credentialStatus`, after a good
 * verdict. What our own provider has judged in this moment stands, status included. Asked about any other
 * credential, this one judges it whole, so that a status is good only where everything is, and reads no
 * address that stands in it.
 */
export function statusPlugin(roles: Pick<AgentRoles, 'check'>): IAgentPlugin {
  const methods: ICredentialStatusVerifier = {
    async checkCredentialStatus({ credential }: ICheckCredentialStatusArgs) {
      if (remembered(credential) !== undefined) return { revoked: false }
      const { verified } = await answered(async () =>
        roles.check(tokenOf(credential), { kind: 'certificate' }),
      )
      return { revoked: !verified, verified }
    },
  }
  return { methods: { ...methods } }
}
