import type { Format } from '../credential/model.ts'
import type { ClaimPath } from './model.ts'

const roots: Readonly<Record<Format, readonly string[]>> = {
  'dc+sd-jwt': [],
  'vc+sd-jwt': ['credentialSubject'],
  'vc+jwt': ['credentialSubject'],
  jwt_vc: ['vc', 'credentialSubject'],
}

/**
 * A path from the payload as one from the certificate's fields.
 *
 * @returns undefined where it leads elsewhere (to `iss`, say), or to all fields at once.
 */
export function fieldPath(format: Format, path: ClaimPath): ClaimPath | undefined {
  const root = roots[format]
  if (path.length <= root.length) return undefined
  return root.every((name, i) => path[i] === name) ? path.slice(root.length) : undefined
}

/** Whether `path` leads to `to` or to something around it; `null` stands for every position. */
export function leadsTo(path: ClaimPath, to: ClaimPath): boolean {
  return (
    path.length <= to.length &&
    path.every((part, i) => part === to[i] || (part === null && typeof to[i] === 'number'))
  )
}

/** A path for messages: dots between, `*` for every element; no values. */
export function pathText(path: ClaimPath): string {
  return path.map((part) => part ?? '*').join('.')
}
