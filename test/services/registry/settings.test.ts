import { describe, expect, test } from 'vitest'
import { districtConfiguration } from '../../../src/configuration/district.ts'
import type { RegistryConfiguration } from '../../../src/configuration/model.ts'
import { readConfiguration } from '../../../src/configuration/read.ts'
import { readRegistrySettings } from '../../../src/services/registry/settings.ts'
import { refusal } from '../../support/refusal.ts'

const address = `0x${'a1'.repeat(20)}`
const home = (registry?: RegistryConfiguration) => ({
  path: '/nowhere',
  configuration: { ...districtConfiguration(), ...(registry && { registry }) },
})

describe('how a registry node is told to run', () => {
  test('by itself on this machine, the configuration over that, then environment, then options', () => {
    const plain = readRegistrySettings(home(), {})
    expect([plain.host, plain.port, plain.isDevelopment]).toEqual(['127.0.0.1', 4100, false])
    const configured = home({ port: 5000, host: '10.0.0.1', baseUrl: 'https://a.example' })
    expect(readRegistrySettings(configured, {})).toMatchObject({ port: 5000, host: '10.0.0.1' })
    const environment = { WEIR_PORT: '5001', WEIR_BASE_URL: 'https://b.example' }
    expect(readRegistrySettings(configured, environment).port).toBe(5001)
    expect(readRegistrySettings(configured, environment).baseUrl?.host).toBe('b.example')
    const flags = { port: 5002, baseUrl: 'https://c.example' }
    expect(readRegistrySettings(configured, environment, flags).port).toBe(5002)
    expect(readRegistrySettings(configured, environment, flags).baseUrl?.host).toBe('c.example')
  })

  test('sources of the configuration and of the command line count', () => {
    const configured = home({ sources: { [address]: 'https://a.example' } })
    const { options } = readRegistrySettings(
      configured,
      {},
      {
        sources: [`0x${'b2'.repeat(20)}=https://b.example`],
      },
    )
    expect([...options.sources!.keys()]).toEqual([address, `0x${'b2'.repeat(20)}`])
    for (const sources of [['https://b.example'], [`${address}=ftp://x`], ['0xA1=https://x']]) {
      expect(refusal(() => readRegistrySettings(home(), {}, { sources }))).toBe(
        'configuration/malformed',
      )
    }
  })

  test('what would leave it open or wrong is refused', () => {
    const code = (environment: NodeJS.ProcessEnv, flags = {}) =>
      refusal(() => readRegistrySettings(home(), environment, flags))
    expect(code({ WEIR_HOST: '0.0.0.0' }, { isDevelopment: true })).toBe(
      'service/not-for-development',
    )
    expect(code({ WEIR_BASE_URL: 'http://a.example' })).toBe('service/insecure-address')
    expect(code({ WEIR_BASE_URL: 'http://127.0.0.1:4100' })).toBeUndefined()
    expect(code({ WEIR_BASE_URL: 'a.example' })).toBe('configuration/malformed')
    for (const port of ['x', '-1', '70000', '1.5', '']) {
      expect(code({ WEIR_PORT: port })).toBe('configuration/malformed')
    }
  })

  test('a misspelt member of the configuration is refused', () => {
    const read = (registry: object) =>
      refusal(() => {
        const text = JSON.stringify({ ...districtConfiguration(), registry })
        readConfiguration(new TextEncoder().encode(text))
      })
    expect(read({ port: 4100, sources: { [address]: 'https://a.example' } })).toBeUndefined()
    for (const wrong of [
      { prot: 1 },
      { port: 70_000 },
      { sources: { centre: 'https://a.example' } },
      { sources: { [address]: 'a.example' } },
      { store: { kind: 'memory' } },
    ]) {
      expect(read(wrong)).toBe('configuration/malformed')
    }
  })
})
