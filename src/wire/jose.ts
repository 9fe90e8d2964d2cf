import { decodeUtf8 } from '#primitives'
import { secure, unsecure } from '../adapters/jose/secure.ts'
import { readVerificationMethod } from '../adapters/jose/verificationMethod.ts'
import { parseJson, parseJsonObject } from '../credential/json.ts'
import type { Json } from '../credential/model.ts'
import { InputError, isWeirError } from '../errors.ts'

/** Features of the W3C vc-jose-cose test suite; COSE is not ours. */
export const joseFeatures = {
  credential_jose: 'vc+jwt',
  presentation_jose: 'vp+jwt',
  credential_sdjwt: 'vc+sd-jwt',
  presentation_sdjwt: 'vp+sd-jwt',
} as const

export type JoseFeature = keyof typeof joseFeatures

/** One run: the bytes of the three inputs. */
export type JoseRun = {
  readonly input: Uint8Array
  readonly key: Uint8Array
  readonly feature: JoseFeature
  /** JSON list of claims to make selectively disclosable, see {@link pointersOf}. */
  readonly disclosable?: string | undefined
  readonly now: Date
}

/**
 * What the suite reads: `success` with the token (issuing) or the verified document as JSON text;
 * `failure` with our code where the input was refused; `error` where nothing could be judged.
 */
export type JoseResult = {
  readonly result: 'success' | 'failure' | 'error'
  readonly data: string
}

/** Secures the JSON document in `input`. Never throws. */
export function joseIssue(run: JoseRun): Promise<JoseResult> {
  return judged(run, async (method) => {
    const disclosable = run.disclosable === undefined ? [] : pointersOf(run.disclosable)
    const document = parseJsonObject(run.input)
    const { now } = run
    return secure(document, joseFeatures[run.feature], method, { disclosable, now })
  })
}

/** Verifies the compact token in `input`; white space around it is left aside. Never throws. */
export function joseVerify(run: JoseRun): Promise<JoseResult> {
  return judged(run, async (method) => {
    const token = decodeUtf8(run.input).trim()
    const { document } = await unsecure(token, joseFeatures[run.feature], method, run.now)
    return JSON.stringify(document)
  })
}

async function judged(
  { key }: JoseRun,
  work: (method: Awaited<ReturnType<typeof readVerificationMethod>>) => Promise<string>,
): Promise<JoseResult> {
  try {
    const method = await readVerificationMethod(key)
    try {
      return { result: 'success', data: await work(method) }
    } catch (error) {
      if (isWeirError(error)) return { result: 'failure', data: said(error) }
      throw error
    }
  } catch (error) {
    return { result: 'error', data: isWeirError(error) ? said(error) : 'internal/unexpected' }
  }
}

function said({ code, detail }: { code: string; detail: Readonly<Record<string, unknown>> }) {
  const beside = Object.entries(detail).map(([name, value]) => `${name}: ${value}`)
  return [code, ...beside].join(' ')
}

/**
 * Reads a list of claims: paths as the suite writes them (`credentialSubject.phoneNumbers[0]`), lists of
 * names and indexes, or RFC 6901 pointers.
 *
 * @returns RFC 6901 pointers.
 * @throws {InputError} `credential/bad-disclosure`, `json/*`
 */
export function pointersOf(text: string): string[] {
  const list = parseJson(text)
  if (!Array.isArray(list)) throw new InputError('credential/bad-disclosure', { why: 'list' })
  return list.map(pointerOf)
}

function pointerOf(path: Json): string {
  if (typeof path === 'string' && path.startsWith('/')) return path
  const names = typeof path === 'string' ? path.replaceAll(/\[(\d+)\]/g, '.$1').split('.') : path
  if (!Array.isArray(names) || names.length === 0 || !names.every(isName))
    throw new InputError('credential/bad-disclosure', { why: 'path' })
  return names
    .map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}

function isName(name: Json): boolean {
  return (typeof name === 'string' && name !== '') || typeof name === 'number'
}
