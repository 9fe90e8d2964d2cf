import { createRoute, z } from '@hono/zod-openapi'
import { holds } from '../../accreditation/holds.ts'
import type { AccreditationChain, AccreditationRecord } from '../../accreditation/model.ts'
import { typeOnChain } from '../../accreditation/typeName.ts'
import { InputError } from '../../errors.ts'
import type { DepartmentRecord, KeyRecord } from '../../identity/model.ts'
import type { ChainPast } from '../../ports/mirror.ts'
import { pastOf } from '../../registry/lookUp.ts'
import { problems } from '../problem.ts'
import type { RegistryRoutes } from './group.ts'
import {
  blockJson,
  blockSchema,
  departmentName,
  didOf,
  hash,
  json,
  moment,
  momentJson,
  momentOrNull,
  readDepartment,
} from './schemas.ts'

const department = z
  .object({
    id: z.string(),
    address: z.string(),
    account: z.string().openapi({ description: 'the account that may write for it' }),
    accreditor: z.string().nullable().openapi({ description: 'null for a root' }),
    registeredAt: moment,
    removedAt: momentOrNull,
  })
  .openapi('Department')
const key = z
  .object({
    thumbprint: hash.openapi({ description: 'RFC 7638, SHA-256' }),
    purpose: z.enum(['assertion', 'status', 'request']),
    certificateHash: hash,
    validFrom: moment,
    retiredAt: momentOrNull,
    compromisedSince: momentOrNull,
  })
  .openapi('Key')
const record = z.object({
  department: z.string(),
  index: z.number().int(),
  rights: z.array(z.enum(['issue', 'accredit'])),
  from: moment,
  until: moment,
  withdrawnAt: momentOrNull,
  departmentRemovedAt: momentOrNull,
})
const accreditation = record
  .extend({
    type: z.string().nullable().openapi({ description: 'URI, where this node knows the type' }),
    typeHash: hash.openapi({ description: 'SHA-256 of the type’s URI, as on the chain' }),
    isInForce: z.boolean().openapi({ description: 'every link holds at the block' }),
    restsOn: z.array(record).openapi({ description: 'the records above it, the root last' }),
  })
  .openapi('Accreditation')
const history = z.array(z.object({ sinceBlock: z.number().int(), department }))

/** Departments, their keys and accreditations, each with its past; status words as on the chain. */
export const addDepartmentRoutes: RegistryRoutes = (app, { registry, types }) => {
  const { chainId } = registry.chain.identity
  const uris = new Map(types.map(({ uri }) => [typeOnChain(uri), uri]))
  const departmentJson = (found: DepartmentRecord) => ({
    id: didOf(found.department, chainId),
    address: found.department,
    account: found.account,
    accreditor: found.accreditor === undefined ? null : didOf(found.accreditor, chainId),
    registeredAt: found.registeredAt.toISOString(),
    removedAt: momentJson(found.removedAt),
  })
  const recordJson = (one: AccreditationRecord) => ({
    department: didOf(one.department, chainId),
    index: one.index,
    rights: [...one.rights],
    from: one.from.toISOString(),
    until: one.until.toISOString(),
    withdrawnAt: momentJson(one.withdrawnAt),
    departmentRemovedAt: momentJson(one.removedAt),
  })
  const accreditationJson = (chain: AccreditationChain, past: ChainPast) => ({
    ...recordJson(chain[0]!),
    type: uris.get(chain[0]!.certificateType) ?? null,
    typeHash: chain[0]!.certificateType,
    isInForce: holds(chain, past.view.block.time),
    restsOn: chain.slice(1).map(recordJson),
  })
  const existing = async (past: ChainPast, name: string): Promise<DepartmentRecord> => {
    const found = await past.view.department(readDepartment(name, chainId))
    if (found === undefined) throw new InputError('mirror/not-found')
    return found
  }

  app.openapi(
    createRoute({
      method: 'get',
      path: '/departments',
      summary: 'Every department that was ever registered',
      tags: ['departments'],
      responses: {
        200: json(z.object({ block: blockSchema, departments: z.array(department) }), 'In order'),
        ...problems(503),
      },
    }),
    async (c) => {
      const past = pastOf(registry)
      const found = await Promise.all(
        (await past.departments()).map((address) => past.view.department(address)),
      )
      const departments = found.filter((one) => one !== undefined).map(departmentJson)
      return c.json({ block: blockJson(past.view.block), departments }, 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/departments/{did}',
      summary: 'A department with its past, its keys and its accreditations',
      tags: ['departments'],
      request: { params: z.object({ did: departmentName }) },
      responses: {
        200: json(
          z.object({
            block: blockSchema,
            department,
            history,
            keys: z.array(key),
            accreditations: z.array(accreditation),
            batches: z.number().int(),
          }),
          'The department',
        ),
        ...problems(400, 404, 503),
      },
    }),
    async (c) => {
      const past = pastOf(registry)
      const found = await existing(past, c.req.valid('param').did)
      const address = found.department
      const records = await past.records(address)
      const chains = await past.accreditations(address)
      return c.json(
        {
          block: blockJson(past.view.block),
          department: departmentJson(found),
          history: records.map((one) => ({
            sinceBlock: one.since,
            department: departmentJson(one.record),
          })),
          keys: (await past.keys(address)).map(keyJson),
          accreditations: chains.map((chain) => accreditationJson(chain, past)),
          batches: (await past.view.lastAnchor(address)).sequence,
        },
        200,
      )
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/accreditations',
      summary: 'Accreditations ever given, with what they rest on',
      tags: ['departments'],
      request: {
        query: z.object({
          department: departmentName.optional(),
          type: z
            .string()
            .min(1)
            .max(300)
            .optional()
            .openapi({ description: 'URI of a certificate type' }),
        }),
      },
      responses: {
        200: json(
          z.object({ block: blockSchema, accreditations: z.array(accreditation) }),
          'Accreditations',
        ),
        ...problems(400, 404, 503),
      },
    }),
    async (c) => {
      const past = pastOf(registry)
      const { department: name, type } = c.req.valid('query')
      const addresses =
        name === undefined ? await past.departments() : [(await existing(past, name)).department]
      const chains = (await Promise.all(addresses.map((one) => past.accreditations(one)))).flat()
      const wanted = type === undefined ? undefined : typeOnChain(type)
      const accreditations = chains
        .filter(([own]) => wanted === undefined || own?.certificateType === wanted)
        .map((chain) => accreditationJson(chain, past))
      return c.json({ block: blockJson(past.view.block), accreditations }, 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/departments/{did}/statuses/{list}',
      summary: 'A whole status list as on the chain',
      description:
        'Words of 128 entries, 2 bits each, low bits first: 0 valid, 1 revoked, 2 suspended, 3 superseded; a word that is absent is zero. Only whole lists, so that nobody learns which entry is meant.',
      tags: ['departments'],
      request: {
        params: z.object({
          did: departmentName,
          list: z.string().regex(/^(0|[1-9][0-9]{0,9})$/),
        }),
      },
      responses: {
        200: json(
          z.object({ block: blockSchema, words: z.record(z.string(), hash) }),
          'Words by number',
        ),
        ...problems(400, 404, 503),
      },
    }),
    async (c) => {
      const past = pastOf(registry)
      const { did, list } = c.req.valid('param')
      const { department: address } = await existing(past, did)
      const words = [...(await past.words(address, Number(list)))]
        .sort(([a], [b]) => a - b)
        .map(([word, value]) => [String(word), `0x${value.toString(16).padStart(64, '0')}`])
      return c.json({ block: blockJson(past.view.block), words: Object.fromEntries(words) }, 200)
    },
  )
}

function keyJson(one: KeyRecord): z.infer<typeof key> {
  return {
    thumbprint: one.thumbprint,
    purpose: one.purpose,
    certificateHash: one.certificateHash,
    validFrom: one.validFrom.toISOString(),
    retiredAt: momentJson(one.retiredAt),
    compromisedSince: momentJson(one.compromisedSince),
  }
}
