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
  // Instrumented code never mixes with the real one.
  ...(process.env.HARDHAT_COVERAGE === 'true' && {
    paths: { artifacts: './coverage/artifacts', cache: './coverage/cache' },
  }),
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
  test: {
    solidity: {
      fuzz: { runs: Number(process.env.WEIR_FUZZ_RUNS ?? 500), seed: '0x2a' },
      invariant: { runs: 16, depth: 100, failOnRevert: true },
    },
  },
})
