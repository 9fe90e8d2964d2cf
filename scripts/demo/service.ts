import { ask, until } from './ask.ts'
import type { DepartmentName, District } from './district.ts'

/** What a department answers when it issued. */
export type Issued = {
  readonly certificate: string
  readonly copies: readonly { readonly fingerprint: string; readonly token: string }[]
}

type State = {
  readonly copies: readonly {
    readonly fingerprint: string
    readonly state: string
    readonly status: string
    readonly waiting: readonly unknown[]
  }[]
}

/** Waits until a copy is final on the chain. */
export function finalCopy(district: District, name: DepartmentName, fingerprint: string) {
  return until('the anchor', async () => {
    const { copies } = await ask<State>(district.urlOf(name), `/certificates/${fingerprint}`)
    return copies.find((copy) => copy.fingerprint === fingerprint && copy.state === 'final')
  })
}

/** Waits until the chain shows a status. */
export function statusShown(
  district: District,
  name: DepartmentName,
  fingerprint: string,
  status: string,
) {
  return until(`the status ${status}`, async () => {
    const { copies } = await ask<State>(district.urlOf(name), `/certificates/${fingerprint}`)
    return copies.find((copy) => copy.status === status && copy.waiting.length === 0)
  })
}

/** A wish that needs two: one clerk asks, another decides. */
export async function byTwo<T>(
  district: District,
  name: DepartmentName,
  path: string,
  body: unknown,
): Promise<T> {
  const url = district.urlOf(name)
  const { approval } = await ask<{ approval: string }>(url, path, { body, as: 'clerk-1' })
  const decision = { decision: 'approve' }
  return ask<T>(url, `/approvals/${approval}`, { body: decision, as: 'clerk-2' })
}

/** The thumbprint of the key that a department signs with. */
export async function signingKey(district: District, name: DepartmentName): Promise<string> {
  type Keys = { keys: { purpose: string; thumbprint: string; state: string }[] }
  const { keys } = await ask<Keys>(district.urlOf(name), '/keys')
  return keys.findLast((key) => key.purpose === 'assertion' && key.state === 'in use')!.thumbprint
}
