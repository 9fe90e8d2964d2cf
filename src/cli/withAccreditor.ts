import type { Accreditor } from '../accreditor/model.ts'
import { openAccreditor } from '../wire/accreditor.ts'
import type { Home } from '../wire/home.ts'
import type { Context } from './command.ts'
import { withChain } from './withChain.ts'

/** Works with one accreditor of the home. */
export async function withAccreditor<T>(
  context: Context,
  name: string,
  work: (accreditor: Accreditor, home: Home) => Promise<T>,
): Promise<T> {
  return withChain(context, async (home, chain) => {
    const { accreditor, close } = await openAccreditor(home, chain, name)
    try {
      return await work(accreditor, home)
    } finally {
      await close()
    }
  })
}
