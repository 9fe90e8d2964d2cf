import type { CertificateType } from '../certificate/model.ts'
import type { CertificateRequest, IssuedCredential } from '../issuer/model.ts'
import type { ClaimPath } from '../presentation/model.ts'
import type { Policy, Verdict } from '../verdict/model.ts'

/** The roles behind a Veramo agent, each a function: Veramo only carries what goes in and out. */
export type AgentRoles = {
  /** Certificate types by which a credential's `type` or `credentialSchema` is understood. */
  readonly types: readonly CertificateType[]
  /** Issues one certificate; see `issueOne` of the issuer. */
  issue(request: CertificateRequest): Promise<readonly IssuedCredential[]>
  /** Gathers and judges; see `gather` and `verify`. Every check of Weir, whatever Veramo asks for. */
  check(input: string, question: Policy['question']): Promise<Verdict>
  /** Answers a verifier with held certificates; left out where the agent holds none. */
  present?(presentation: {
    readonly tokens: readonly string[]
    readonly nonce: string
    readonly audience: string
    /** One list for each token: what is disclosed, and nothing else. */
    readonly disclose: readonly (readonly ClaimPath[])[]
  }): Promise<string>
}
