import type { Configuration, DepartmentConfiguration } from './model.ts'

/** Chain id of the local district: the region code of Dujiangyan, GB/T 2260. */
export const districtChainId = 510181

type Member = Pick<DepartmentConfiguration, 'names' | 'code' | 'role' | 'types'>

/** The sample district of the story; social credit codes are samples whose check character holds. */
const members: Readonly<Record<string, Member>> = {
  'city-accreditor': {
    names: { en: 'City data office', zh: '市数据局' },
    code: '11510181MB00000092',
    role: 'accreditor',
    types: [
      'real-estate-title',
      'real-estate-registration',
      'business-licence',
      'medical-practice-licence',
      'marriage-certificate',
      'degree-certificate',
      'retirement-certificate',
      'resident-identity',
      'household-extract',
      'deed-tax-certificate',
      'registry-state',
    ],
  },
  'registration-centre': {
    names: { en: 'Real-estate registration centre', zh: '不动产登记中心' },
    code: '12510181MB00000016',
    role: 'department',
    types: [
      'real-estate-title',
      'real-estate-registration',
      'deed-tax-certificate',
      'registry-state',
    ],
  },
  'market-regulator': {
    names: { en: 'Market regulator', zh: '市场监督管理局' },
    code: '11510181MB0000002C',
    role: 'department',
    types: ['business-licence'],
  },
  'health-commission': {
    names: { en: 'Health commission', zh: '卫生健康局' },
    code: '11510181MB0000003F',
    role: 'department',
    types: ['medical-practice-licence'],
  },
  'citizen-services': {
    names: { en: 'Citizen services', zh: '政务服务局' },
    code: '11510181MB0000004J',
    role: 'department',
    types: [
      'marriage-certificate',
      'degree-certificate',
      'retirement-certificate',
      'resident-identity',
      'household-extract',
    ],
  },
}

/** The configuration of a fresh local district: its chain, an accreditor and four departments. */
export function districtConfiguration(): Configuration {
  const departments = Object.entries(members).map(([name, member]) => [
    name,
    {
      ...member,
      store: { kind: 'sqlite', path: `departments/${name}/store.sqlite` },
      keys: `departments/${name}/keys.json`,
    } satisfies DepartmentConfiguration,
  ])
  return {
    version: 1,
    chain: { chainId: districtChainId, deployment: 'deployment.json' },
    secret: { file: 'secret.key' },
    departments: Object.fromEntries(departments),
  }
}
