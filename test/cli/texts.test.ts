import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import type { Language } from '../../src/cli/language.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { registersFor } from '../../src/cli/registers.ts'
import { checkTexts, outcomeTexts, verdictTexts } from '../../src/cli/verdictText.ts'

const registers = await registersFor([])
const han = /\p{Script=Han}/u

/** Every command that does something, with the words that call it. */
function leaves(command: Command, words: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[words.join(' '), command]]
  return command.commands.flatMap((inner) => leaves(inner, [...words, inner.name()]))
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 })
  command.outputHelp()
  return text
}

function all(language: Language) {
  return leaves(buildProgram(language, registers))
}

const english = new Map(all('en'))
const chinese = new Map(all('zh'))

test('the commands are those of the issue, and the same in both languages', () => {
  expect([...english.keys()]).toEqual([...chinese.keys()])
  const first = new Set([...english.keys()].map((name) => name.split(' ')[0]))
  const wanted = ['up', 'accredit', 'withdraw', 'department', 'key', 'issue', 'anchor', 'status']
  for (const name of [...wanted, 'present', 'verify', 'show', 'doctor', 'fsck']) {
    expect(first).toContain(name)
  }
})

describe.each([...english.keys()])('weir %s', (name) => {
  const [en, zh] = [english.get(name)!, chinese.get(name)!]

  test('is explained in both languages, with an example', () => {
    expect(en.description()).toMatch(/^[a-z].{9,}/)
    expect(en.description()).not.toMatch(han)
    expect(zh.description()).toMatch(han)
    expect(helpOf(en)).toMatch(/Examples?:\n {2}.*weir /s)
    expect(helpOf(zh)).toMatch(/示例：\n {2}.*weir /s)
    expect(helpOf(zh)).toContain('用法：')
    expect(helpOf(zh).split('\n')[0]).toMatch(
      /^用法：\s*weir [a-z -]+\[选项\](?: [<[]\p{Script=Han}+(?:\.{3})?[>\]])*$/u,
    )
    expect(helpOf(zh)).not.toMatch(/Usage:|Options:|Arguments:|\(default|\(choices/)
  })

  test('has the same options in both languages, each with a text, and the shared ones', () => {
    const flags = en.options.map((option) => option.flags)
    expect(zh.options.map((option) => option.flags)).toEqual(flags)
    expect(flags).toEqual(expect.arrayContaining(['--json', '--lang <zh|en>', '--home <folder>']))
    for (const option of en.options) expect(option.description).not.toMatch(han)
    for (const option of zh.options) expect(option.description).toMatch(/[\p{Script=Han}]|jsonl/u)
  })

  test('takes no secret on the command line', () => {
    for (const { flags } of en.options) {
      expect(flags).not.toMatch(/pass|secret|private|token|pin-?code/)
    }
  })
})

test('every check and every outcome has a word in both languages', () => {
  for (const texts of [checkTexts, outcomeTexts, verdictTexts]) {
    for (const { en, zh } of Object.values(texts)) {
      expect(en).not.toMatch(han)
      expect(zh).toMatch(han)
    }
  }
})
