import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Which room stands on which floor; rooms on one floor do not know each other. DESIGN, the house. */
const floors: readonly (readonly string[])[] = [
  ['codes.ts', 'errors.ts', 'messages', 'primitives'],
  ['credential', 'identity', 'anchor', 'status', 'accreditation'],
  ['presentation', 'certificate', 'vcdm'],
  ['ports', 'verdict', 'configuration'],
  [
    'verifier',
    'adapters/chain',
    'adapters/veramo',
    'adapters/storage',
    'adapters/keys',
    'adapters/http',
    'adapters/jose',
    'adapters/dataIntegrity',
  ],
  ['issuer', 'holder', 'accreditor', 'webhook', 'registry'],
  ['openid4vc', 'vcapi', 'procedure', 'connector', 'agent'],
  ['wire'],
  ['services', 'cli', 'web'],
]

/** Neighbours that may know each other, each with its reason. */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  // the list of codes is too long for one file
  'errors.ts': ['codes.ts'],
  // messages belong to codes
  messages: ['errors.ts'],
  // `weir serve` starts a service
  cli: ['services'],
  // bytes and hashes refuse with a code
  primitives: ['errors.ts'],
}

/** A package that has one room only. */
const onlyIn: Readonly<Record<string, readonly string[]>> = {
  ethers: ['adapters/chain'],
  kysely: ['adapters/storage'],
  pg: ['adapters/storage'],
  'node:sqlite': ['adapters/storage'],
  '@veramo/': ['adapters/veramo', 'agent'],
  '@peculiar/x509': ['identity'],
  pkijs: ['identity'],
  dcql: ['presentation'],
  commander: ['cli'],
  'csv-parse': ['connector'],
  '@noble/': ['primitives'],
  stdnum: ['certificate'],
  cdigit: ['certificate'],
  '@ethereumjs/': ['anchor'],
  hono: ['services'],
  '@hono/': ['services'],
  zod: ['services'],
  'prom-client': ['services'],
  'rate-limiter-flexible': ['services'],
  pino: ['services'],
  '@openid4vc/': ['openid4vc'],
  undici: ['adapters/http'],
  standardwebhooks: ['webhook'],
  'ipaddr.js': ['adapters/http'],
  '@digitalbazaar/': ['adapters/dataIntegrity'],
  'jsonld-signatures': ['adapters/dataIntegrity'],
  jsonld: ['adapters/dataIntegrity'],
}

/** A built-in that is free of Node and of any page: allowed on every floor. */
const nodeFree = (room: string) => {
  const floor = floorOf(room)
  return floor <= 4 && !room.startsWith('adapters/') && room !== 'primitives'
}

type Import = { file: string; from: string; target: string }

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.tsx?$/.test(name))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join('src', file), 'utf8')
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n]*?)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g
  return [...text.matchAll(pattern)].map((found) => ({
    file,
    from: roomOf(file),
    target: (found[1] ?? found[2]) as string,
  }))
}

function roomOf(file: string): string {
  const parts = file.split('/')
  if (parts.length === 1) return parts[0] as string
  return parts[0] === 'adapters' ? `adapters/${parts[1]}` : (parts[0] as string)
}

function floorOf(room: string): number {
  return floors.findIndex((rooms) => rooms.includes(room))
}

/** What is wrong with one import, or undefined. */
export function breach({ file, from, target }: Import): string | undefined {
  if (target.startsWith('.')) {
    const to = roomOf(posix.join(posix.dirname(file), target))
    if (to === from) return undefined
    if (from === 'cli' || from === 'services') {
      if (to.startsWith('adapters/')) return `${file} names an adapter; wire does that`
    }
    if (floorOf(to) < 0) return `${file}: no floor for ${to}`
    if (neighbours[from]?.includes(to)) return undefined
    return floorOf(to) < floorOf(from) ? undefined : `${file} climbs to ${to}`
  }
  if (target === '#primitives') return undefined
  if (target.startsWith('node:') && nodeFree(from)) return `${file} names ${target}`
  for (const [name, rooms] of Object.entries(onlyIn)) {
    const hit = name.endsWith('/')
      ? target.startsWith(name)
      : target === name || target.startsWith(`${name}/`)
    if (hit && !rooms.includes(from)) return `${file} uses ${target}, which belongs to ${rooms}`
  }
  return undefined
}

describe('the house', () => {
  const files = sources('src')
  const imports = files.flatMap(importsOf)

  test('every file stands on a floor', () => {
    expect(files.map(roomOf).filter((room) => floorOf(room) < 0)).toEqual([])
  })

  test('imports go down, and packages stay in their room', () => {
    expect(imports.length).toBeGreaterThan(0)
    expect(imports.map(breach).filter(Boolean)).toEqual([])
  })

  test('a breach is seen: climbing, a neighbour, a built-in, a package, a CLI that names an adapter', () => {
    const at = (file: string, target: string) => breach({ file, from: roomOf(file), target })
    expect(at('credential/a.ts', '../verdict/verify.ts')).toBe('credential/a.ts climbs to verdict')
    expect(at('credential/a.ts', '../identity/did.ts')).toBe('credential/a.ts climbs to identity')
    expect(at('verdict/a.ts', 'node:fs')).toBe('verdict/a.ts names node:fs')
    expect(at('issuer/a.ts', 'ethers')).toBe(
      'issuer/a.ts uses ethers, which belongs to adapters/chain',
    )
    expect(at('cli/a.ts', '../adapters/keys/a.ts')).toMatch('names an adapter')
    expect(at('issuer/a.ts', '../credential/parse.ts')).toBeUndefined()
  })

  test('the one way out is adapters/http: nobody else calls the global fetch', () => {
    const calling =
      /(?<![\w.])fetch\(|\bglobalThis\.fetch\b|\bnew (?:XMLHttpRequest|WebSocket|EventSource)\b/
    const uses = (text: string) => calling.test(text) && !/\bfetch\b[^\n]*(?:=|:)/.test(text)
    expect(uses('const answer = await fetch(url)')).toBe(true)
    expect(uses('return globalThis.fetch')).toBe(true)
    expect(uses('await service.fetch({ url })')).toBe(false)
    const offenders = files.filter(
      (file) =>
        !file.startsWith('adapters/http/') &&
        !file.startsWith('web/') &&
        uses(readFileSync(join('src', file), 'utf8')),
    )
    expect(offenders).toEqual([])
  })

  test('no file is above 400 lines, and the median is under 100', () => {
    const lengths = files
      .map((file) => readFileSync(join('src', file), 'utf8').split('\n').length)
      .sort((a, b) => a - b)
    expect(lengths.at(-1)).toBeLessThanOrEqual(401)
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(100)
  })
})
