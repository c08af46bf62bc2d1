// Makes the golden journal `queue-2`, once: `node test/golden/generateParties.ts`. Parties that are called by their leaders,
// looks at a crowd in steps, and penalties that are taken back, from the version on that has them.

import type { UserId } from '../../shared/ids.ts'
import { duelSpec, QueueCast } from '../support/queueCast.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { writeGolden } from './write.ts'

const JOURNAL = 'queue-2'
const PARTITIONS = 2
const DUEL = 'duel.bo3.1v1.eu-west.USD.0'
const TEAMS = 'arena.2v2.2v2.eu-west.USD.0'
/** So many that a look at them is made in more than one step. */
const CROWD = 80

/** Two starts; and what is left over: half a party, a penalty on top of another, and a look that is under way. */
export async function liveParties(): Promise<RuntimeWorld> {
  const world = await RuntimeWorld.serving({ partitions: PARTITIONS })
  const cast = new QueueCast(world)
  const [ann, bob] = [await cast.user('ann', 0), await cast.user('bob', 1)]
  const [cat, dan, eve] = [await cast.user('cat', 0), await cast.user('dan', 1), await cast.user('eve', 0)]
  await parties(cast, { ann, bob, cat, dan, eve })
  await lifted(cast, cat, dan)
  await world.restart()
  await world.time.advance(1_000)
  await cast.enqueue(ann, TEAMS, { party: { id: ann, size: 2, members: [bob] } })
  await crowd(cast)
  return world
}

/** Somebody who is nobody's friend comes first, and after it; called off by another; broken, and over. */
async function parties(cast: QueueCast, { ann, bob, cat, dan, eve }: Record<string, UserId>): Promise<void> {
  if (!ann || !bob || !cat || !dan || !eve) throw new Error('five of them')
  const joining = { id: ann, size: 1, members: [] }
  await cast.enqueue(eve, TEAMS, { party: joining })
  await cast.enqueue(bob, TEAMS, { party: joining })
  await cast.enqueue(ann, TEAMS, { party: { id: ann, size: 2, members: [bob] }, role: 'medic' })
  await cast.enqueue(cat, TEAMS)
  await cast.enqueue(dan, TEAMS, { party: joining })
  await cast.enqueue(dan, TEAMS)
  const match = await cast.matchOf(ann)
  await cast.match(match, { kind: 'decline', user: cat })
  await cast.world.time.advance(60_000)
  await cast.leave(bob)
  await cast.world.time.advance(60_000)
  await cast.leave(dan)
}

/** Of two who leave when it is over, and before; the one who is blamed for nothing has his first penalty again. */
async function lifted(cast: QueueCast, cat: UserId, dan: UserId): Promise<void> {
  for (const [match, left] of [
    ['m_late', [1]],
    ['m_again', []],
    ['m_first', [0]],
  ] as const) {
    await cast.match(match, { kind: 'create', spec: duelSpec(cat, dan) })
    await cast.play(match)
    for (const user of [cat, dan]) await cast.match(match, { kind: 'leave', user })
    const results = [1, 2].map((position, seat) => ({ seat, position, score: 2 - position }))
    const outcome = { results, mvp: null }
    await cast.match(match, { kind: 'finish', outcome, hash: 'aa'.repeat(32), recording: null, flags: [], left })
  }
}

/** Nobody would play on another's map. */
async function crowd(cast: QueueCast): Promise<void> {
  const { world } = cast
  for (let number = 0; number < CROWD; number++)
    await cast.enqueue(await cast.user(`crowd${number}`, number % PARTITIONS), DUEL, { maps: [`map${number}`] })
  const isLooking = (): boolean => {
    const all = world.partitions.flatMap((partition) => world.records(partition))
    const own = all.filter(({ actor }) => actor === `queue/${DUEL}`)
    const timed = own.flatMap(({ events }) => events as unknown as readonly (readonly unknown[])[])
    return timed.findLast(([tag]) => tag === 'timed')?.length === 3
  }
  for (let waited = 0; !isLooking(); waited++) {
    if (waited > 10_000) throw new Error('nobody looks in steps')
    await world.time.advance(5)
  }
}

if (process.argv[1] === import.meta.filename) writeGolden(JOURNAL, await liveParties())
