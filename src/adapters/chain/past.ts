import type { BlockRef } from '../../identity/model.ts'
import type { ChainPast } from '../../ports/mirror.ts'
import type { Fold } from './fold.ts'
import { versionAt } from './versions.ts'
import { warmView } from './warmView.ts'

/** What a fold knows at one block at or below its head; asks no node. See `warmView`. */
export function pastOf(fold: Fold, block: BlockRef): ChainPast {
  const { number } = block
  const view = warmView(fold, block)
  return {
    view,
    async departments() {
      const all = [...fold.departments.keys()].flatMap((name) => {
        const record = versionAt(fold.departments, name, number)
        return record === undefined ? [] : [record]
      })
      all.sort((a, b) => Number(a.registeredAt) - Number(b.registeredAt))
      return all.map(({ department }) => department)
    },
    async records(department) {
      const versions = fold.departments.get(department) ?? []
      return versions
        .filter((version) => version.block <= number)
        .map(({ block: since, value: record }) => ({ since, record }))
    },
    async keys(department) {
      const own = [...fold.keys.values()].flatMap(([first]) =>
        first?.value.department === department ? [first.value.thumbprint] : [],
      )
      const records = await Promise.all(own.map((thumbprint) => view.key(thumbprint)))
      return records
        .filter((record) => record !== undefined)
        .sort((a, b) => Number(a.validFrom) - Number(b.validFrom))
    },
    async accreditations(department) {
      const types = [...fold.accreditations.keys()]
        .filter((name) => name.startsWith(`${department}/`))
        .map((name) => name.slice(department.length + 1))
      const chains = await Promise.all(types.map((type) => view.accreditations(department, type)))
      return chains.flat()
    },
    async words(issuer, list) {
      const prefix = `${issuer}/${list}/`
      const found = new Map<number, bigint>()
      for (const name of fold.words.keys()) {
        if (!name.startsWith(prefix)) continue
        const word = versionAt(fold.words, name, number)
        if (word !== undefined) found.set(Number(name.slice(prefix.length)), word)
      }
      return found
    },
    async anchors(issuer, after, limit) {
      const own = fold.anchors.get(issuer) ?? []
      return own.slice(after, after + limit).filter((anchor) => anchor.block <= number)
    },
  }
}
