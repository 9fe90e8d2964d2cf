import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { isGlobalUnicast } from '../../../src/adapters/http/address.ts'
import { openFetch } from '../../../src/adapters/http/fetch.ts'
import { pinningLookup } from '../../../src/adapters/http/lookup.ts'
import { canary } from './canary.ts'

/** Every way we know to write loopback or another private host; `PORT` is the canary's. */
const forms = [
  // plain
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'https://127.0.0.2:PORT/',
  'https://127.255.255.254:PORT/',
  'https://localhost:PORT/',
  'http://localhost:PORT/',
  'https://LOCALHOST:PORT/',
  'https://localhost.:PORT/',
  'https://[::1]:PORT/',
  'https://[0:0:0:0:0:0:0:1]:PORT/',
  'https://[::]:PORT/',
  'https://0.0.0.0:PORT/',
  'https://0:PORT/',
  // numbers in other clothes
  'https://2130706433:PORT/',
  'https://0x7f000001:PORT/',
  'https://0x7f.1:PORT/',
  'https://0x7f.0.0.1:PORT/',
  'https://0177.0.0.1:PORT/',
  'https://017700000001:PORT/',
  'https://127.1:PORT/',
  'https://127.0.1:PORT/',
  'https://127.0.0.1.:PORT/',
  'https://127.000.000.001:PORT/',
  'https://00127.0.0.1:PORT/',
  'https://%31%32%37.0.0.1:PORT/',
  'https://127%2e0%2e0%2e1:PORT/',
  'https://127。0。0。1:PORT/',
  'https://①②⑦.⓪.⓪.①:PORT/',
  'https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/',
  // IPv4 inside IPv6
  'https://[::ffff:127.0.0.1]:PORT/',
  'https://[::ffff:7f00:1]:PORT/',
  'https://[0:0:0:0:0:ffff:7f00:1]:PORT/',
  'https://[::127.0.0.1]:PORT/',
  'https://[::7f00:1]:PORT/',
  'https://[2002:7f00:1::]:PORT/',
  'https://[64:ff9b::7f00:1]:PORT/',
  'https://[64:ff9b:1::7f00:1]:PORT/',
  'https://[2001:0:7f00:1::]:PORT/',
  'https://[::ffff:0:7f00:1]:PORT/',
  // link-local, private, shared, reserved
  'https://[fe80::1]:PORT/',
  'https://[fe80::1%25lo]:PORT/',
  'https://[fc00::1]:PORT/',
  'https://[fec0::1]:PORT/',
  'https://[ff02::1]:PORT/',
  'https://[2001:db8::1]:PORT/',
  'https://[4000::1]:PORT/',
  'https://10.0.0.1:PORT/',
  'https://172.16.0.1:PORT/',
  'https://192.168.0.1:PORT/',
  'https://169.254.169.254/latest/meta-data/',
  'https://100.64.0.1:PORT/',
  'https://192.0.2.1:PORT/',
  'https://198.18.0.1:PORT/',
  'https://224.0.0.1:PORT/',
  'https://240.0.0.1:PORT/',
  'https://255.255.255.255:PORT/',
  // parsers that disagree
  'https://issuer.example@127.0.0.1:PORT/',
  'https://issuer.example:443@127.0.0.1:PORT/',
  'https://issuer.example\\@127.0.0.1:PORT/',
  'https://issuer.example#@127.0.0.1:PORT/',
  'https:127.0.0.1:PORT/',
  'https:/127.0.0.1:PORT/',
  'https:///127.0.0.1:PORT/',
  'https:\\\\127.0.0.1:PORT\\',
  '//127.0.0.1:PORT/',
  ' https://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/\r\nHost: issuer.example',
  'https://127.0.0.1\t:PORT/',
  'https://127.0.0.1:99999/',
  // no dot, no host, other schemes
  'https://registry:PORT/',
  'https://:PORT/',
  'https://',
  '',
  'http://issuer.example/',
  'ftp://127.0.0.1:PORT/',
  'file:///etc/hostname',
  'data:text/plain,reached',
  'blob:https://issuer.example/1',
  'javascript:1',
  'gopher://127.0.0.1:PORT/_',
  'ws://127.0.0.1:PORT/',
]

test(`J9: ${forms.length} ways to write a private address reach nothing`, async () => {
  const bird = await canary()
  const { fetch, close } = openFetch({ resolve: async () => ['127.0.0.1'] })
  onTestFinished(close)
  for (const form of forms) {
    const url = form.replaceAll('PORT', String(bird.port))
    await expect(fetch({ url }), url).rejects.toMatchObject({ code: 'fetch/bad-address' })
  }
  expect(forms.length).toBeGreaterThanOrEqual(60)
  expect(bird.knocks()).toBe(0)
})

test('J9: with loopback open for development every other private address stays closed', async () => {
  const bird = await canary()
  const { fetch, close } = openFetch({ isDevelopment: true, resolve: async () => ['127.0.0.1'] })
  onTestFinished(close)
  const isLoopback = /^https?:\/\/(?:127\.[\d.]+\d|localhost|\[::1\]):PORT\/$/i
  for (const form of forms.filter((form) => !isLoopback.test(form))) {
    const url = form.replaceAll('PORT', String(bird.port))
    await expect(fetch({ url }), url).rejects.toMatchObject({ code: 'fetch/bad-address' })
  }
  expect(bird.knocks()).toBe(0)
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    const answer = await fetch({ url: `http://${host}:${bird.port}/` })
    expect(new TextDecoder().decode(answer.body)).toBe('reached')
  }
})

test('J9: a name that points inside is refused, also when only one of its addresses does', async () => {
  const bird = await canary()
  const inside = ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1']
  for (const address of inside) {
    for (const found of [[address], ['93.184.215.14', address], [address, '2606:2800::1']]) {
      const { fetch, close } = openFetch({ resolve: async () => found })
      const asked = fetch({ url: `https://issuer.example:${bird.port}/` })
      await expect(asked, found.join()).rejects.toMatchObject({ code: 'fetch/bad-address' })
      await close()
    }
  }
  expect(bird.knocks()).toBe(0)
})

test('J9: the address that was judged is the one connected to; the DNS is not asked again', async () => {
  const bird = await canary()
  const answers = [['127.0.0.2'], ['127.0.0.1']]
  let asked = 0
  const lookup = pinningLookup(
    async () => answers[asked++] ?? [],
    (_, address) => address === '127.0.0.2',
  )
  const dial = async () => {
    const socket = connect({ host: 'rebind.example', port: bird.port, lookup })
    await once(socket, 'connect')
    onTestFinished(() => void socket.destroy())
    return socket.remoteAddress
  }
  expect(await dial()).toBe('127.0.0.2')
  expect(asked).toBe(1)
  await expect(dial()).rejects.toMatchObject({ code: 'fetch/bad-address' })
  expect(asked).toBe(2)
  expect(bird.knocks()).toBe(1)
})

test('an origin that the operator names is reached, another port of the same host is not', async () => {
  const bird = await canary()
  const other = await canary()
  const { fetch, close } = openFetch({ origins: [bird.origin] })
  onTestFinished(close)
  expect((await fetch({ url: `${bird.origin}/offers` })).status).toBe(200)
  for (const url of [
    other.origin,
    `http://localhost:${bird.port}/`,
    `http://127.1:${bird.port}/`,
    `http://a@127.0.0.1:${bird.port}/`,
  ])
    await expect(fetch({ url }), url).rejects.toMatchObject({ code: 'fetch/bad-address' })
  expect(other.knocks()).toBe(0)
  expect(bird.knocks()).toBe(1)
})

test('what is named for an origin must be one', () => {
  for (const origin of ['127.0.0.1', 'http://a.example/', 'http://a.example/x', 'ftp://a.example'])
    expect(() => openFetch({ origins: [origin] }), origin).toThrow('fetch/bad-address')
})

test('public addresses are public, whatever their neighbours', () => {
  for (const address of ['9.255.255.255', '11.0.0.0', '172.15.255.255', '172.32.0.0', '8.8.8.8'])
    expect(isGlobalUnicast(address), address).toBe(true)
  for (const address of ['2606:4700::1111', '2400:3200::1'])
    expect(isGlobalUnicast(address)).toBe(true)
  for (const address of ['', 'a.example', '2606:4700::1111%eth0', '1.2.3', '300.1.1.1'])
    expect(isGlobalUnicast(address), address).toBe(false)
})
