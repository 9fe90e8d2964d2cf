import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { accountOf } from '../src/adapters/chain/account.ts'
import { checkIdentity } from '../src/adapters/chain/check.ts'
import { deploy } from '../src/adapters/chain/deploy.ts'
import { readDeployment, writeDeployment } from '../src/adapters/chain/deployment.ts'
import { Rpc } from '../src/adapters/chain/rpc.ts'
import { InputError, isWeirError } from '../src/errors.ts'
import messages from '../src/messages/en.json' with { type: 'json' }
import { bytesFromHex } from '../src/primitives/bytes.ts'

const usage = `Deploys the contracts and writes the deployment file. Safe to run twice.

  node scripts/deploy.ts --rpc URL --key-file FILE --administrators ADDRESS[,ADDRESS]
    --threshold K --delay SECONDS --out FILE [--final-depth BLOCKS]

  --key-file     64 hex digits: the key of a fresh account that is used for nothing else
  --delay        86400 in production, 0 for a local district only
  --final-depth  blocks that must stand on a final one (QBFT: 0); without it the node's
                 tag "finalized" says what is final`

try {
  await run()
} catch (error) {
  const known = isWeirError(error)
  console.error(known ? messages[error.code as keyof typeof messages] : usage)
  if (error instanceof Error && !known) console.error(`\n${error.message}`)
  process.exitCode = known ? 1 : 64
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rpc: { type: 'string' },
      'key-file': { type: 'string' },
      administrators: { type: 'string' },
      threshold: { type: 'string', default: '1' },
      delay: { type: 'string', default: '86400' },
      'final-depth': { type: 'string' },
      out: { type: 'string' },
    },
  })
  const { rpc: url, 'key-file': keyFile, administrators, out, 'final-depth': depth } = values
  if (!url || !keyFile || !administrators || !out) throw new Error('An option is missing.')
  const rpc = new Rpc(url)
  try {
    const account = accountOf(bytesFromHex((await readFile(keyFile, 'utf8')).trim(), 32))
    const deployment = await deploy(rpc, account, {
      administrators: administrators.split(',').map(addressOf),
      threshold: numberOf(values.threshold),
      administrationDelay: numberOf(values.delay),
      finality:
        depth === undefined
          ? { kind: 'tag', tag: 'finalized' }
          : { kind: 'depth', blocks: numberOf(depth) },
    })
    await writeDeployment(out, { ...deployment, rpc: url })
    await checkIdentity(rpc, (await readDeployment(out)).identity)
    console.error(`Deployed on chain ${deployment.identity.chainId}; wrote ${out}.`)
  } finally {
    rpc.close()
  }
}

function numberOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`not a number: ${text}`)
  return Number(text)
}

function addressOf(text: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new InputError('hex/malformed')
  return text.toLowerCase()
}
