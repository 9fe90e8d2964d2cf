import { describe, expect, test } from 'vitest'
import type { CredentialDraft, Json } from '../../src/credential/model.ts'
import { present } from '../../src/holder/present.ts'
import { receive } from '../../src/holder/receive.ts'
import { select } from '../../src/holder/select.ts'
import type { Signer } from '../../src/ports/signing.ts'
import { bindingSignatureHolds } from '../../src/presentation/binding.ts'
import { parsePresentation } from '../../src/presentation/parsePresentation.ts'
import { readRequest } from '../../src/presentation/request.ts'
import { draftOf, fields, holderJwk, titleType, tokenOf } from '../credential/samples.ts'
import { broken, challenge, now, otherHolderJwk } from '../presentation/samples.ts'

import { code, dcql, jwtRequest, proof, request, signerOf, wallet } from './samples.ts'

const token = tokenOf(draftOf('dc+sd-jwt'))

describe('select', () => {
  test('shows which certificates answer, each claim with value and class, and discloses nothing', async () => {
    const { holder } = wallet()
    const { id } = await receive(holder, token)
    await receive(holder, tokenOf(draftOf('vc+jwt')))
    expect(await select(holder, request)).toEqual({
      satisfied: true,
      queries: [
        {
          id: 'title',
          required: true,
          choices: [
            {
              id,
              certificateType: titleType,
              format: 'dc+sd-jwt',
              claims: [{ path: ['location'], class: 'S', value: '样例路1号' }],
            },
          ],
        },
      ],
    })
  })

  test('an empty wallet answers nothing', async () => {
    expect(await select(wallet().holder, request)).toMatchObject({ satisfied: false })
  })
})

describe('present', () => {
  const withTitle = async (draft: CredentialDraft = draftOf('dc+sd-jwt'), withProof = true) => {
    const { holder } = wallet()
    const { id } = await receive(holder, tokenOf(draft), withProof ? proof : undefined)
    return { holder, id }
  }

  test('H6: shows what was consented to, bound to nonce and audience, the proof beside it', async () => {
    const { holder, id } = await withTitle()
    const { text } = await present(holder, request, [{ id, disclose: [['location']] }])
    const [presented, ...others] = parsePresentation(text)
    expect(others).toEqual([])
    const { location, title_number, registry } = fields()
    expect(presented!.credential.claims).toEqual({ location, title_number, registry, uses: [] })
    expect(presented!.binding).toMatchObject({
      ...challenge,
      issuedAt: now,
      coversCredential: true,
    })
    expect(bindingSignatureHolds(presented!.credential, presented!.binding!)).toBe(true)
    expect(presented!.proof).toEqual(proof)
    for (const hidden of ['样例甲', '样例号码', '住宅']) expect(text).not.toContain(hidden)
    const decoded = text.split(/[~."]/).map((part) => Buffer.from(part, 'base64url').toString())
    for (const hidden of ['样例甲', '样例号码', '住宅'])
      expect(decoded.join()).not.toContain(hidden)
  })

  test('H6: a consent that does not answer the request sends nothing', async () => {
    const { holder, id } = await withTitle()
    expect(await code(() => present(holder, request, [{ id, disclose: [] }]))).toBe(
      'InputError presentation/not-answered',
    )
    expect(await code(() => present(holder, request, [{ id, disclose: [['right_holder']] }]))).toBe(
      'InputError presentation/not-answered',
    )
    expect(await code(() => present(holder, request, []))).toBe(
      'InputError presentation/not-answered',
    )
  })

  test('H6: a restricted claim leaves only with its own consent', async () => {
    const { holder, id } = await withTitle({
      ...draftOf('dc+sd-jwt'),
      disclosable: ['/location', '/document'],
    })
    const uses = ['right_holder', 'uses'].map((name) => [name])
    expect(
      await code(() => present(holder, request, [{ id, disclose: [['location'], ...uses] }])),
    ).toBe('accepted')
    const shown = await present(holder, request, [
      { id, disclose: [['location'], ['document'], ...uses] },
    ])
    expect(parsePresentation(shown.text)[0]!.credential.claims.document).toEqual(fields().document)
  })

  test('H6: a JWT shows everything, so it leaves only with consent to every field', async () => {
    const { holder, id } = await withTitle(draftOf('vc+jwt'))
    const all = ['right_holder', 'location', 'uses', 'document'].map((name) => [name])
    expect(await code(() => present(holder, jwtRequest, [{ id, disclose: all.slice(1) }]))).toBe(
      'InputError presentation/discloses-more',
    )
    expect(await code(() => present(holder, jwtRequest, [{ id, disclose: all.slice(0, 3) }]))).toBe(
      'InputError presentation/discloses-more',
    )
    const { text } = await present(holder, jwtRequest, [{ id, disclose: all }])
    const [presented] = parsePresentation(text)
    expect(presented!.binding).toMatchObject({ kind: 'presentation', ...challenge })
    expect(presented!.proof).toEqual(proof)
  })

  test('two certificates are each bound to the same question', async () => {
    const { holder, id } = await withTitle()
    const second = await receive(holder, tokenOf(draftOf('vc+jwt')))
    const all = ['right_holder', 'location', 'uses', 'document'].map((name) => [name])
    const both = readRequest({
      ...challenge,
      purpose: '贷款审查',
      dcql: {
        credentials: [
          ...dcql.credentials,
          { ...(jwtRequest.dcql.credentials[0] as object), id: 'second' },
        ],
      } as Json,
    })
    const { text, entries } = await present(holder, both, [
      { id, disclose: [['location']] },
      { id: second.id, disclose: all },
    ])
    expect(entries).toHaveLength(2)
    const presented = parsePresentation(text)
    expect(presented.map(({ binding }) => [binding!.nonce, binding!.audience])).toEqual([
      [challenge.nonce, challenge.audience],
      [challenge.nonce, challenge.audience],
    ])
    expect(await code(() => present(holder, both, [{ id, disclose: [['location']] }]))).toBe(
      'InputError presentation/not-answered',
    )
  })

  test('what is not held, or held under a lost key, is not presented', async () => {
    const { holder, id } = await withTitle()
    const consent = [{ id, disclose: [['location']] }]
    expect(await code(() => present(holder, request, [{ id: 'ab', disclose: [] }]))).toBe(
      'InputError holder/not-held',
    )
    const lost = { ...holder, signerFor: async () => undefined }
    expect(await code(() => present(lost, request, consent))).toBe('TrustError holder/not-ours')
  })

  test('H3: a signer that signs with another key, or wrongly, sends nothing', async () => {
    const { holder, id } = await withTitle()
    const consent = [{ id, disclose: [['location']] }]
    const other = { ...holder, signerFor: async () => signerOf(otherHolderJwk) }
    expect(await code(() => present(other, request, consent))).toBe('TrustError holder/not-ours')
    const spoilt: Signer = {
      ...signerOf(holderJwk),
      sign: async () => [new Uint8Array(64)],
    }
    expect(
      await code(() => present({ ...holder, signerFor: async () => spoilt }, request, consent)),
    ).toBe('TrustError holder/not-ours')
  })

  test('H4: the binding of one answer does not fit another', async () => {
    const { holder, id } = await withTitle()
    const one = await present(holder, request, [{ id, disclose: [['location']] }])
    const two = await present(holder, request, [{ id, disclose: [['location'], ['right_holder']] }])
    const cut = (text: string) => text.lastIndexOf('~') + 1
    const [a, b] = [one.entries[0]!.token, two.entries[0]!.token]
    const mixed = a.slice(0, cut(a)) + b.slice(cut(b))
    expect(parsePresentation(mixed)[0]!.binding!.coversCredential).toBe(false)
    const [presented] = parsePresentation(broken(a))
    expect(bindingSignatureHolds(presented!.credential, presented!.binding!)).toBe(false)
  })
})
