import fc from 'fast-check'
import { expect } from 'vitest'
import type { Document, Operation, Parameter } from '../../src/services/openapi.ts'

type Schema = {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly additionalProperties?: boolean | Schema
}

/** One route of a document. */
export type Route = {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** Asks a running service; the raw body and its media type. */
export type AskRaw = (
  method: string,
  path: string,
  body: string | undefined,
  mediaType: string | undefined,
) => Promise<Response>

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** Every operation of a document. */
export function routesOf({ paths }: Document): Route[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => ({ method, path, operation })),
  )
}

/** Strings that break careless code: prototype names, quotes of SQL, paths and headers, bidi, long ones. */
const hostile = fc.constantFrom(
  '__proto__',
  'constructor',
  "' or '1'='1",
  '%00',
  '..%2f..%2fetc%2fpasswd',
  '%0d%0aSet-Cookie: a=b',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '\u202Egnp.exe',
  '样本',
  '0x',
  '-1',
  '1e400',
  '9007199254740993',
  'a'.repeat(3000),
)

const anyText = fc.oneof(hostile, fc.string({ unit: 'grapheme', maxLength: 30 }))

const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  anyText,
  fc.integer(),
  fc.constantFrom(null, true, [], {}, [[[[]]]], ['x', 'x'], -0.5, 1e308),
)

/** Values that mostly fit a schema. */
function fitting(document: Document, schema: Schema | undefined, depth = 0): fc.Arbitrary<unknown> {
  if (schema === undefined || depth > 5) return anyValue
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!
    return fitting(document, document.components?.schemas?.[name] as Schema | undefined, depth + 1)
  }
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) {
    return fc.oneof(...choices.map((one) => fitting(document, one, depth + 1)))
  }
  if (schema.allOf !== undefined) return fitting(document, schema.allOf[0], depth + 1)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case 'string':
      return schema.pattern === undefined ? anyText : matching(schema.pattern)
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 1e6, 1e6) })
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(fitting(document, schema.items, depth + 1), { maxLength: 3 })
    case 'object':
      return objects(document, schema, depth)
    default:
      return anyValue
  }
}

/** Strings of a pattern, where fast-check knows the pattern's syntax. */
function matching(pattern: string): fc.Arbitrary<string> {
  try {
    return fc.oneof(fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: 200 }), anyText)
  } catch {
    return anyText
  }
}

function objects(document: Document, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [] } = schema
  const members = Object.entries(properties).map(([name, one]) => [
    name,
    fitting(document, one, depth + 1),
  ])
  return fc.record(Object.fromEntries(members), { requiredKeys: [...required] as never[] })
}

/** Breaks a body: a member of another type, one too many, one too few, one twice, or no JSON at all. */
function bodies(document: Document, schema: Schema | undefined): fc.Arbitrary<string> {
  const good = fitting(document, schema)
  const text = (value: unknown) => JSON.stringify(value) ?? 'null'
  const changed = fc.tuple(good, fc.nat(), anyValue).map(([value, place, other]) => {
    if (typeof value !== 'object' || value === null) return text(other)
    const names = Object.keys(value)
    const name = names[place % (names.length + 1)] ?? 'unexpected'
    return text({ ...value, [name]: other })
  })
  const raw = fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{"a":1,"a":2}',
    '{"__proto__":{"isAdmin":true}}',
    '\u0000',
    `${'['.repeat(100)}${']'.repeat(100)}`,
    '{"a":1e999}',
  )
  return fc.oneof(
    { weight: 3, arbitrary: good.map(text) },
    { weight: 3, arbitrary: changed },
    { weight: 1, arbitrary: raw },
    { weight: 1, arbitrary: anyValue.map(text) },
  )
}

function formBodies(document: Document, schema: Schema | undefined): fc.Arbitrary<string> {
  return fc.tuple(fitting(document, schema), anyText).map(([value, extra]) => {
    const entries = Object.entries((value ?? {}) as object)
    const pairs = entries.map(([name, one]): [string, string] => [name, String(one)])
    return new URLSearchParams([...pairs, ...pairs.slice(0, 1), ['x', extra]]).toString()
  })
}

type Asked = {
  readonly path: string
  readonly body: string | undefined
  readonly mediaType: string | undefined
}

/** Requests for one route: its own form, broken in one place or wholly. */
export function requestsFor(document: Document, { path, operation }: Route): fc.Arbitrary<Asked> {
  const parameters = (operation.parameters ?? []) as readonly Parameter[]
  const valueFor = ({ schema }: Parameter) =>
    fc
      .oneof(fitting(document, schema as Schema), anyText)
      .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed())
  const inPath = parameters.filter((one) => one.in === 'path')
  const inQuery = parameters.filter((one) => one.in === 'query')
  const content = Object.entries(operation.requestBody?.content ?? {})
  const [mediaType, { schema } = {}] = content[0] ?? []
  const makesBody =
    mediaType === undefined
      ? fc.constant(undefined)
      : /json$/.test(mediaType)
        ? bodies(document, schema as Schema)
        : /urlencoded$/.test(mediaType)
          ? formBodies(document, schema as Schema)
          : anyText
  return fc
    .record({
      names: fc.tuple(...inPath.map(valueFor)),
      query: fc.tuple(...inQuery.map((one) => fc.option(valueFor(one), { nil: undefined }))),
      body: makesBody,
      sent: fc.oneof(
        { weight: 9, arbitrary: fc.constant(mediaType) },
        { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/xml', '*/*') },
      ),
    })
    .map(({ names, query, body, sent }) => {
      const filled = inPath.reduce(
        (text, { name }, i) => text.replace(`{${name}}`, segment(names[i]!)),
        path,
      )
      const search = new URLSearchParams(
        inQuery.flatMap(({ name }, i) =>
          query[i] === undefined ? [] : [[name, query[i]] as [string, string]],
        ),
      )
      const asked = search.size === 0 ? filled : `${filled}?${search}`
      return { path: asked, body, mediaType: body === undefined ? undefined : sent }
    })
}

/** A path segment; empty, `.` and `..` would name another path. */
function segment(value: string): string {
  const encoded = encodeURIComponent(value)
  return encoded === '' || /^\.+$/.test(encoded) ? 'x' : encoded
}

/**
 * Asserts of one answer what the document promises: a documented status and media type, no fault of the
 * service, and problem details or an OAuth error of the right shape for a refusal.
 */
export async function expectAsDocumented(
  { method, path, operation }: Route,
  answer: Response,
): Promise<void> {
  const { status } = answer
  const mediaType = (answer.headers.get('content-type') ?? '').split(';')[0]!
  const isStream = mediaType === 'text/event-stream'
  const text = isStream ? '' : await answer.text()
  if (isStream) await answer.body?.cancel()
  const where = `${method.toUpperCase()} ${path}: ${status} ${text.slice(0, 300)}`
  const documented = operation.responses[String(status)]
  expect(documented, `undocumented status, ${where}`).toBeDefined()
  const isProbe = path === '/readyz'
  const isElsewhere = status === 503 && /"fetch\//.test(text)
  if (status >= 500 && !isProbe && !isElsewhere) expect.fail(`fault of the service, ${where}`)
  const types = Object.keys(documented?.content ?? {})
  if (text !== '' && types.length > 0) {
    expect(types, `undocumented media type ${mediaType}, ${where}`).toContain(mediaType)
  }
  if (mediaType === 'application/problem+json') {
    const problem = JSON.parse(text)
    expect(problem, where).toMatchObject({
      status,
      code: expect.stringMatching(/^[a-z-]+\/[a-z0-9-]+$/),
    })
    // VC-API names some problems by the W3C's own addresses.
    expect(problem.type, where).toMatch(/^(urn:weir:error:|https:\/\/)/)
    expect(problem.instance, where).toMatch(/^urn:weir:request:[0-9a-f-]{36}$/)
    expect(problem.title.length, where).toBeGreaterThan(10)
  }
  expect(answer.headers.get('x-content-type-options'), where).toBe('nosniff')
  expect(answer.headers.get('x-request-id'), where).toMatch(/^[0-9a-f-]{36}$/)
}
