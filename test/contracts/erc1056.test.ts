import { concat, encodeBytes32String, id, keccak256, Signature, toUtf8Bytes, Wallet } from 'ethers'
import { describe, expect, test } from 'vitest'
import { line, type Target } from './chain.ts'
import { openWorld, titles, zero, zero31 } from './world.ts'

// Faults of ERC-1056 that cannot be switched off there, each beside what our registry does instead.

const w = await openWorld()
const { departments, anchors, bureauAccount, office, officeAccount, stranger, spare } = w
const it = (name: string, body: () => Promise<void>) => test(name, () => w.aside(body))
const dids = await w.deploy('EthereumDIDRegistry', w.admin1)
const key = [office, id('sample key'), 1, id('sample certificate')] as const

/** ERC-1056's signed `changeOwner`, which names registry and nonce but no chain. */
function signedChangeOwner(wallet: Wallet, registry: Target, owner: string) {
  const digest = keccak256(
    concat([
      '0x1900',
      registry.address,
      `0x${'0'.repeat(64)}`,
      wallet.address,
      toUtf8Bytes('changeOwner'),
      owner,
    ]),
  )
  const { v, r, s } = Signature.from(wallet.signingKey.sign(digest))
  return [wallet.address, v, r, s, owner] as const
}

describe('C8: a signed call', () => {
  it('replays in ERC-1056 on another chain where registry and identity repeat', async () => {
    const wallet = new Wallet(id('a sample private key'))
    const call = signedChangeOwner(wallet, dids, spare)
    const twin = await openWorld(20_262)
    const there = await twin.deploy('EthereumDIDRegistry', twin.admin1)
    expect(there.address).toBe(dids.address)
    await w.send(stranger, dids, 'changeOwnerSigned', ...call)
    await twin.send(stranger, there, 'changeOwnerSigned', ...call)
    expect(await twin.read(there, 'identityOwner', wallet.address)).toBe(spare)
    await twin.close()
  })

  it('does not exist in ours, and a transaction signed for one chain is refused by another', async () => {
    const wallet = new Wallet(id('a sample private key'))
    const transaction = {
      type: 0,
      nonce: 0,
      gasPrice: 0,
      gasLimit: 1_000_000,
      to: departments.address,
      data: '0x',
    }
    const foreign = await wallet.signTransaction({ ...transaction, chainId: 20_262 })
    await expect(w.request('eth_sendRawTransaction', foreign)).rejects.toThrow(/chain/i)
  })
})

describe('C10: an owner of zero', () => {
  it('reads in ERC-1056 as the original key, which then writes again', async () => {
    await w.send(officeAccount, dids, 'changeOwner', officeAccount, zero)
    expect(await w.read(dids, 'owners', officeAccount)).toBe(zero)
    expect(await w.read(dids, 'identityOwner', officeAccount)).toBe(officeAccount)
    await w.send(officeAccount, dids, 'changeOwner', officeAccount, spare)
  })

  it('is nobody in ours, whatever ERC-1056 says', async () => {
    expect(await w.refused(officeAccount, departments, 'proposeAccount', office, zero)).toBe(
      line('DepartmentRegistryZero'),
    )
    await w.send(bureauAccount, departments, 'requestRecovery', office, spare)
    await w.govern('recover', office, spare)
    expect(await w.read(departments, 'writerOf', office)).toBe(`[${zero},${w.until}]`)
    expect(
      await w.refused(officeAccount, anchors, 'anchor', office, 1, zero31, titles, 16, []),
    ).toBe(line('AnchorRegistryNotAccount', office, officeAccount))
  })
})

describe('C9: did:ethr:0x0', () => {
  it('can be taken in ERC-1056 by anyone, with a signature that recovers to nobody', async () => {
    const hash = `0x${'0'.repeat(64)}`
    await w.send(stranger, dids, 'changeOwnerSigned', zero, 0, hash, hash, stranger)
    expect(await w.read(dids, 'identityOwner', zero)).toBe(stranger)
  })

  it('can never be a department in ours', async () => {
    expect(await w.governRefused('registerRoot', zero, stranger)).toBe(
      line('DepartmentRegistryZero'),
    )
    expect(await w.read(departments, 'writerOf', zero)).toBe(`[${zero},0]`)
  })
})

describe('C7: a change of owner', () => {
  it('leaves in ERC-1056 the former owner’s delegates', async () => {
    const kind = encodeBytes32String('veriKey')
    await w.send(officeAccount, dids, 'addDelegate', officeAccount, kind, stranger, 1_000_000)
    await w.send(officeAccount, dids, 'changeOwner', officeAccount, spare)
    expect(await w.read(dids, 'validDelegate', officeAccount, kind, stranger)).toBe('true')
  })

  it('by recovery retires in ours every key, and what the former account proposed is void', async () => {
    await w.send(officeAccount, departments, 'proposeKey', ...key)
    await w.send(bureauAccount, departments, 'confirmKey', ...key)
    const next = [office, id('another key'), 1, id('another certificate')] as const
    await w.send(officeAccount, departments, 'proposeKey', ...next)
    await w.send(bureauAccount, departments, 'requestRecovery', office, spare)
    const { time } = await w.govern('recover', office, spare)
    const epoch = (await w.read(departments, 'keyOf', key[1])).split(',')[2]
    expect(await w.read(departments, 'recoveredAt', office, epoch)).toBe(String(time))
    expect(await w.refused(bureauAccount, departments, 'confirmKey', ...next)).toBe(
      line('DepartmentRegistryKeyNotProposed', next[1], 1, next[3]),
    )
  })
})

it('no contract of ours asks ERC-1056 anything', async () => {
  await w.send(officeAccount, dids, 'changeOwner', officeAccount, stranger)
  await w.send(officeAccount, anchors, 'anchor', office, 1, zero31, titles, 16, [])
})
