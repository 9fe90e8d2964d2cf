import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Forms that only a secret has; the pieces are joined here, so that this file has none of them. */
const forms: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['a private key in PEM', new RegExp(`-----BEGIN (?:[A-Z]+ )*PRIVATE ${'KEY'}-----`)],
  ['the private part of a JWK', /"d"\s*:\s*"[A-Za-z0-9_-]{43}"/],
  ['a token of a code host', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20})\b/],
  ['an access key of a cloud', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a token of a registry', /\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=\s*[^$\s]{8,}/],
  ['a password in an address', /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"`$<>{}]+:[^\s/@'"`$<>{}]{6,}@/],
  [
    'a secret by its name',
    /(?:password|passphrase|secret|api[_-]?key|private[_-]?key)["']?\s*[:=]\s*["'](?=[^"']*\d)(?=[^"']*[A-Za-z])[^\s"'${}<>]{16,}["']/i,
  ],
]

/** Bits a character from which text without words in it looks drawn at random. */
const randomBits = 4.4

/** Files full of random texts that are none: integrity hashes, compiled contracts, digests, vectors. */
const published =
  /^(?:package-lock\.json$|src\/adapters\/chain\/contracts\.json$|src\/certificate\/digests\.json$|test\/vectors\/)/

/** Shannon entropy of a text in bits a character. */
function entropyOf(text: string): number {
  let bits = 0
  for (const character of new Set(text)) {
    const share = text.split(character).length - 1
    bits -= (share / text.length) * Math.log2(share / text.length)
  }
  return bits
}

/** How published texts begin that look drawn at random: no secret keeps them. */
const examples: readonly string[] = [
  // Private keys of examples: RFC 7515 A.3, RFC 7517 A.2, RFC 8037 A.1, RFC 9901 5.1
  ...['jpsQnnGQ', '870MB6gf', 'nWGxne_9', '5K5SCos8'],
  // A thumbprint and a digest: RFC 8037 A.3, RFC 9901 4.2
  ...['kPrK_qmx', 'pFndjkZ_'],
  // The bytes 0 to 31
  'AAECAwQF',
]

/** Texts that could be a key of 32 bytes in base64url and look drawn at random; coordinates are public. */
function randomTexts(text: string): string[] {
  const found = text.match(
    /(?<!\b["']?[xy]["']?\s*:\s*["'])(?<=["'`=\s])[A-Za-z0-9_+/-]{43}(?==?["'`\s])/g,
  )
  return (found ?? []).filter(
    (one) =>
      [/\d/, /[a-z]/, /[A-Z]/].every((kind) => kind.test(one)) &&
      entropyOf(one) > randomBits &&
      !examples.includes(one.slice(0, 8)),
  )
}

/** What in a file looks like a secret, by its name; never the secret. */
function secretsIn(path: string, text: string): string[] {
  const known = forms
    .filter(([, pattern]) => pattern.test(text))
    .map(([name]) => `${path}: ${name}`)
  if (published.test(path)) return known
  return [...known, ...randomTexts(text).map(() => `${path}: a random text as long as a key`)]
}

test('M4: seeded secrets are found, each kind', () => {
  const hex = (count: number) => 'A7'.repeat(count)
  const key = ['n4bQgYhMfWWaL-qgxVrQFaO', 'TxsrC4Is0V1sFbDwCgg'].join('_').slice(0, 43)
  const seeded: readonly string[] = [
    `-----BEGIN EC PRIVATE ${'KEY'}-----`,
    `-----BEGIN PRIVATE ${'KEY'}-----`,
    `{"kty":"EC","${'d'}":"${key}"}`,
    `token = gh${'p_'}${hex(18)}`,
    `aws: AK${'IA'}${hex(8)}`,
    `//registry.example/:_auth${'Token'}=${hex(18)}`,
    `postgres://weir:${'hunter22'}@db.example/weir`,
    `const pass${'word'} = 'correct4horse8battery'`,
    `const sealed = '${key}'`,
  ]
  expect(seeded.filter((text) => secretsIn('seeded', text).length === 0)).toEqual([])
})

test('M4: what only looks alike is not: digests, addresses, names, places for a secret', () => {
  const harmless = [
    `'${'ab'.repeat(32)}'`,
    '"0x4e1fd2c3b4a5968778695a4b3c2d1e0f1a2b3c4d"',
    'postgres://weir@/store?host=%2Ftmp',
    'https://user:$PASSWORD@host.example',
    "passphrase: process.env['WEIR_WALLET_PASSPHRASE']",
    "'aRatherLongNameOfAFunctionThatIsNoSecretAtAl'",
  ]
  expect(harmless.flatMap((text) => secretsIn('harmless', text))).toEqual([])
})

test('M4: no file of the repository holds a secret', () => {
  const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\0')
    .filter((path) => path !== '')
  expect(files.length).toBeGreaterThan(500)
  const found = files.flatMap((path) => {
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch {
      // Removed and not committed yet.
      return []
    }
    return secretsIn(path, text)
  })
  expect([...new Set(found)]).toEqual([])
})
