import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { InputError, OutsideError, TrustError } from '../../errors.ts'
import type { PrivateJwk } from '../../primitives/model.ts'
import type { FromThread, Task, TaskResult, ToThread } from './task.ts'

/** Threads that share one queue. They start with the first task and keep the keys they are given. */
export type Pool = {
  readonly size: number
  /** Gives a key to every thread, once; undefined takes it away. */
  setKey(name: string, jwk: PrivateJwk | undefined): void
  /**
   * Does tasks on all threads, in any order.
   *
   * @returns results in the order of the tasks.
   * @throws what the first failing task threw; {OutsideError} `key/unavailable` if a thread died or the
   *   pool is closed.
   */
  run(tasks: readonly Task[]): Promise<TaskResult[]>
  /** Lets running tasks finish, then asks the threads to stop; they are never torn down in their work. */
  close(): Promise<void>
}

type Job = {
  readonly task: Task
  readonly resolve: (result: TaskResult) => void
  readonly reject: (error: Error) => void
}
type Thread = { readonly worker: Worker; readonly jobs: Map<number, Job> }

/** A second task waits in the thread, so that it never idles while an answer travels. */
const jobsAThread = 2

/**
 * Makes a pool.
 *
 * @param size threads; default one a core.
 */
export function createPool(size: number = availableParallelism()): Pool {
  const keys = new Map<string, PrivateJwk>()
  const threads: Thread[] = []
  const queue: Job[] = []
  let nextId = 0
  let isClosed = false
  let isIdle = () => {}

  function start(): Thread {
    const worker = new Worker(new URL('./thread.ts', import.meta.url))
    const thread: Thread = { worker, jobs: new Map() }
    worker.unref()
    worker.on('message', (message: FromThread) => {
      const job = thread.jobs.get(message.id)
      thread.jobs.delete(message.id)
      if (thread.jobs.size === 0) worker.unref()
      if (job && 'result' in message) job.resolve(message.result)
      else if (job && 'error' in message) job.reject(revive(message.error))
      dispatch()
    })
    // An error's text could quote what the thread worked on: it is not passed on.
    const lost = () => {
      const at = threads.indexOf(thread)
      if (at >= 0) threads.splice(at, 1)
      for (const job of thread.jobs.values()) job.reject(new OutsideError('key/unavailable'))
      thread.jobs.clear()
      dispatch()
    }
    worker.on('error', lost)
    worker.on('exit', lost)
    for (const [key, jwk] of keys) post(thread, { key, jwk })
    threads.push(thread)
    return thread
  }

  function dispatch(): void {
    while (queue.length > 0) {
      const free = threads.toSorted((a, b) => a.jobs.size - b.jobs.size)[0]
      const canStart = threads.length < size && (free === undefined || free.jobs.size > 0)
      const thread = canStart ? start() : free
      if (thread === undefined || thread.jobs.size >= jobsAThread) return
      const job = queue.shift()!
      const id = nextId++
      if (thread.jobs.size === 0) thread.worker.ref()
      thread.jobs.set(id, job)
      post(thread, { id, task: job.task })
    }
    if (threads.every((thread) => thread.jobs.size === 0)) isIdle()
  }

  return {
    size,
    setKey(key, jwk) {
      if (jwk === undefined) keys.delete(key)
      else keys.set(key, jwk)
      for (const thread of threads) post(thread, { key, jwk })
    },
    async run(tasks) {
      if (isClosed) throw new OutsideError('key/unavailable')
      const results = tasks.map(
        (task) =>
          new Promise<TaskResult>((resolve, reject) => {
            queue.push({ task, resolve, reject })
          }),
      )
      dispatch()
      return Promise.all(results)
    },
    async close() {
      isClosed = true
      await new Promise<void>((resolve) => {
        isIdle = resolve
        dispatch()
      })
      const ended = threads.map(
        ({ worker }) => new Promise((resolve) => worker.once('exit', resolve)),
      )
      for (const thread of [...threads]) {
        thread.worker.ref()
        post(thread, 'stop')
      }
      await Promise.all(ended)
    },
  }
}

function post(thread: Thread, message: ToThread): void {
  thread.worker.postMessage(message)
}

function revive({ name, code, detail }: Extract<FromThread, { error: object }>['error']): Error {
  if (name === 'TrustError') return new TrustError(code, detail)
  return name === 'OutsideError' ? new OutsideError(code, detail) : new InputError(code, detail)
}

/** Cuts inputs into chunks that keep `threads` busy: at most 500, at least 50 where there are enough. */
export function chunksOf<T>(items: readonly T[], threads: number): T[][] {
  const size = Math.min(500, Math.max(50, Math.ceil(items.length / (threads * 4))))
  const chunks: T[][] = []
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size))
  return chunks
}
