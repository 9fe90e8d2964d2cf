import { join } from 'node:path'
import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import { defineConfig } from 'hardhat/config'
import { solcSettings } from './scripts/solc.ts'

/** Builds and tests the contracts; nothing else in Weir needs Hardhat. */
export default defineConfig({
  plugins: [hardhatEthers],
  solidity: {
    version: '0.8.37',
    path: join(import.meta.dirname, 'node_modules/solc/soljson.js'),
    settings: { ...solcSettings, outputSelection: { '*': { '*': ['storageLayout'] } } },
  },
  networks: {
    default: {
      type: 'edr-simulated',
      chainId: 20_260,
      hardfork: 'cancun',
      initialDate: new Date(1_900_000_000_000),
      gasPrice: 0,
      initialBaseFeePerGas: 0,
      allowBlocksWithSameTimestamp: true,
      // Coverage and mutants without optimizer are longer; a test holds the real limit.
      allowUnlimitedContractSize: process.env.WEIR_CONTRACTS !== undefined,
    },
  },
})
