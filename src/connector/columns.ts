import type { CertificateType, Field } from '../certificate/model.ts'
import type { JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'

/** Source column to claim path (`location`, `parties.1.name`, counted from 1), or null: leave it out. */
export type Mapping = Readonly<Record<string, string | null>>

/** Turns the cells of one row into claims; empty cells are absent claims. */
export type RowReader = {
  readonly width: number
  claims(cells: readonly string[]): JsonObject
  /** Position from 1 of the column from which the claim at this path came, paths as `checkClaims` gives them. */
  columnOf(path: string): number | undefined
}

type Place = { readonly field: Field; readonly parent?: string; readonly index?: number }

/**
 * Reads a header: claim names or labels in Chinese or English, inside lists of objects
 * `parties.1.name` or `当事人.1.姓名`.
 *
 * @throws {InputError} `connector/unknown-column`, `connector/duplicate-column` with `column`, its
 *   position from 1 (a file without header shows a person there); `connector/missing-column` with
 *   the claim's `path`.
 */
export function readHeader(
  type: CertificateType,
  header: readonly string[],
  mapping: Mapping = {},
): RowReader {
  const places = placesOf(type)
  const columns = new Map<string, number>()
  const readers = header.map((cell, position) => {
    const title = cell.trim()
    const path = Object.hasOwn(mapping, title) ? mapping[title]! : title
    if (path === null) return undefined
    const place = places.get(path)
    if (place === undefined) throw new InputError('connector/unknown-column', at(position))
    const key = pathOf(place)
    if (columns.has(key)) throw new InputError('connector/duplicate-column', at(position))
    columns.set(key, position)
    return place
  })
  requireColumns(type, columns)
  return {
    width: header.length,
    claims: (cells) => assemble(readers, cells),
    columnOf: (path) => {
      const position = columns.get(path) ?? columns.get(path.replace(/\.\d+$/, ''))
      return position === undefined ? undefined : position + 1
    },
  }
}

function at(position: number): { column: number } {
  return { column: position + 1 }
}

function pathOf({ field, parent, index }: Place): string {
  return parent === undefined ? field.name : `${parent}.${index}.${field.name}`
}

function placesOf(type: CertificateType): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const field of type.fields) {
    const titles = [field.name, field.labels.zh, field.labels.en]
    if (field.type !== 'objects') for (const title of titles) places.set(title, { field })
    for (let index = 0; index < (field.fields ? (field.maxItems ?? 20) : 0); index++)
      for (const nested of field.fields!)
        for (const [i, own] of [nested.name, nested.labels.zh, nested.labels.en].entries())
          places.set(`${titles[i]}.${index + 1}.${own}`, {
            field: nested,
            parent: field.name,
            index,
          })
  }
  return places
}

function requireColumns(type: CertificateType, columns: ReadonlyMap<string, number>): void {
  for (const field of type.fields) {
    if (!field.required) continue
    const paths =
      field.type === 'objects'
        ? field
            .fields!.filter(({ required }) => required)
            .map(({ name }) => `${field.name}.0.${name}`)
        : [field.name]
    for (const path of paths)
      if (!columns.has(path)) throw new InputError('connector/missing-column', { path })
  }
}

function assemble(places: readonly (Place | undefined)[], cells: readonly string[]): JsonObject {
  const claims: JsonObject = {}
  for (const [position, place] of places.entries()) {
    const cell = cells[position]!.trim()
    if (place === undefined || cell === '') continue
    const { field, parent, index } = place
    const value = field.type === 'list' ? cell.split(/[;；]/).map((item) => item.trim()) : cell
    if (parent === undefined) claims[field.name] = value
    else {
      claims[parent] ??= []
      const items = claims[parent] as JsonObject[]
      // An object left out between two others stays as an empty one, which its checks then refuse.
      while (items.length <= index!) items.push({})
      items[index!]![field.name] = value
    }
  }
  return claims
}
