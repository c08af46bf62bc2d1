// Makes the golden journal `player-2`, once: `node test/golden/generateUnheard.ts`. A match that its player hears of only
// after the queue has said that it was called off, and seats that name their tickets, from the version on that has them.

import { QueueCast } from '../support/queueCast.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { writeGolden } from './write.ts'

const JOURNAL = 'player-2'
const PARTITIONS = 3
const DUEL = 'duel.bo3.1v1.eu-west.USD.0'

/** The one of them waits on, is found another match, and plays it to its end; the other is out. */
export async function unheardMatch(): Promise<RuntimeWorld> {
  const world = await RuntimeWorld.serving({ partitions: PARTITIONS })
  const cast = new QueueCast(world)
  const [ann, bob, cat] = [await cast.user('ann', 0), await cast.user('bob', 1), await cast.user('cat', 2)]
  await cast.enqueue(ann, DUEL)
  world.transport.fate = (message) => {
    const envelopes = message.kind === 'deliver' ? message.envelopes : []
    return envelopes.some(({ to, name }) => name === 'engaged' && to.endsWith(ann)) ? 'lose' : 'carry'
  }
  await cast.enqueue(bob, DUEL)
  const match = await cast.matchOf(bob)
  await cast.match(match, { kind: 'decline', user: bob })
  await world.time.advance(1_000)
  world.transport.fate = () => 'carry'
  await world.time.advance(5_000)
  await cast.enqueue(cat, DUEL)
  const next = await cast.matchOf(ann)
  await cast.play(next)
  await cast.finish(next, 0)
  await world.time.advance(1_000)
  return world
}

if (process.argv[1] === import.meta.filename) writeGolden(JOURNAL, await unheardMatch())
