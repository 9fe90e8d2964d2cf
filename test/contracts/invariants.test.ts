import { id } from 'ethers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { interfaceOf, type Target } from './chain.ts'
import { apply, broken, emptyModel, expectedViews, type Model } from './model.ts'
import { address, day, licences, openWorld, titles, zero, zero31, zero32 } from './world.ts'

const steps = Number(process.env.WEIR_STEPS ?? 700)
const seeds = process.env.WEIR_SEED ? [Number(process.env.WEIR_SEED)] : [1, 2]

type Call = { from: string; target: Target; name: string; args: unknown[] }
type World = Awaited<ReturnType<typeof openWorld>>

/** One random call, by the right account more often than not, with arguments that often fit. */
function randomCall(w: World, model: Model, pick: <T>(values: readonly T[]) => T): Call {
  const names = [...model.departments.keys()]
  const fresh = [address('e1'), address('e2'), address('e3')]
  const department = pick([...names, ...names, ...fresh])
  const account = pick(w.accounts.slice(0, 12))
  const or = (who: string | undefined) =>
    pick([0, 1, 2, 3]) === 0 || !who || who === zero ? account : who
  const of = (name: string | undefined) => or(model.departments.get(name ?? zero)?.account)
  const above = (name: string) => of(model.departments.get(name)?.accreditor)

  const records = [...model.accreditations].flatMap(([at, all]) =>
    all.map((record, index) => ({ at: at.split('/') as [string, string], index, record })),
  )
  const basis = pick(records)
  const [by, type] = basis.at
  const thumbprint = id(`key ${pick([1, 2, 3, 4, 5, 6, 7, 8])}`)
  const certificate = id(`certificate ${pick([1, 2])}`)
  const proposed = pick([...model.proposals.keys(), `${department}/${thumbprint}`])
  const proposal = model.proposals.get(proposed) ?? [certificate, 0, 1]
  const [proposer, proposedKey] = proposed.split('/') as [string, string]
  const known = pick([...model.keys.keys(), thumbprint])
  const holder = model.keys.get(known)?.department
  const waiting = pick([
    ...names.filter((name) => model.departments.get(name)!.pendingAccount !== zero),
    department,
  ])
  const rights = pick([1, 2, 3, 3, 3])
  const until = w.until - pick([0, 0, 1, day, 400 * day])
  const from = pick([0, 0, 0, w.now() + 50])

  const last = model.anchors.get(department) ?? { sequence: 0, link: zero31 }
  const [list, word] = [pick([0, 1]), pick([0, 1])]
  const before = model.words.get(`${department}/${list}/${word}`) ?? 0n
  const value = before ^ (BigInt(pick([1, 2, 3])) << BigInt(2 * pick([0, 1, 64, 127])))
  const hasLeaves = pick([true, true, false])

  const call = (caller: string, name: string, ...args: unknown[]): Call => ({
    from: caller,
    target: w.departments,
    name,
    args,
  })
  const anchor = (): Call => ({
    ...call(
      of(department),
      'anchor',
      department,
      pick([last.sequence + 1, last.sequence + 1, last.sequence + 1, last.sequence, 1, 17]),
      pick([last.link, last.link, last.link, zero31]),
      hasLeaves ? id('root') : zero32,
      hasLeaves ? 16 : 0,
      pick([[], [{ list, word, value }], [{ list, word, value }]]),
    ),
    target: w.anchors,
  })
  const accept = () =>
    call(or(model.departments.get(waiting)?.pendingAccount), 'acceptAccount', waiting)
  const accredit = () =>
    call(of(by), 'accredit', by, basis.index, department, type, rights, from, until)

  return pick<() => Call>([
    anchor,
    anchor,
    anchor,
    accept,
    accept,
    accredit,
    accredit,
    accredit,
    () => call(of(by), 'register', by, type, basis.index, department, account),
    () => call(above(department), 'requestRecovery', department, account),
    () =>
      call(
        of(basis.record.by),
        'withdraw',
        ...basis.at,
        basis.index,
        ...pick([
          [zero32, 0],
          [titles, 0],
          [type, 1],
        ]),
      ),
    () => call(pick([above(department), account, account]), 'remove', department),
    () => call(of(department), 'proposeAccount', department, account),
    () =>
      call(of(department), 'proposeKey', department, thumbprint, pick([1, 2, 3, 4]), certificate),
    () =>
      call(of(department), 'proposeKey', department, thumbprint, pick([1, 2, 3, 4]), certificate),
    () => call(above(proposer), 'confirmKey', proposer, proposedKey, proposal[2], proposal[0]),
    () => call(above(proposer), 'confirmKey', proposer, proposedKey, proposal[2], proposal[0]),
    () => call(of(holder), 'retireKey', known),
    () => call(of(holder), 'declareCompromised', known, pick([0, w.now() - 9, 5])),
    () => call(account, 'refreshAccreditation', ...basis.at, basis.index),
    () => call('', 'registerRoot', pick(fresh), account),
    () => call('', 'grantRoot', department, pick([titles, licences]), rights, from, until),
    () =>
      call(pick(['', account]), 'recover', department, model.requests.get(department) ?? account),
    () => call('', 'confirmKey', proposer, proposedKey, proposal[2], proposal[0]),
  ])()
}

/** Who had to call, by the model before the call; undefined where anybody may. */
function mayCall(model: Model, self: string, { name, args }: Call): string[] | undefined {
  const account = (one: unknown) => model.departments.get(one as string)?.account ?? zero
  const supervisor = (one: unknown) => {
    const above = model.departments.get(model.departments.get(one as string)?.accreditor ?? zero)
    return above && above.removedAt === 0 ? above.account : self
  }
  const key = model.keys.get(args[0] as string)?.department
  switch (name) {
    case 'register':
    case 'accredit':
    case 'anchor':
    case 'proposeKey':
    case 'proposeAccount':
      return [account(args[0])]
    case 'requestRecovery':
    case 'confirmKey':
    case 'remove':
      return [supervisor(args[0])]
    case 'acceptAccount':
      return [model.departments.get(args[0] as string)?.pendingAccount ?? zero]
    case 'retireKey':
    case 'declareCompromised':
      return [account(key), supervisor(key)]
    case 'withdraw': {
      const at = model.accreditations.get(`${args[0]}/${args[1]}`)?.[args[2] as number]
      return [account(at?.by)]
    }
    default:
      return undefined
  }
}

for (const seed of seeds) {
  test(`E8, E9, E14: after ${steps} random calls (seed ${seed}) storage is what the events say, and every promise holds`, async () => {
    const w = await openWorld()
    const randoms = fc.sample(fc.nat(), { seed, numRuns: steps * 60 })
    let next = 0
    const pick = <T>(values: readonly T[]): T =>
      values[randoms[next++ % randoms.length]! % values.length]!
    const registry = w.departments.address
    const targets: Record<string, Target> = {
      DepartmentRegistry: w.departments,
      AnchorRegistry: w.anchors,
      StatusRegistry: w.statuses,
    }

    const model = emptyModel()
    const logs = await w.history()
    for (const { log, block, time } of logs) apply(model, log, block, time)

    const taken = new Map<string, number>()
    for (let step = 0; step < steps; step++) {
      w.wait(pick([0, 1, 1, 30]))
      const call = randomCall(w, model, pick)
      const { from, target, name, args } = call
      const isGoverned = from === ''
      const before = mayCall(model, registry, call)
      let result: Awaited<ReturnType<typeof w.attempt>>
      if (isGoverned) {
        const data = interfaceOf('DepartmentRegistry').encodeFunctionData(name, args)
        const operation = Number(await w.read(w.departments, 'operationCount'))
        await w.send(w.admin1, w.departments, 'propose', data)
        await w.send(w.admin2, w.departments, 'approve', operation)
        w.wait(day)
        result = await w.attempt(w.admin3, w.departments, 'execute', operation)
      } else {
        result = await w.attempt(from, target, name, ...args)
      }
      if (typeof result === 'string') continue

      if (before && !isGoverned) expect(before).toContain(from)
      const expectedCount = isGoverned ? 2 : name === 'anchor' ? 1 + (args[5] as []).length : 1
      expect(result.logs).toHaveLength(expectedCount)
      for (const log of result.logs) apply(model, log, result.block, result.time)
      expect(broken(model)).toEqual([])
      taken.set(name, (taken.get(name) ?? 0) + 1)
      if (step % 50 === 0 || step === steps - 1) {
        for (const [contract, view, of, answer] of expectedViews(model)) {
          expect(`${view} ${await w.read(targets[contract]!, view, ...of)}`).toBe(
            `${view} ${answer}`,
          )
        }
      }
    }
    for (const [contract, view, of, answer] of expectedViews(model)) {
      expect(`${view} ${await w.read(targets[contract]!, view, ...of)}`).toBe(`${view} ${answer}`)
    }
    if (process.env.WEIR_STEPS) console.log(Object.fromEntries(taken))
    expect(taken.size).toBeGreaterThan(12)
    await w.close()
  })
}
