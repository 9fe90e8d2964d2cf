import { findType } from '../../src/certificate/types.ts'
import type { JsonObject } from '../../src/credential/model.ts'
import { present } from '../../src/holder/present.ts'
import { receive } from '../../src/holder/receive.ts'
import { select } from '../../src/holder/select.ts'
import { drain } from '../../src/issuer/drain.ts'
import { issueOne } from '../../src/issuer/issue.ts'
import type { CertificateRequest, IssuedCredential } from '../../src/issuer/model.ts'
import { proofFor } from '../../src/issuer/proof.ts'
import { parsePresentation } from '../../src/presentation/parsePresentation.ts'
import type { Policy, Verdict } from '../../src/verdict/model.ts'
import { verify } from '../../src/verdict/verify.ts'
import { ask, questionOf } from '../../src/verifier/ask.ts'
import { gather } from '../../src/verifier/gather.ts'
import { policyOf } from '../../src/wire/verifier.ts'
import type { Wallet } from '../../src/wire/wallet.ts'
import { storyRecords } from '../samples/story.ts'
import type { DepartmentName, District } from './district.ts'

/** The clinic's records in this run: title numbers of its own, so that every run tells a new story. */
export function clinicRecords(run: number) {
  const { title, transferredTitle, ...others } = storyRecords(1)
  const renumbered = (record: JsonObject, base: number): JsonObject => ({
    ...record,
    title_number: String(record.title_number).replace(/\d{7}(?=号)/, String(base + run)),
  })
  return {
    ...others,
    title: renumbered(title, 5_000_000),
    transferredTitle: renumbered(transferredTitle, 6_000_000),
  }
}

/** A request for one certificate, bound to a fresh key of the wallet. */
export async function requestFor(
  wallet: Wallet,
  idempotencyKey: string,
  type: string,
  claims: JsonObject,
): Promise<CertificateRequest> {
  const holderKeys = [await wallet.newKey()]
  return { idempotencyKey, type, claims, holderKeys, formats: ['dc+sd-jwt'] }
}

/** Anchors what was issued and hands it over with its proof. */
export async function handOver(
  district: District,
  name: DepartmentName,
  wallet: Wallet,
  [credential]: readonly IssuedCredential[],
): Promise<IssuedCredential> {
  const { issuer } = district.departments.get(name)!
  await drain(issuer)
  const { proof } = await proofFor(issuer, credential!.fingerprint)
  await receive(wallet.holder, credential!.token, proof)
  return credential!
}

/** Issues one certificate to the wallet. */
export async function issueTo(
  district: District,
  name: DepartmentName,
  wallet: Wallet,
  request: CertificateRequest,
): Promise<IssuedCredential> {
  const { issuer } = district.departments.get(name)!
  return handOver(district, name, wallet, await issueOne(issuer, request))
}

/** Asks the wallet for claims of some of its certificates, and judges the answer. */
export async function askWallet(
  district: District,
  wallet: Wallet,
  asked: {
    readonly audience: string
    readonly purpose: string
    /** Fingerprint of the certificate, its type's id, and the claims that are asked for. */
    readonly certificates: readonly { id: string; type: string; claims: readonly string[] }[]
  },
): Promise<{ verdict: Verdict; claims: JsonObject[] }> {
  const { audience, purpose, certificates } = asked
  const request = ask({
    audience,
    purpose,
    dcql: {
      credentials: certificates.map(({ type, claims }, index) => ({
        id: `certificate_${index}`,
        format: 'dc+sd-jwt',
        meta: { vct_values: [findType(type).uri] },
        claims: claims.map((claim) => ({ path: [claim] })),
      })),
    },
  })
  const { satisfied } = await select(wallet.holder, request)
  if (!satisfied) throw new Error('the wallet holds no certificate that answers')
  const consents = certificates.map(({ id, claims }) => ({
    id,
    disclose: claims.map((claim) => [claim]),
  }))
  const { text } = await present(wallet.holder, request, consents)
  const verdict = await judge(district, text, questionOf(request))
  const claims = parsePresentation(text).map(({ credential }) => credential.claims)
  return { verdict, claims }
}

/** Gathers and judges. */
export async function judge(
  { verifier, chain }: District,
  input: string,
  question?: Policy['question'],
): Promise<Verdict> {
  return verify(await gather(verifier, input), policyOf(chain, new Date(), question))
}

/** The codes of everything that did not pass. */
export function failures({ checks, credentials }: Verdict): string[] {
  const all = [...checks, ...credentials.flatMap((credential) => credential.checks)]
  return [...new Set(all.filter(({ outcome }) => outcome === 'fail').map(({ code }) => code))]
}
