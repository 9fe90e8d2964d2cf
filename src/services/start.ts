import type { AddressInfo } from 'node:net'
import { InputError } from '../errors.ts'
import type { OpenChain } from '../wire/chain.ts'
import type { Home } from '../wire/home.ts'
import type { Hosted, ServiceOptions } from '../wire/service.ts'
import type { AppOptions } from './app.ts'
import type { App } from './chassis.ts'
import { listen } from './listen.ts'
import type { Logger } from './logger.ts'
import { type Loop, startLoops } from './loops.ts'
import type { Settings } from './settings.ts'

/** A service that runs. */
export type Running = {
  readonly url: URL
  /** Resolves with a code if the service cannot go on. */
  readonly failed: Promise<string>
  /** Takes no more requests, finishes those that run and the round of each loop, closes all; under 10 s. */
  stop(): Promise<void>
}

/** A service that can be started. */
export type Startable = Hosted & { readonly chain: OpenChain; close(): Promise<void> }

/** What a kind of service consists of. */
export type Kind<S extends Startable> = {
  readonly open: (home: Home, name: string, options: ServiceOptions) => Promise<S>
  readonly app: (service: S, options: AppOptions) => App
  readonly loops: readonly Loop<S>[]
}

/**
 * Opens a service, listens and begins its loops.
 *
 * @throws {InputError} `service/cannot-listen`, `service/not-for-development` for a chain whose
 *   administration has a delay; those of `kind.open`.
 */
export async function startService<S extends Startable>(
  settings: Settings,
  kind: Kind<S>,
  logger: Logger,
): Promise<Running> {
  const { home, name, isDevelopment } = settings
  const listening = await listen(settings)
  let service: S | undefined
  try {
    const { port } = listening.server.address() as AddressInfo
    const baseUrl = settings.baseUrl ?? new URL(`http://127.0.0.1:${port}`)
    service = await kind.open(home, name, { baseUrl, isDevelopment })
    if (isDevelopment && service.chain.deployment.administrationDelay !== 0) {
      throw new InputError('service/not-for-development', { at: 'chain' })
    }
    listening.answer(kind.app(service, { log: logger.request }))
    const { promise: failed, resolve: fail } = Promise.withResolvers<string>()
    const loops = startLoops(service, kind.loops, logger.loop, fail)
    const opened = service
    const stop = async () => {
      const stopped = loops.stop()
      await listening.close()
      await stopped
      await opened.close()
      logger.flush()
    }
    return { url: baseUrl, failed, stop }
  } catch (error) {
    await listening.close(0)
    await service?.close()
    throw error
  }
}
