import { codes } from '../../src/errors.ts'
import en from '../../src/messages/en.json' with { type: 'json' }
import zh from '../../src/messages/zh.json' with { type: 'json' }

/** `docs/errors.md`: every code with its sentence in English and Chinese, in alphabetical order. */
export function errorsPage(): string {
  const sentences: { en: Record<string, string>; zh: Record<string, string> } = { en, zh }
  const rows = [...codes]
    .sort()
    .map((code) => `| \`${code}\` | ${sentences.en[code] ?? ''} | ${sentences.zh[code] ?? ''} |`)
  return `# Codes

Made by \`node scripts/docs.ts\` from \`src/errors.ts\` and \`src/messages/\`. Errors and the checks of a
verdict answer with these codes; they stay, the sentences may get better.

| code | en | zh |
|---|---|---|
${rows.join('\n')}
`
}
