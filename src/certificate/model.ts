/** What people read, in the two languages that Weir speaks. */
export type Labels = { readonly zh: string; readonly en: string }

/** P: always visible. S: selectively disclosable. R: restricted, leaves only with its own explicit consent. */
export type DisclosureClass = 'P' | 'S' | 'R'

/** Names of the checks in `checks.ts` that a type's field may ask for. */
export const checkKinds = [
  'socialCreditCode',
  'residentNumber',
  'unitNumber',
  'titleNumber',
  'registrationNumber',
  'regionCode',
] as const
export type CheckKind = (typeof checkKinds)[number]

/**
 * `string`: text. `date`: `YYYY-MM-DD`. `date-time`: `YYYY-MM-DDThh:mm:ssZ`. `number`: decimal digits
 * as a string, so that no reader rounds it. `list`: array of strings. `objects`: array of objects
 * whose members are fields of their own (the parties of a marriage).
 */
export type FieldType = 'string' | 'date' | 'date-time' | 'number' | 'list' | 'objects'

/** One claim of a certificate type. */
export type Field = {
  /** snake_case, the claim's name in every format. */
  readonly name: string
  readonly labels: Labels
  readonly type: FieldType
  /** Of an `objects` field always P: its members carry their own classes. */
  readonly disclosure: DisclosureClass
  readonly required: boolean
  /** Anchored regular expression (flag `u`) that takes the place of the type's own form. */
  readonly pattern?: string
  /** The only values allowed. */
  readonly codes?: readonly string[]
  readonly check?: CheckKind
  /** A check chosen by the value of a sibling field; values that are not named have no check. */
  readonly checkBy?: {
    readonly field: string
    readonly checks: Readonly<Record<string, CheckKind>>
  }
  /** Code points; 200 where nothing is said. */
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly fields?: readonly Field[]
}

/**
 * Where a certificate's identifier comes from: a claim of class P, a serial that the issuer assigns
 * (`<prefix>-<serial>`), or the e-licence identifier of GB/T 36904 composed from its parts.
 */
export type IdentifierRule =
  | { readonly kind: 'field'; readonly field: string }
  | { readonly kind: 'assigned'; readonly prefix: string }
  | { readonly kind: 'e-licence'; readonly typeCode: string }

/** How long a certificate counts: for ever, as its own claims say, or a number of seconds from issue. */
export type ValidityRule =
  | { readonly kind: 'none' }
  | { readonly kind: 'fields'; readonly from?: string; readonly until?: string }
  | { readonly kind: 'max'; readonly seconds: number }

/** The claim that tells who the holder is, `member` or `list.member`; 001 social credit code, 111 resident number. */
export type HolderCode = { readonly path: string; readonly kind?: '001' | '111' }

/** A certificate type as data; `readType` makes one from JSON and refuses what does not hold together. */
export type CertificateType = {
  readonly id: string
  readonly version: number
  /** `urn:weir:certificate:<id>:<version>`. */
  readonly uri: string
  readonly names: Labels
  readonly note?: Labels
  readonly identifier: IdentifierRule
  readonly validity: ValidityRule
  readonly holderCode?: HolderCode
  readonly fields: readonly Field[]
  /** Sections in the order of display; each field stands in exactly one. */
  readonly layout: readonly { readonly labels: Labels; readonly fields: readonly string[] }[]
}
