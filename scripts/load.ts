/**
 * `npm run load`: a department's service as a process of its own under load from this process, over loopback
 * alone. Prints JSON and writes its section of `docs/performance.md`.
 *
 *   node scripts/load.ts [--seconds 6] [--no-page]
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { districtConfiguration } from '../src/configuration/district.ts'
import { startLocalChain } from '../src/wire/chain.ts'
import { setUpDistrict } from '../src/wire/district.ts'
import { createHome } from '../src/wire/home.ts'
import { say } from './bench/measure.ts'
import { openPools, type Shot, shoot } from './load/client.ts'
import { type LoadResults, loadText, withLoad } from './load/page.ts'
import { sampleToken as as, serve } from './load/service.ts'
import { hostileShot, issueShot, metadataShot, vcApiShot, verdictShot } from './load/shots.ts'
import { openSlow } from './load/slow.ts'
import { optionsOf } from './options.ts'

const values = optionsOf({
  seconds: { type: 'string', default: '6' },
  'no-page': { type: 'boolean', default: false },
})
const seconds = Math.min(60, Math.max(1, Number(values.seconds) || 6))
/** Requests under way at once, of many small clients; half of what a service works on at once. */
const atOnce = 128
const own = ['127.0.0.1']
const friends = Array.from({ length: 20 }, (_, at) => `127.0.1.${at + 1}`)
const strangers = Array.from({ length: 60 }, (_, at) => `127.0.0.${at + 2}`)

const path = await mkdtemp(join(tmpdir(), 'weir-load-'))
const closers: (() => Promise<unknown>)[] = [() => rm(path, { recursive: true, force: true })]
try {
  say('A district ...')
  const fresh = await createHome(path, districtConfiguration())
  const node = await startLocalChain(fresh, () => {})
  closers.push(() => node.stop())
  const { home, chain } = await setUpDistrict(fresh, new Date(), () => {})
  chain.close()

  const rows: LoadResults['rows'][number][] = []
  const memory: LoadResults['memory'][number][] = []
  let issued = 0
  const issue = () => {
    issued += 1
    return issueShot(issued, as)
  }
  const remember = async (served: Awaited<ReturnType<typeof serve>>, when: string) =>
    void memory.push({ when, mebibytes: await served.memory() })

  const open = await serve(home, 'development')
  let stop = () => open.stop()
  closers.push(() => stop())
  await remember(open, 'at the start')
  const pools = openPools(open.url, own, atOnce)
  closers.push(() => pools.close())
  const files = await anchored(open.url, 200)
  const run = async (what: string, next: () => Shot) => {
    await shoot(pools.next, next, { seconds: Math.min(2, seconds), atOnce })
    say(`${what} ...`)
    rows.push({ what, load: (await shoot(pools.next, next, { seconds, atOnce })).good })
    await remember(open, `after: ${what}`)
  }
  let turn = 0
  const file = () => {
    turn += 1
    return files[turn % files.length]!
  }
  await run('issue, `POST /certificates`', issue)
  await run('whole verdict, `POST /verifier/verdicts`', () => verdictShot(file().text, as))
  await run('VC-API, `POST /credentials/verify`', () => vcApiShot(file().token, as))
  await pools.close()
  await open.stop()

  say('Hostile traffic ...')
  const guarded = await serve(home, 'guarded')
  stop = () => guarded.stop()
  const good = openPools(guarded.url, friends, atOnce)
  const bad = openPools(guarded.url, strangers, 2 * atOnce)
  closers.push(() => good.close())
  closers.push(() => bad.close())
  const aim = ({ isGood }: Shot) => (isGood ? good : bad).next()
  await shoot(aim, issue, { seconds: 1, atOnce: 4 })
  await remember(guarded, 'at the start of the hostile run')
  let asked = 0
  const wanted = [issue, () => verdictShot(file().text, as), () => metadataShot]
  // Every twentieth request is a good one.
  const mixed = () => {
    asked += 1
    return asked % 20 === 0 ? wanted[(asked / 20) % wanted.length]!() : hostileShot()
  }
  const storm = await shoot(aim, mixed, { seconds, atOnce })
  rows.push({ what: 'good requests under hostile traffic', load: storm.good })
  rows.push({ what: 'the hostile ones', load: storm.hostile })
  await remember(guarded, 'after it')

  say('Slow connections ...')
  const opened = 1000
  const slow = await openSlow(guarded.url, opened, strangers)
  closers.push(async () => slow.close())
  const begun = performance.now()
  const health: Shot = { method: 'GET', path: '/healthz', isGood: true }
  // Long enough for the service's patience with headers, 10 s, to end before both are done.
  const patience = seconds < 5 ? seconds : 8
  const probing = await shoot(good.next, () => health, { seconds: patience, atOnce: 2 })
  const issuing = await shoot(good.next, issue, { seconds: Math.min(4, seconds), atOnce: 2 })
  rows.push({ what: '`/healthz` beside slow connections', load: probing.good })
  rows.push({ what: 'issue beside slow connections', load: issuing.good })
  const afterSeconds = Math.round((performance.now() - begun) / 1000)
  const left = slow.open()
  await remember(guarded, 'with slow connections')

  const results: LoadResults = {
    date: new Date().toISOString().slice(0, 10),
    machine: { cores: availableParallelism(), model: cpus()[0]?.model.trim() || 'unknown' },
    seconds,
    rows,
    hostileShare: storm.hostile.requests / (storm.hostile.requests + storm.good.requests),
    slow: { opened, left, afterSeconds },
    memory,
  }
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
  if (!values['no-page']) {
    const page = await readFile('docs/performance.md', 'utf8')
    await writeFile('docs/performance.md', withLoad(page, loadText(results)))
  }
} finally {
  for (const close of closers.reverse()) await close()
}

/** Certificates that are final on the chain, as their holders have them: token, and file with proof. */
async function anchored(url: string, count: number) {
  const headers = { authorization: `Bearer ${as}`, 'content-type': 'application/json' }
  const copies = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const { path: where, body } = issueShot(9_000_000 + at, as)
      const answer = await fetch(`${url}${where}`, { method: 'POST', headers, body: body! })
      if (answer.status !== 201) throw new Error(`Issuing answered ${answer.status}`)
      type Issued = { copies: { fingerprint: string; token: string }[] }
      return ((await answer.json()) as Issued).copies[0]!
    }),
  )
  const found: { token: string; text: string }[] = []
  for (const { fingerprint, token } of copies) {
    for (let tries = 0; ; tries += 1) {
      const answer = await fetch(`${url}/certificates/${fingerprint}`, { headers })
      type State = { copies: { state: string; proof?: object }[] }
      const { state, proof } = ((await answer.json()) as State).copies[0]!
      if (state === 'final') {
        found.push({ token, text: JSON.stringify({ credential: token, proof }) })
        break
      }
      if (tries > 100) throw new Error('Nothing is anchored')
      await pause(200)
    }
  }
  return found
}
