import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Locked = {
  readonly version: string
  readonly name?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: true
}

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const { '': root, ...locked } = json('package-lock.json').packages as Record<string, Locked>
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 13)

test('M1: only two packages run anything when they are installed', () => {
  const running = Object.keys(locked).filter((path) => locked[path]!.hasInstallScript)
  expect(running.map(nameOf)).toEqual(['esbuild', 'node'])
})

test('M1: every package that we name has one exact version', () => {
  const { dependencies, devDependencies, optionalDependencies } = json('package.json')
  const versions = Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies })
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([])
  expect(root).toBeDefined()
})

test('M2: every package is pinned by its hash, under its own name, and from no address of its own', () => {
  for (const [path, { name, resolved, integrity }] of Object.entries(locked)) {
    expect(integrity, path).toMatch(/^sha512-[\w+/]{86}==$/)
    expect([name, resolved], path).toEqual([undefined, undefined])
  }
})

test('M5: libraries known for accepting too much stay out', () => {
  const unwanted = ['node-forge', 'elliptic', 'secp256k1', 'jsonwebtoken', 'jsrsasign', 'request']
  expect(
    Object.keys(locked)
      .map(nameOf)
      .filter((name) => unwanted.includes(name)),
  ).toEqual([])
})
