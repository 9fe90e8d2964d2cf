import { parentPort } from 'node:worker_threads'
import { isWeirError } from '../../errors.ts'
import { type FromThread, type Keys, perform, setKey, type ToThread } from './task.ts'

const port = parentPort
if (port === null) throw new Error('thread.ts runs as a worker thread only')
const keys: Keys = new Map()

port.on('message', (message: ToThread) => {
  if (message === 'stop') {
    keys.clear()
    // Nothing is left to wait for, so the thread ends by itself.
    port.close()
  } else if ('key' in message) setKey(keys, message.key, message.jwk)
  else answer(message.id, () => perform(message.task, keys))
})

function answer(id: number, work: () => ReturnType<typeof perform>): void {
  let reply: FromThread
  try {
    reply = { id, result: work() }
  } catch (error) {
    // Any other error ends the thread; the pool tells its callers.
    if (!isWeirError(error)) throw error
    reply = { id, error: { name: error.name, code: error.code, detail: error.detail } }
  }
  const bytes = 'result' in reply && reply.result instanceof Uint8Array ? reply.result : undefined
  port?.postMessage(reply, bytes ? [bytes.buffer as ArrayBuffer] : [])
}
