type Method = (args: object, context: object) => Promise<unknown>

type Speaking = {
  readonly methods: Readonly<Record<string, unknown>>
  execute(method: string, args: unknown): Promise<unknown>
}

/** Methods that write into what they are given: `issuanceDate` into the caller's credential, for one. */
const writing = new Set(['createVerifiableCredential', 'createVerifiablePresentation'])

/**
 * Makes an agent keep to itself what passes through it, and leave alone what it is given. Veramo's
 * `execute` formats every argument and every result for the debug log, whole credentials among them;
 * this one only calls, and lets methods that write do so on copies.
 *
 * @param agent changed in place: its methods call its `execute`.
 * @returns the same agent.
 */
export function quietly<T extends object>(agent: T): T {
  const speaking = agent as unknown as Speaking & { context?: object }
  const methods = new Map(Object.entries(speaking.methods))
  speaking.execute = async (name, args) => {
    const method = methods.get(name)
    if (method === undefined) throw new TypeError(`No such method of this agent: ${name}`)
    const given = writing.has(name) ? copied(args) : args
    return (method as Method)((given ?? {}) as object, { ...speaking.context, agent })
  }
  return agent
}

function copied(args: unknown): object {
  const entries = Object.entries(args ?? {})
  return Object.fromEntries(
    entries.map(([name, value]) => [name, isObject(value) ? { ...value } : value]),
  )
}

function isObject(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  )
}
