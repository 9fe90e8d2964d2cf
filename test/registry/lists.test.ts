import { describe, expect, test } from 'vitest'
import { OutsideError } from '../../src/errors.ts'
import type { FetchAnswer } from '../../src/ports/fetch.ts'
import { type ListWanted, mirroredLists } from '../../src/registry/lists.ts'
import { issuer } from '../suites/samples.ts'

const wanted: ListWanted = {
  department: issuer,
  list: 0,
  kind: 'token',
  mediaType: 'application/statuslist+jwt',
  time: undefined,
}

function sample() {
  let now = new Date('2026-11-22T08:00:00Z')
  let answer: (() => FetchAnswer) | undefined
  const asked: string[] = []
  const lists = mirroredLists({
    clock: () => now,
    sources: new Map([[issuer, 'https://health.example']]),
    fetch: async ({ url }) => {
      asked.push(url)
      if (answer === undefined) throw new OutsideError('fetch/failed')
      return answer()
    },
  })
  const saying = (text: string, change: Partial<FetchAnswer> = {}) => {
    answer = () => ({
      status: 200,
      headers: { 'content-type': 'application/statuslist+jwt' },
      body: new TextEncoder().encode(text),
      ...change,
    })
  }
  return {
    lists,
    asked,
    saying,
    gone: () => {
      answer = undefined
    },
    later: (seconds: number) => {
      now = new Date(now.getTime() + 1000 * seconds)
    },
  }
}

const text = ({ body }: { body: Uint8Array }) => new TextDecoder().decode(body)

describe('published status lists at a registry node', () => {
  test('a copy is fetched once and again when it is no longer new', async () => {
    const { lists, asked, saying, later } = sample()
    saying('one')
    expect(text(await lists(wanted))).toBe('one')
    saying('two')
    later(10)
    expect(text(await lists(wanted))).toBe('one')
    later(10)
    expect(text(await lists(wanted))).toBe('two')
    expect(asked).toEqual(Array(2).fill(`https://health.example/status-lists/${issuer}/0/token`))
  })

  test('while the department does not answer its last list is served; without one, nothing', async () => {
    const { lists, saying, later, gone } = sample()
    await expect(lists(wanted)).rejects.toMatchObject({ code: 'fetch/failed' })
    saying('one')
    await lists(wanted)
    gone()
    later(3600)
    expect(text(await lists(wanted))).toBe('one')
    await expect(lists({ ...wanted, list: 1 })).rejects.toMatchObject({ code: 'fetch/failed' })
  })

  test('a past moment is asked for each time', async () => {
    const { lists, asked, saying } = sample()
    saying('past')
    await lists({ ...wanted, time: '2026-11-01T00:00:00Z' })
    await lists({ ...wanted, time: '2026-11-01T00:00:00Z' })
    expect(asked).toHaveLength(2)
    expect(asked[0]).toContain('?time=2026-11-01T00%3A00%3A00Z')
  })

  test('another type than was asked for, or none at all, is not handed on', async () => {
    const { lists, saying } = sample()
    for (const [change, code] of [
      [{ headers: { 'content-type': 'text/html' } }, 'mirror/no-leaves'],
      [{ status: 500 }, 'mirror/no-leaves'],
      [{ status: 404 }, 'mirror/not-found'],
      [{ status: 400 }, 'request/malformed'],
    ] as const) {
      saying('lie', change)
      await expect(lists(wanted)).rejects.toMatchObject({ code })
    }
    await expect(lists({ ...wanted, department: `0x${'00'.repeat(20)}` })).rejects.toMatchObject({
      code: 'mirror/no-source',
    })
  })
})
