import { setTimeout as pause } from 'node:timers/promises'
import { drain } from '../issuer/drain.ts'
import { resume } from '../issuer/resume.ts'
import { openHome } from '../wire/home.ts'
import { addCommand, type Context, type Register } from './command.ts'
import { wholeNumber } from './options.ts'
import { withDepartment } from './withDepartment.ts'

type Options = {
  readonly watch?: boolean
  readonly every?: string
  readonly patience?: string
  readonly maxBatch?: string
}

/** `weir anchor`: writes what waits to the chain, once or for as long as it runs. */
export const registerAnchor: Register = (program, language) => {
  addCommand<Options>(
    program,
    language,
    {
      name: 'anchor [department...]',
      summary: {
        en: 'anchor what was issued and changes of status; all departments if none is named',
        zh: '将已签发的证照和状态变更上链；不指定部门时处理全部部门',
      },
      options: [
        ['--watch', { en: 'go on until stopped (Ctrl-C)', zh: '持续运行，直到停止（Ctrl-C）' }],
        [
          '--every <seconds>',
          {
            en: 'with --watch: seconds between two looks, 5 if not said',
            zh: '与 --watch 同用：间隔秒数，默认 5',
          },
          '5',
        ],
        [
          '--patience <seconds>',
          {
            en: 'seconds without progress after which to give up, 600 if not said',
            zh: '无进展多少秒后放弃，默认 600',
          },
          '600',
        ],
        [
          '--max-batch <number>',
          {
            en: 'certificates in a batch at most, 10000 if not said',
            zh: '每批最多证照数，默认 10000',
          },
          '10000',
        ],
      ],
      more: {
        en: `Stopping at any moment is harmless: nothing is lost and nothing is anchored twice.

Examples:
  weir anchor registration-centre
  weir anchor --watch --every 10`,
        zh: `随时停止都无害：不会丢失，也不会重复上链。

示例：
  weir anchor registration-centre
  weir anchor --watch --every 10`,
      },
    },
    async (context, options, named) => {
      const every = wholeNumber(options.every ?? '5', '--every', 1) * 1000
      const patienceMs = wholeNumber(options.patience ?? '600', '--patience', 1) * 1000
      const maxBatch = wholeNumber(options.maxBatch ?? '10000', '--max-batch', 1)
      const names = named.length > 0 ? named : await allOf(context)
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => stop.abort())
      }
      const total: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]))
      do {
        for (const name of names) {
          if (stop.signal.aborted) break
          const batches = await once(context, name, { patienceMs, maxBatch, signal: stop.signal })
          total[name]! += batches
          if (batches === 0 && options.watch) continue
          context.output.say({
            en: `${name}: ${batches} batch(es) final; nothing else waits.`,
            zh: `${name}：${batches} 个批次已最终确认，无其他待上链内容。`,
          })
        }
        if (options.watch) await pause(every, undefined, { signal: stop.signal }).catch(() => {})
      } while (options.watch && !stop.signal.aborted)
      context.output.answer({ batches: total })
      return 0
    },
  )
}

/** Every department of the home that issues and was set up. */
async function allOf({ homePath }: Context): Promise<string[]> {
  const { configuration } = await openHome(homePath)
  return Object.entries(configuration.departments)
    .filter(([, { role, address }]) => role === 'department' && address !== undefined)
    .map(([name]) => name)
}

type Once = { readonly patienceMs: number; readonly maxBatch: number; readonly signal: AbortSignal }

async function once(context: Context, name: string, options: Once): Promise<number> {
  return withDepartment(context, name, async ({ issuer, address }) => {
    const [reserved] = await issuer.certificates.scan(address, 0, 1, 'reserved')
    // Signing needs a usable key; a revocation after a compromise must not wait for one.
    if (reserved !== undefined) await resume(issuer)
    let batches = 0
    return drain(issuer, {
      ...options,
      progress: ({ did }) => {
        if (did !== 'final') return
        batches += 1
        context.output.progress(
          { en: `${name}: batches final`, zh: `${name}：已确认批次` },
          batches,
        )
      },
    })
  })
}
