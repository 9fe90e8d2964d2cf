import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { districtConfiguration } from '../../src/configuration/district.ts'
import { type OpenChain, startLocalChain } from '../../src/wire/chain.ts'
import { setUpDistrict } from '../../src/wire/district.ts'
import { createHome, type Home } from '../../src/wire/home.ts'

/** A fresh district on its own chain and disk. */
export type Ground = {
  readonly home: Home
  readonly chain: OpenChain
  readonly url: string
  close(): Promise<void>
}

export async function openGround(): Promise<Ground> {
  const path = await mkdtemp(join(tmpdir(), 'weir-bench-'))
  const fresh = await createHome(path, districtConfiguration())
  const node = await startLocalChain(fresh, () => {})
  const { home, chain } = await setUpDistrict(fresh, new Date(), () => {})
  return {
    home,
    chain,
    url: node.url,
    async close() {
      chain.close()
      await node.stop()
      await rm(path, { recursive: true, force: true })
    },
  }
}
