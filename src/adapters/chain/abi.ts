import { Interface, type InterfaceAbi } from 'ethers'
import contracts from './contracts.json' with { type: 'json' }

/** The contracts as the compiler left them; bytes as `0x` hex. */
export const bytecode = {
  didRegistry: contracts.EthereumDIDRegistry.bytecode,
  departmentRegistry: contracts.DepartmentRegistry.bytecode,
  anchorRegistry: contracts.AnchorRegistry.bytecode,
} as const

/** Encoders and decoders of each contract's calls, events and errors. */
export const interfaces = {
  didRegistry: new Interface(contracts.EthereumDIDRegistry.abi as InterfaceAbi),
  departmentRegistry: new Interface(contracts.DepartmentRegistry.abi as InterfaceAbi),
  anchorRegistry: new Interface(contracts.AnchorRegistry.abi as InterfaceAbi),
  statusRegistry: new Interface(contracts.StatusRegistry.abi as InterfaceAbi),
} as const

/** Names of the four contracts. */
export type ContractName = keyof typeof interfaces
