import { collect } from '../../src/webhook/collect.ts'
import { deliver } from '../../src/webhook/deliver.ts'
import { openWorld } from '../webhook/openWorld.ts'

// A department whose process is killed while it tells of events; its parent reads how far it came.
const [folder = '', until = ''] = process.argv.slice(2)
const world = await openWorld(folder)
console.log('opened')
if (until === 'opened') await new Promise(() => setInterval(() => {}, 1000))
await collect(world.webhooks)
console.log('collected')
if (until === 'collected') await new Promise(() => setInterval(() => {}, 1000))
await deliver(world.webhooks)
console.log('delivered')
setInterval(() => {}, 1000)
