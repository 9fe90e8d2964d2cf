import type { Json, JsonObject } from '../credential/model.ts'
import type { CertificateType, DisclosureClass, Field } from './model.ts'

/** A claim as people read it; an object of a list is one line each member. */
export type DisplayLine = {
  readonly label: string
  readonly value: string
  readonly disclosure: DisclosureClass
}

/** A section of a certificate's layout. */
export type DisplaySection = { readonly title: string; readonly lines: readonly DisplayLine[] }

/**
 * A certificate's claims in the order of its type's layout. Claims that are absent or of a shape that
 * the type does not have are left out, and so are sections without a line. Values stay as issued
 * (names and addresses are never translated), dates are written the language's way.
 */
export function displayed(
  type: CertificateType,
  claims: JsonObject,
  language: 'zh' | 'en',
): DisplaySection[] {
  const fields = new Map(type.fields.map((field) => [field.name, field]))
  return type.layout
    .map(({ labels, fields: names }) => ({
      title: labels[language],
      lines: names.flatMap((name) => lines(fields.get(name)!, claims[name], language, '')),
    }))
    .filter((section) => section.lines.length > 0)
}

function lines(
  field: Field,
  value: Json | undefined,
  language: 'zh' | 'en',
  prefix: string,
): DisplayLine[] {
  const label = prefix + field.labels[language]
  const { disclosure } = field
  if (field.type === 'objects')
    return (Array.isArray(value) ? value : []).flatMap((item, index) =>
      field.fields!.flatMap((member) =>
        lines(member, (item as JsonObject)?.[member.name], language, `${label} ${index + 1} · `),
      ),
    )
  if (field.type === 'list') {
    if (!Array.isArray(value)) return []
    return [{ label, value: value.join(language === 'zh' ? '、' : ', '), disclosure }]
  }
  if (typeof value !== 'string') return []
  const text = field.type === 'date' ? displayedDay(value, language) : value
  return [{ label, value: text, disclosure }]
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `2026-11-22` as `2026年11月22日` or `22 Nov 2026`; anything else as it is. */
export function displayedDay(day: string, language: 'zh' | 'en'): string {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day)?.map(Number) ?? []
  if (year === undefined || months[month! - 1] === undefined) return day
  if (language === 'zh') return `${year}年${month}月${date}日`
  return `${date} ${months[month! - 1]} ${year}`
}
