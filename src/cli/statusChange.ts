import { changeStatus, type StatusWish } from '../issuer/status.ts'
import type { Context } from './command.ts'
import { next } from './grounds.ts'
import { withDepartment } from './withDepartment.ts'

/** Queues one change and says what is next. */
export async function change(context: Context, name: string, wish: StatusWish): Promise<number> {
  return withDepartment(context, name, async ({ issuer }) => {
    const requests = await changeStatus(issuer, wish)
    context.output.say(next)
    context.output.answer({ queued: requests, to: wish.to })
    return 0
  })
}
