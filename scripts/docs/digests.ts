import { typeDocuments } from '../../src/certificate/documents.ts'
import { builtInTypes } from '../../src/certificate/types.ts'

/** Integrity of each generated document by type URI; `src/certificate/digests.json` pins it. */
export type Digests = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What the built-in types make today. */
export function digestsToday(): Digests {
  return Object.fromEntries(
    builtInTypes.map((type) => {
      const { context, schema, metadata } = typeDocuments(type)
      return [
        type.uri,
        {
          context: context.integrity,
          schema: schema.integrity,
          metadata: metadata.integrity,
        },
      ]
    }),
  )
}

/** URIs whose documents are not what is pinned: such a change needs a new version of the type. */
export function changedTypes(pinned: Digests, today: Digests): string[] {
  return Object.keys(pinned).filter(
    (uri) => JSON.stringify(pinned[uri]) !== JSON.stringify(today[uri]),
  )
}
