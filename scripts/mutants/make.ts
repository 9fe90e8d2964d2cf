import { compile } from '../solc.ts'

/** One change of one source. */
export type Mutant = {
  readonly path: string
  /** Line in the source, from 1. */
  readonly line: number
  /** That line, trimmed. */
  readonly text: string
  readonly start: number
  readonly end: number
  readonly before: string
  readonly after: string
}

const operators: Record<string, readonly string[]> = {
  '==': ['!='],
  '!=': ['=='],
  '<': ['<=', '>'],
  '<=': ['<', '>='],
  '>': ['>=', '<'],
  '>=': ['>', '<='],
  '&&': ['||'],
  '||': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['+'],
  '/': ['*'],
  '%': ['/'],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '+=': ['-=', '='],
  '<<=': ['>>='],
}

// biome-ignore lint/suspicious/noExplicitAny: solc's syntax tree, read by shape
type Node = any

function span(node: Node): [number, number] {
  const [start, length] = node.src.split(':').map(Number)
  return [start, start + length]
}

/** Every change of one node, as replacements of pieces of the source. */
function* changes(
  node: Node,
  text: string,
): Generator<[start: number, end: number, after: string]> {
  const [start, end] = node.src ? span(node) : [0, 0]
  switch (node.nodeType) {
    case 'BinaryOperation':
    case 'Assignment': {
      const left = span(node.leftExpression ?? node.leftHandSide)[1]
      const right = span(node.rightExpression ?? node.rightHandSide)[0]
      const at = text.indexOf(node.operator, left)
      if (at < 0 || at >= right) return
      for (const other of operators[node.operator] ?? []) {
        yield [at, at + node.operator.length, other]
      }
      return
    }
    case 'UnaryOperation':
      if (node.operator === '!' || node.operator === '~') yield [start, start + 1, '']
      return
    case 'IfStatement':
    case 'WhileStatement': {
      const [from, to] = span(node.condition)
      yield [from, to, 'false']
      if (node.nodeType === 'IfStatement') yield [from, to, 'true']
      return
    }
    case 'Conditional': {
      const [from, to] = span(node.condition)
      yield [from, to, 'true']
      yield [from, to, 'false']
      return
    }
    case 'ExpressionStatement':
    case 'EmitStatement':
    case 'Break':
      yield [start, end, text[end] === ';' ? '' : '{}']
      return
    case 'Return':
      if (node.expression?.value === 'true') yield [start, end, 'return false']
      if (node.expression?.value === 'false') yield [start, end, 'return true']
      return
    case 'ModifierInvocation':
      if (node.kind === 'modifierInvocation') yield [start, end, '']
      return
    case 'Literal':
      if (node.kind === 'number' && /^\d+$/.test(node.value)) {
        yield [start, end, String(Number(node.value) + 1)]
        if (Number(node.value) > 1) yield [start, end, String(Number(node.value) - 1)]
      }
      return
  }
}

/** All mutants of our contracts, in the order of their sources. */
export function mutants(sources: Record<string, string>): Mutant[] {
  const found: Mutant[] = []
  const trees = compile(sources, []).sources
  for (const [path, text] of Object.entries(sources)) {
    if (path.includes('/interfaces/')) continue
    const walk = (value: Node): void => {
      if (value === null || typeof value !== 'object') return
      // Types hold literals that are no code.
      if (['PragmaDirective', 'ImportDirective'].includes(value.nodeType)) return
      for (const [start, end, after] of changes(value, text)) {
        const line = text.slice(0, start).split('\n').length
        const whole = text.split('\n')[line - 1]!.trim()
        found.push({ path, line, text: whole, start, end, before: text.slice(start, end), after })
      }
      for (const one of Object.values(value)) walk(one)
    }
    walk(trees[path]?.ast)
  }
  return found
}

/** A mutant as a person reads it. */
export function told({ path, line, before, after }: Mutant): string {
  const short = before.replaceAll(/\s+/g, ' ')
  return `${path}:${line}: ${short} -> ${after === '' ? 'nothing' : after}`
}
