import { Ajv } from 'ajv'
import { parseJson } from '../credential/json.ts'
import { InputError } from '../errors.ts'
import type { Configuration } from './model.ts'
import schema from './schema.json' with { type: 'json' }

const validate = new Ajv({ allErrors: false }).compile<Configuration>(schema)

/**
 * Reads a configuration strictly: an unknown or misspelt member is refused, not ignored.
 *
 * @param file text of `weir.json`, UTF-8.
 * @throws {InputError} `configuration/malformed` with the JSON pointer of the first thing wrong.
 */
export function readConfiguration(file: Uint8Array): Configuration {
  let json: unknown
  try {
    json = parseJson(file)
  } catch (cause) {
    throw new InputError('configuration/malformed', { path: '/', cause })
  }
  // Ajv looks members up through prototypes, which the strict parser's objects lack.
  const plain: unknown = structuredClone(json)
  if (validate(plain)) return plain
  const first = validate.errors?.[0]
  const extra = first?.params?.additionalProperty
  const path = `${first?.instancePath ?? ''}/${typeof extra === 'string' ? extra.slice(0, 60) : ''}`
  throw new InputError('configuration/malformed', { path, rule: first?.keyword ?? 'unknown' })
}
