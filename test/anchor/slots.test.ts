import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { layout } from '../../src/anchor/slots.ts'

const artifact = 'src/adapters/chain/contracts.json'
type Layout = { storage: { label: string; slot: string }[] }

test.skipIf(!existsSync(artifact))(
  'the slots that proofs are read from are those of the built contracts',
  () => {
    const built = JSON.parse(readFileSync(artifact, 'utf8')) as Record<string, unknown>
    const layouts = (built.contracts ?? built) as Record<string, { storageLayout: Layout }>
    for (const [contract, members] of Object.entries(layout)) {
      const { storage } = layouts[contract]!.storageLayout
      for (const [label, slot] of Object.entries(members)) {
        const member = storage.find((one) => one.label === label)
        expect(`${contract}.${label}: ${member?.slot}`).toBe(`${contract}.${label}: ${slot}`)
      }
    }
  },
)
