import type { CertificateType, Field, ValidityRule } from '../../src/certificate/model.ts'
import { builtInTypes } from '../../src/certificate/types.ts'

const introduction = `# Certificate types

Made by \`node scripts/docs.ts\` from \`src/certificate/types/\`. A type is data: a department adds its own
as a JSON file of the same shape (\`readType\` in \`src/certificate/readType.ts\` says what is wrong with
one), no code. A published type never changes; a change is a new version with a new URI.

Members of a definition: \`id\`, \`version\`, \`uri\` (\`urn:weir:certificate:<id>:<version>\`), \`names\` and
\`labels\` (\`zh\`, \`en\`), \`fields\`, \`identifier\` (\`field\`; \`assigned\` with a \`prefix\`; or \`e-licence\`
with a GB/T 36904 \`typeCode\`), \`validity\` (\`none\`; \`fields\` with \`from\` and \`until\`, days in Beijing,
the last included; \`max\` with \`seconds\`), \`holderCode\` (the claim that tells who the holder is: \`path\`
and \`kind\`, 001 social credit code or 111 resident number), \`layout\` (sections that show each field
once), \`note\`.

Members of a field: \`name\`, \`labels\`, \`type\` (string, date, date-time, number as text, list, objects),
\`disclosure\` (**P** always visible, **S** selectively disclosable, **R** restricted: leaves only with
its own explicit consent), \`required\`, \`pattern\`, \`codes\`, \`check\`, \`checkBy\`, \`maxLength\`,
\`minItems\`, \`maxItems\`, \`fields\`.
`

/** `docs/certificates.md`: every type that Weir ships, with its fields. */
export function certificatesPage(): string {
  return [introduction, ...builtInTypes.map(section)].join('\n')
}

function section(type: CertificateType): string {
  const rows = type.fields.flatMap((field) => rowsOf(field, ''))
  const note = type.note === undefined ? '' : `${type.note.en} ${type.note.zh}\n\n`
  return `## ${type.names.en} ${type.names.zh}

\`${type.uri}\` · identifier: ${identifier(type)} · validity: ${validity(type.validity)}

${note}| claim | en | zh | class | form |
|---|---|---|---|---|
${rows.join('\n')}
`
}

function identifier({ identifier }: CertificateType): string {
  if (identifier.kind === 'field') return `\`${identifier.field}\``
  return identifier.kind === 'assigned' ? `\`${identifier.prefix}-…\`` : 'GB/T 36904'
}

function validity(rule: ValidityRule): string {
  if (rule.kind === 'max') return `${rule.seconds / 60} minutes`
  if (rule.kind === 'none') return 'no end'
  return [rule.from, rule.until].map((field) => `\`${field}\``).join(' to ')
}

function rowsOf(field: Field, prefix: string): string[] {
  const name = `\`${prefix}${field.name}\`${field.required ? '' : ' (optional)'}`
  const form = field.check ?? (field.codes ? field.codes.join(' / ') : field.type)
  const row = `| ${name} | ${field.labels.en} | ${field.labels.zh} | ${field.disclosure} | ${form} |`
  return [row, ...(field.fields ?? []).flatMap((nested) => rowsOf(nested, `${field.name}[].`))]
}
