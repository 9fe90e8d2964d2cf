import { confirmKey, endKey } from '../../src/accreditor/keys.ts'
import { drain } from '../../src/issuer/drain.ts'
import { hostNameOf } from '../../src/wire/keyOwner.ts'
import { addKey } from '../../src/wire/keys.ts'
import type { DepartmentName, District } from './district.ts'

/** Gives a department its next assertion key and opens it anew with that. */
async function nextKey(district: District, name: DepartmentName): Promise<void> {
  const { home, chain, accreditor, authority } = district
  const { did, address, configuration, keys, registry } = district.departments.get(name)!
  const organisation = configuration.names.en
  const hostName = hostNameOf(home, name)
  const owner = {
    home,
    chain,
    name,
    did,
    address,
    organisation,
    hostName,
    keys,
    registry,
    authority,
  }
  await addKey(owner, 'assertion', new Date(), (key) => confirmKey(accreditor.accreditor, key))
}

/** Rotates in order: everything signed is final, then the next key comes and the old one is retired. */
export async function rotate(district: District, name: DepartmentName): Promise<void> {
  const { issuer, registry } = district.departments.get(name)!
  const { thumbprint } = issuer.signer.key
  await drain(issuer)
  await nextKey(district, name)
  await registry.write({ call: 'retireKey', thumbprint })
  await district.reopen(name)
}

/** Declares the current key stolen since a moment, and goes on with the next one. */
export async function declareStolen(
  district: District,
  name: DepartmentName,
  since: Date,
): Promise<void> {
  const { thumbprint } = district.departments.get(name)!.issuer.signer.key
  await endKey(district.accreditor.accreditor, thumbprint, { kind: 'compromised', since })
  await nextKey(district, name)
  await district.reopen(name)
}
