import type { AnchorCall, AnchorWriter, SignedTransaction } from '../../ports/chainWriters.ts'
import { interfaces } from './abi.ts'
import type { ChainAccount } from './account.ts'
import { quantity } from './answers.ts'
import { checkIdentity, checkNetwork } from './check.ts'
import type { Deployment } from './deployment.ts'
import { finalBlock, newestBlock } from './finality.ts'
import { readerAt } from './reader.ts'
import { anchorError } from './revert.ts'
import type { Rpc } from './rpc.ts'
import { nonceOf, sendRaw } from './send.ts'

/**
 * Writes a department's anchors from its account, at no fee. The chain behind the address is checked
 * against the deployment file before each signature and before each sending.
 *
 * Beside what the port says, every method throws {TrustError} `chain/wrong-chain`, `chain/wrong-code`.
 */
export function anchorWriter(
  rpc: Rpc,
  deployment: Deployment,
  account: ChainAccount,
): AnchorWriter {
  const { identity, finality } = deployment
  const { anchorRegistry } = identity.contracts
  return {
    async prepare(call) {
      await checkIdentity(rpc, identity)
      const data = encode(call)
      const request = { from: account.address, to: anchorRegistry, data, gasPrice: '0x0' }
      const [nonce, estimate] = await Promise.all([
        nonceOf(rpc, account.address),
        rpc.call('eth_estimateGas', [request, 'latest']),
      ]).catch((error) => {
        throw anchorError(error)
      })
      const { chainId } = identity
      // The word that the batch meets may be a colder one when it is mined; gas costs nothing here.
      const gasLimit = (BigInt(quantity(estimate, 'eth_estimateGas')) * 3n) / 2n + 50_000n
      return account.sign({ chainId, nonce, to: anchorRegistry, data, gasLimit })
    },
    async send(transaction: SignedTransaction) {
      await checkNetwork(rpc, identity)
      await sendRaw(rpc, transaction)
    },
    async nonce() {
      const [block] = await Promise.all([finalBlock(rpc, finality), checkNetwork(rpc, identity)])
      return nonceOf(rpc, account.address, block.number)
    },
    async latest(issuer) {
      const [block] = await Promise.all([newestBlock(rpc), checkNetwork(rpc, identity)])
      const read = readerAt(rpc, identity.contracts, block)
      const [sequence, link] = await read('anchorRegistry', 'last', [issuer])
      return { sequence: Number(sequence), link: String(link).toLowerCase() }
    },
  }
}

function encode({ issuer, sequence, previous, root, size, changes }: AnchorCall): string {
  const words = changes.map(({ list, word, value }) => [list, word, value])
  const args = [issuer, sequence, previous, root, size, words]
  return interfaces.anchorRegistry.encodeFunctionData('anchor', args)
}
