import type { Status } from '../status/model.ts'

/** Where a department's own systems want to hear of events. */
export type WebhookEndpoint = {
  readonly id: string
  readonly url: string
  /** Event types; empty: all. */
  readonly events: readonly string[]
  /** The signing secret, sealed with the key store's key. */
  readonly secret: string
  readonly state: 'active' | 'disabled'
  /** Since when nothing got through; undefined: the last delivery did. */
  readonly failingSince: Date | undefined
  readonly createdAt: Date
}

/** One message on its way to one endpoint. */
export type WebhookDelivery = {
  readonly endpoint: string
  /** `webhook-id`: the same for every attempt, so that a receiver knows a repetition. */
  readonly id: string
  readonly event: string
  /** JSON, exactly as it is signed and sent. */
  readonly body: string
  readonly state: 'waiting' | 'delivered' | 'failed'
  readonly attempts: number
  /** When it is tried next; of one that is not `waiting`, when that was decided. */
  readonly nextAt: Date
  /** HTTP status of the last answer; undefined: none came. */
  readonly lastStatus: number | undefined
  readonly createdAt: Date
}

/** Endpoints of a department. */
export interface EndpointStore {
  /** Adds one or puts another in its place. */
  putEndpoint(department: string, endpoint: WebhookEndpoint): Promise<void>
  /** In the order in which they were added. */
  endpoints(department: string): Promise<WebhookEndpoint[]>
  /** Removes one with its deliveries. @returns whether there was one. */
  removeEndpoint(department: string, id: string): Promise<boolean>
}

/** The outbox. What resolved is synced, so that a message once taken in survives every kill. */
export interface DeliveryStore {
  /** Takes messages in, in one transaction; one that is known by endpoint and id already is left as it is. */
  enqueue(department: string, deliveries: readonly WebhookDelivery[]): Promise<void>
  /**
   * Messages to one endpoint that are due at `now`, the first due and oldest first, put off until `until`, so that no
   * other process sends them meanwhile and a kill brings them back.
   */
  claim(
    department: string,
    endpoint: string,
    now: Date,
    until: Date,
    limit: number,
  ): Promise<WebhookDelivery[]>
  /** Lets everything that waits for an endpoint be due at `at`. */
  reschedule(department: string, endpoint: string, at: Date): Promise<void>
  /** Writes what became of an attempt: state, attempts, next time, last status. */
  settle(department: string, delivery: WebhookDelivery): Promise<void>
  /** Newest first. */
  recent(department: string, endpoint: string, limit: number): Promise<WebhookDelivery[]>
  /** Removes what was decided before `before`. @returns how many. */
  purgeDeliveries(before: Date): Promise<number>
}

/** What messages are made from, each counting up from 0: ids of copies and audit lines, final batches. */
export type WebhookSource = 'copies' | 'batches' | 'audit'

/** How far events were turned into messages. */
export interface ProgressStore {
  /** Undefined where nothing was begun. */
  position(department: string, source: WebhookSource): Promise<number | undefined>
  /** Never back, except by `begin`. */
  advance(department: string, source: WebhookSource, position: number): Promise<void>
  /** Begins after what there is now, with all sources. */
  begin(department: string): Promise<void>
  /** Entries whose change a batch carried. */
  changesIn(
    department: string,
    sequence: number,
  ): Promise<{ list: number; index: number; status: Status }[]>
}

/** All three over one database. */
export type WebhookStore = EndpointStore & DeliveryStore & ProgressStore
