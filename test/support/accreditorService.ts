import type { AddressInfo } from 'node:net'
import type { ServiceConfiguration } from '../../src/configuration/model.ts'
import { accreditorApp } from '../../src/services/accreditor/app.ts'
import { listen } from '../../src/services/listen.ts'
import { type AccreditorService, openAccreditorService } from '../../src/wire/accreditorService.ts'
import type { Home } from '../../src/wire/home.ts'

/** An accreditor of a district that listens on a free port of this machine. */
export type TestAccreditor = {
  readonly service: AccreditorService
  /** `http://127.0.0.1:<port>`, and the base address. */
  readonly url: string
  close(): Promise<void>
}

/** Opens a home's accreditor and serves it, in the development profile unless it is configured. */
export async function startTestAccreditor(
  home: Home,
  configure?: ServiceConfiguration,
): Promise<TestAccreditor> {
  const name = 'city-accreditor'
  const changed = configure === undefined ? home : withMember(home, name, { service: configure })
  const listening = await listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(listening.server.address() as AddressInfo).port}`
  const service = await openAccreditorService(changed, name, {
    baseUrl: new URL(url),
    isDevelopment: configure === undefined,
  })
  listening.answer(accreditorApp(service))
  return {
    service,
    url,
    close: async () => {
      await listening.close()
      await service.close()
    },
  }
}

/** The same home with members of one department's configuration changed; nothing is written. */
export function withMember(
  home: Home,
  name: string,
  change: Partial<Home['configuration']['departments'][string]>,
): Home {
  const { departments } = home.configuration
  const member = { ...departments[name]!, ...change }
  return {
    ...home,
    configuration: { ...home.configuration, departments: { ...departments, [name]: member } },
  }
}
