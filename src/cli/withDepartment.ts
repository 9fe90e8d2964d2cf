import type { OpenChain } from '../wire/chain.ts'
import { type Department, openDepartment } from '../wire/department.ts'
import type { Home } from '../wire/home.ts'
import type { Context } from './command.ts'
import { withChain } from './withChain.ts'

/** Works with one department of the home. */
export async function withDepartment<T>(
  context: Context,
  name: string,
  work: (department: Department, home: Home, chain: OpenChain) => Promise<T>,
): Promise<T> {
  return withChain(context, async (home, chain) => {
    const department = await openDepartment(home, chain, name)
    try {
      return await work(department, home, chain)
    } finally {
      await department.close()
    }
  })
}
