import type { KeyPurpose } from '../identity/model.ts'
import { type Leaf, readLeaf } from '../identity/x509/leaf.ts'
import type { ChainView } from '../ports/chain.ts'
import { readCertifiedKeys } from '../wire/certificates.ts'
import type { Home } from '../wire/home.ts'
import { dateText, type Language, type Text } from './language.ts'

/** A key of a department of this home: what it has at hand, and what the chain says. */
export type KeyState = {
  /** Name in the key store. */
  readonly id: string
  readonly purpose: KeyPurpose
  /** RFC 7638, `0x` and 64 hex digits. */
  readonly thumbprint: string
  readonly kid: string | undefined
  readonly state: 'proposed' | 'in use' | 'retired' | 'compromised'
  readonly validFrom: Date | undefined
  readonly retiredAt: Date | undefined
  readonly compromisedSince: Date | undefined
  /** When its CA certificate ends. */
  readonly certificateUntil: Date
}

const stateTexts: Readonly<Record<KeyState['state'], Text>> = {
  proposed: { en: 'not confirmed yet', zh: '尚未确认' },
  'in use': { en: 'in use', zh: '使用中' },
  retired: { en: 'retired', zh: '已停用' },
  compromised: { en: 'compromised', zh: '已泄露' },
}

const purposes: readonly KeyPurpose[] = ['assertion', 'status', 'request']

/** The certified keys of a department by purpose, oldest first, with their windows. */
export async function readKeyStates(
  home: Home,
  view: ChainView,
  name: string,
): Promise<KeyState[]> {
  const known = await readCertifiedKeys(home, name)
  const certified = purposes.flatMap((one) => known.filter(({ purpose }) => purpose === one))
  return Promise.all(
    certified.map(async ({ id, purpose, kid, x5c }) => {
      const leaf: Leaf = readLeaf(new Uint8Array(Buffer.from(x5c[0] ?? '', 'base64')))
      const record = await view.key(leaf.thumbprint)
      return {
        id,
        purpose,
        kid,
        thumbprint: leaf.thumbprint,
        state: stateOf(record),
        validFrom: record?.validFrom,
        retiredAt: record?.retiredAt,
        compromisedSince: record?.compromisedSince,
        certificateUntil: leaf.notAfter,
      }
    }),
  )
}

function stateOf(record: Awaited<ReturnType<ChainView['key']>>): KeyState['state'] {
  if (record === undefined) return 'proposed'
  if (record.compromisedSince !== undefined) return 'compromised'
  return record.retiredAt === undefined ? 'in use' : 'retired'
}

/** Its state and window as people read them. */
export function keyLines(key: KeyState, language: Language): string[] {
  const { state, validFrom, retiredAt, compromisedSince, certificateUntil } = key
  const times: [Text, Date | undefined][] = [
    [{ en: 'valid from', zh: '启用' }, validFrom],
    [{ en: 'retired', zh: '停用' }, retiredAt],
    [{ en: 'compromised since', zh: '泄露起始' }, compromisedSince],
    [{ en: 'CA certificate until', zh: 'CA 证书有效期至' }, certificateUntil],
  ]
  const known = times.flatMap(([label, time]) =>
    time === undefined ? [] : [`${label[language]} ${dateText(time, language)} UTC`],
  )
  return [stateTexts[state][language], ...known]
}
