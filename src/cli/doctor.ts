import { examine, type Symptom } from '../wire/doctor.ts'
import { openHome } from '../wire/home.ts'
import { addCommand, type Register } from './command.ts'
import { exits } from './exit.ts'
import { sentence, type Text } from './language.ts'

const words: Readonly<Record<Symptom['outcome'], Text & { readonly icon: string }>> = {
  good: { en: 'good', zh: '正常', icon: '✔' },
  warning: { en: 'note', zh: '注意', icon: '!' },
  wrong: { en: 'wrong', zh: '有误', icon: '✘' },
  unknown: { en: 'could not check', zh: '无法检查', icon: '?' },
}

/** `weir doctor`: 0 nothing wrong, 1 something wrong, 2 something could not be looked at. */
export const registerDoctor: Register = (program, language) => {
  addCommand(
    program,
    language,
    {
      name: 'doctor',
      summary: {
        en: 'examine clock, chain, contracts, keys, certificates and stores',
        zh: '检查时钟、链、合约、密钥、证书和存储',
      },
      more: {
        en: `Changes nothing. Exit codes: 0 nothing wrong, 1 something wrong, 2 something could not be checked.

Example:
  weir doctor --json`,
        zh: `不作任何改动。退出码：0 无误，1 有误，2 有项目无法检查。

示例：
  weir doctor --json`,
      },
    },
    async ({ homePath, output }) => {
      const symptoms: Symptom[] = []
      for await (const symptom of examine(await openHome(homePath), new Date())) {
        const { outcome, code, subject } = symptom
        const { icon, [output.language]: word } = words[outcome]
        const text = sentence(code, output.language)
        output.line(`${icon} ${word}${subject ? ` · ${subject}` : ''}: ${text} [${code}]`)
        symptoms.push(symptom)
      }
      output.answer({ symptoms })
      const has = (outcome: Symptom['outcome']) => symptoms.some((one) => one.outcome === outcome)
      if (has('wrong')) return exits.invalid
      return has('unknown') ? exits.unknown : exits.valid
    },
  )
}
