import type { CertificateType } from '../../certificate/model.ts'
import type { Registry } from '../../registry/model.ts'
import type { Running } from '../../registry/run.ts'
import type { App } from '../chassis.ts'

/** A registry node as its routes see it. */
export type RegistryService = {
  readonly registry: Registry
  readonly running: Running
  /** Certificate types whose documents are served. */
  readonly types: readonly CertificateType[]
  readonly baseUrl: URL
  readonly limits?: {
    readonly requestsPerMinute?: number
    readonly concurrency?: number
    readonly proxies?: number
  }
}

/** Adds one group of routes to a registry node. */
export type RegistryRoutes = (app: App, service: RegistryService) => void
