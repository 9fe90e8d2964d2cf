import { describe, expect, test } from 'vitest'
import { certified, checked, department, findings, otherDepartment, sample } from './sample.ts'
import { newWorld } from './world.ts'

describe('certificates in the header', () => {
  test('A5: a certificate that the signer made himself is no registered key', async () => {
    const { world, did, anchored } = sample()
    const elsewhere = newWorld()
    elsewhere.register(department)
    const { key, x5c } = await certified(elsewhere, did, department)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual(['fail key/not-registered'])
  })

  test('A6: a certificate with the DID of a department over the key of another', async () => {
    const { world, did, anchored } = sample()
    world.register(otherDepartment)
    const { key, x5c } = await certified(world, did, otherDepartment)
    world.pass(60)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual(['fail key/other-department'])
  })

  test('F6: another certificate for the same key than the registered one', async () => {
    const { world, did, anchored } = sample()
    const { key, x5c } = await certified(world, did, department)
    world.addKey(department, key)
    world.pass(60)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual(['fail key/other-certificate'])
  })

  test('F1: a certificate that had ended when the credential was anchored', async () => {
    const { world, did, anchored } = sample()
    const { key, x5c } = await certified(world, did, department)
    world.pass(366 * 86_400)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual(['fail key/certificate-expired'])
  })

  test('a credential anchored before its certificate ended stays good', async () => {
    const { world, did, anchored } = sample()
    const { key, x5c } = await certified(world, did, department)
    world.pass(60)
    const token = anchored({ format: 'dc+sd-jwt', key, x5c })
    world.pass(366 * 86_400)
    expect((await checked(world, token)).outcome).toBe('valid')
  })

  test('bytes that are no certificate', async () => {
    const { world, issue } = sample()
    const x5c = [Uint8Array.of(0x30, 3, 2, 1, 5)]
    const verdict = await checked(world, issue({ format: 'dc+sd-jwt', x5c }))
    expect(findings(verdict)).toEqual(['fail certificate/malformed'])
  })
})
