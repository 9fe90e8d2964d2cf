import type { AddressInfo } from 'node:net'
import { builtInTypes } from '../../certificate/types.ts'
import { type OpenRegistry, openRegistry } from '../../wire/registry.ts'
import { listen } from '../listen.ts'
import type { Logger } from '../logger.ts'
import { startLoops } from '../loops.ts'
import type { Running } from '../start.ts'
import { registryApp } from './app.ts'
import type { RegistrySettings } from './settings.ts'

/** Milliseconds between two looks at the chain. */
const everyMs = 1000

/**
 * Opens a registry node, listens, follows and collects.
 *
 * @throws {InputError} `service/cannot-listen`, and as `openRegistry`.
 */
export async function startRegistry(
  settings: RegistrySettings,
  logger: Logger,
): Promise<Running & { readonly node: OpenRegistry }> {
  const listening = await listen(settings)
  let node: OpenRegistry | undefined
  try {
    const { port } = listening.server.address() as AddressInfo
    const baseUrl = settings.baseUrl ?? new URL(`http://127.0.0.1:${port}`)
    node = await openRegistry(settings.home, settings.options)
    const { registry, running } = node
    const { limits } = settings
    const service = { registry, running, types: builtInTypes, baseUrl, limits }
    listening.answer(registryApp(service, { log: logger.request }))
    const { promise: failed, resolve: fail } = Promise.withResolvers<string>()
    const loop = { name: 'follow', everyMs, run: () => running.round() }
    const loops = startLoops(service, [loop], logger.loop, fail)
    const opened = node
    const stop = async () => {
      const stopped = loops.stop()
      await listening.close()
      await stopped
      await opened.close()
      logger.flush()
    }
    return { url: baseUrl, failed, stop, node }
  } catch (error) {
    await listening.close(0)
    await node?.close()
    throw error
  }
}
