import { expect, test } from 'vitest'
import type { Field } from '../../src/certificate/model.ts'
import { builtInTypes } from '../../src/certificate/types.ts'
import { classesOf } from '../../src/holder/classes.ts'

const pathsOf = (
  fields: readonly Field[],
  at: (string | number)[],
): [(string | number)[], string][] =>
  fields.flatMap((field) => [
    [[...at, field.name], field.disclosure] as [(string | number)[], string],
    ...pathsOf(field.fields ?? [], [...at, field.name, 0]),
  ])

test.each(builtInTypes.map((type) => [type.uri, type] as const))(
  '%s: the wallet knows the class of every field, also inside lists',
  (uri, type) => {
    const classOf = classesOf(builtInTypes, uri)
    const all = pathsOf(type.fields, [])
    expect(all.length).toBeGreaterThan(0)
    for (const [path, expected] of all) expect(classOf(path), path.join('.')).toBe(expected)
  },
)

test('of other types, fields and elements it knows none', () => {
  const classOf = classesOf(builtInTypes, builtInTypes[0]!.uri)
  expect(classOf(['no_such_field'])).toBeUndefined()
  expect(classOf([])).toBeUndefined()
  expect(classOf([builtInTypes[0]!.fields[0]!.name, 0])).toBeUndefined()
  expect(classesOf(builtInTypes, 'urn:weir:certificate:unknown:1')(['name'])).toBeUndefined()
  expect(classesOf(builtInTypes, undefined)(['name'])).toBeUndefined()
})
