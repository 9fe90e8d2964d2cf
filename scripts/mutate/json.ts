import type { Random } from '../samples/random.ts'
import { shuffled } from './deal.ts'

/** JSON as text with structure: members may stand twice, scalars may be anything at all. */
export type Node =
  | { kind: 'object'; members: [string, Node][] }
  | { kind: 'array'; items: Node[] }
  | { kind: 'raw'; text: string }

/** The node of a value. */
export function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { kind: 'array', items: value.map(nodeOf) }
  if (typeof value !== 'object' || value === null) return raw(JSON.stringify(value))
  const members = Object.entries(value).map(([name, own]): [string, Node] => [name, nodeOf(own)])
  return { kind: 'object', members }
}

/** A scalar, or whatever stands in its place. */
function raw(text: string): Node {
  return { kind: 'raw', text }
}

/** The text, without spaces. */
export function write(node: Node): string {
  if (node.kind === 'raw') return node.text
  if (node.kind === 'array') return `[${node.items.map(write).join(',')}]`
  return `{${node.members.map(([name, own]) => `${JSON.stringify(name)}:${write(own)}`).join(',')}}`
}

type Place = { node: Node; path: string }

/** Every node with its path; the root first. */
function places(node: Node, path = '$'): Place[] {
  const own = { node, path }
  if (node.kind === 'raw') return [own]
  if (node.kind === 'array') {
    return [own, ...node.items.flatMap((item, at) => places(item, `${path}[${at}]`))]
  }
  return [own, ...node.members.flatMap(([name, member]) => places(member, `${path}.${name}`))]
}

/** Values that are none of the usual kind for a member. */
const oddValues = [
  'null',
  'true',
  'false',
  '0',
  '1',
  '-1',
  '"0"',
  '""',
  '[]',
  '{}',
  '[[]]',
  '"x"',
  '9007199254740991',
  '4294967296',
  '253402300800',
  '[null]',
  '{"id":"x"}',
  '"\\u0000"',
  '"did:ethr:0x1:0x0"',
] as const

/** Texts that no strict reader of JSON takes, wherever a value may stand. */
const unreadable = [
  '9007199254740993',
  '-9007199254740993',
  '1.5',
  '1.0',
  '-0',
  '1e3',
  '1E400',
  '01',
  '+1',
  '0x1',
  'NaN',
  'Infinity',
  'undefined',
  "'x'",
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\x41"',
  '"\t"',
  '[1,]',
  '{"a":1,}',
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"__proto__":1,"__proto__":2}',
  '/**/1',
  'tru',
  '"',
  '{',
  '[',
  '',
  `${'['.repeat(40)}${']'.repeat(40)}`,
  `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
] as const

const prototypeNames = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'isPrototypeOf']

/** Changes a member or element so that the whole says something else; well-formed JSON mostly. */
export function edited(r: Random, root: Node): string {
  const holders = places(root).filter(({ node }) => node.kind !== 'raw' && sizeOf(node) > 0)
  const { node, path } = r.pick(holders)
  const at = r.below(sizeOf(node))
  const value = () => raw(r.pick(oddValues))
  if (node.kind === 'array') {
    const edits: [string, () => void][] = [
      ['removes', () => node.items.splice(at, 1)],
      ['adds', () => node.items.splice(at, 0, value())],
      ['duplicates', () => node.items.splice(at, 0, node.items[at]!)],
      ['replaces', () => node.items.splice(at, 1, value())],
      ['reverses', () => node.items.reverse()],
    ]
    const [what, edit] = r.pick(edits)
    edit()
    return `${what} ${path}[${at}]`
  }
  if (node.kind === 'raw') return ''
  const [name, own] = node.members[at]!
  const edits: [string, () => void][] = [
    ['removes', () => node.members.splice(at, 1)],
    [
      'adds an odd member before',
      () => node.members.splice(at, 0, [r.pick(['x', 'exp', 'iss', 'vct', 'crit']), value()]),
    ],
    [
      'adds a prototype name before',
      () => node.members.splice(at, 0, [r.pick(prototypeNames), value()]),
    ],
    ['duplicates', () => node.members.push([name, own])],
    ['duplicates with another value', () => node.members.push([name, value()])],
    [
      'renames',
      () =>
        node.members.splice(at, 1, [
          r.pick([`${name}_`, name.toUpperCase(), ...prototypeNames]),
          own,
        ]),
    ],
    ['reorders', () => node.members.splice(0, node.members.length, ...shuffled(r, node.members))],
    ['replaces', () => node.members.splice(at, 1, [name, value()])],
    ['makes unreadable', () => node.members.splice(at, 1, [name, raw(r.pick(unreadable))])],
    ['alters', () => node.members.splice(at, 1, [name, altered(r, own)])],
    ['wraps', () => node.members.splice(at, 1, [name, { kind: 'array', items: [own] }])],
  ]
  const [what, edit] = r.pick(edits)
  edit()
  return `${what} ${path}.${name}`
}

/** Makes the text one that a strict reader must refuse, whoever signed it. */
export function spoilt(r: Random, root: Node): { text: string; told: string } {
  const holders = places(root).filter(({ node }) => node.kind !== 'raw' && sizeOf(node) > 0)
  const { node, path } = r.pick(holders)
  const at = r.below(sizeOf(node))
  const choice = r.below(10)
  if (choice === 0) return { text: `\ufeff${write(root)}`, told: 'a byte order mark before' }
  if (choice === 1)
    return {
      text: `${write(root)}${r.pick(['{}', ',', 'x', '\u0000', '1'])}`,
      told: 'something behind',
    }
  if (choice === 2) return { text: write(root).slice(0, -1), told: 'not closed' }
  if (node.kind === 'object' && choice < 6) {
    const member = node.members[at]!
    node.members.push([member[0], r.below(2) === 0 ? member[1] : raw('1')])
    return { text: write(root), told: `twice ${path}.${member[0]}` }
  }
  // Nothing in the place of an only element leaves an empty array, which every reader takes.
  const bad = r.pick(node.kind === 'array' ? unreadable.filter((text) => text !== '') : unreadable)
  if (node.kind === 'object') node.members[at]![1] = raw(bad)
  else if (node.kind === 'array') node.items[at] = raw(bad)
  return { text: write(root), told: `unreadable inside ${path}` }
}

function sizeOf(node: Node): number {
  if (node.kind === 'raw') return 0
  return node.kind === 'array' ? node.items.length : node.members.length
}

/** A scalar of the same kind with another value. */
function altered(r: Random, node: Node): Node {
  if (node.kind !== 'raw') return raw('"x"')
  const { text } = node
  if (/^-?\d+$/.test(text)) return raw(String(Number(text) + r.pick([-86_400, -1, 1, 86_400])))
  if (!text.startsWith('"') || text.length < 3) return raw('"x"')
  const value = JSON.parse(text) as string
  const at = r.below(value.length)
  const char = value[at] === 'a' ? 'b' : 'a'
  return raw(JSON.stringify(value.slice(0, at) + char + value.slice(at + 1)))
}
