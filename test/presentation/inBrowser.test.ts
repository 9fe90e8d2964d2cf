import { expect, test, vi } from 'vitest'
import { bindingSignatureHolds } from '../../src/presentation/binding.ts'
import { parsePresentation } from '../../src/presentation/parsePresentation.ts'
import { codeOf, draftOf, fields, formats, tokenOf } from '../credential/samples.ts'
import { answered, broken, challenge, held } from './samples.ts'

vi.mock('#primitives', () => import('../../src/primitives/browser.ts'))

test.each(formats)(
  '%s is issued, held, answered and read with the functions of a page',
  (format) => {
    const credential = held(format)
    expect(credential.claims).toEqual(fields())
    const text = answered(
      credential,
      credential.disclosures.map(({ encoded }) => encoded),
    )
    const [presented] = parsePresentation(text)
    expect(presented!.binding).toMatchObject({ ...challenge, coversCredential: true })
    expect(presented!.credential.claims).toEqual(fields())
    expect(bindingSignatureHolds(presented!.credential, presented!.binding!)).toBe(true)
    const [other] = parsePresentation(broken(text))
    expect(bindingSignatureHolds(other!.credential, other!.binding!)).toBe(false)
  },
)

test('a page refuses what a service refuses', () => {
  const token = tokenOf(draftOf('vc+jwt'))
  expect(codeOf(() => parsePresentation(`${token}=`))).toBe('credential/bad-base64url')
  expect(codeOf(() => parsePresentation(`${token}~`))).toBe('credential/wrong-typ')
})
