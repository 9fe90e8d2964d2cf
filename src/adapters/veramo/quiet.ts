type Method = (args: unknown, context: object) => Promise<unknown>

type Speaking = {
  readonly methods: Readonly<Record<string, unknown>>
  execute(method: string, args: unknown): Promise<unknown>
}

/**
 * Makes an agent keep to itself what passes through it. Veramo's `execute` formats every argument and
 * every result for the debug log, whole credentials among them; this one only calls.
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
    return (method as Method)(args ?? {}, { ...speaking.context, agent })
  }
  return agent
}
