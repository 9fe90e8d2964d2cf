import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { InputError } from '../../errors.ts'

/**
 * Takes a directory for this process alone, until `release` or the process's end, kill -9 included:
 * the lock is a name in Linux's abstract socket space, which leaves no file behind.
 *
 * @throws {InputError} `chain/locked` if another process holds it.
 */
export function lockDirectory(directory: string): Promise<{ release(): Promise<void> }> {
  const digest = createHash('sha256').update(realpathSync(directory)).digest('hex')
  const server = createServer((socket) => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new InputError('chain/locked', { cause })))
    server.listen(`\0weir-chain-${digest}`, () => {
      server.unref()
      resolve({ release: () => new Promise((done) => server.close(() => done())) })
    })
  })
}
