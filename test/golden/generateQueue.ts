// Makes the golden journal `queue-1`, once: `node test/golden/generateQueue.ts`. Everything that a queue writes, from the
// version on that has them, with the players and the matches it is about. That program let parties be called by any name;
// a later one makes other things of this.

import type { UserId } from '../../shared/ids.ts'
import { duelSpec, QueueCast } from '../support/queueCast.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { writeGolden } from './write.ts'

const JOURNAL = 'queue-1'
const PARTITIONS = 2
const DUEL = 'duel.bo3.1v1.eu-west.USD.0'
const PAID = 'duel.bo3.1v1.eu-west.USD.200'
const TEAMS = 'arena.2v2.2v2.eu-west.USD.0'

/** Two starts; matches that were made, declined and not accepted, windows that widen, parties, bots, and who still waits. */
export async function liveQueues(): Promise<RuntimeWorld> {
  const world = await RuntimeWorld.serving({ partitions: PARTITIONS })
  const cast = new QueueCast(world)
  const [ann, bob] = [await cast.user('ann', 0, 5_000n), await cast.user('bob', 1, 5_000n)]
  const [cat, dan] = [await cast.user('cat', 0), await cast.user('dan', 1)]
  await played(cast, ann, bob)
  await calledOff(cast, ann, bob)
  await parties(cast, [ann, bob, cat, dan])
  await bots(cast, cat)
  await widening(cast, ann, cat)
  await expired(cast, dan)
  await refused(cast, cat, dan)
  await world.restart()
  await world.time.advance(1_000)
  await leftOver(cast, [ann, bob, cat])
  return world
}

/** For a stake: found, paid for, played, paid and rated; so their ratings are apart. */
async function played(cast: QueueCast, ann: UserId, bob: UserId): Promise<void> {
  for (let time = 0; time < 2; time++) {
    await cast.enqueue(ann, PAID)
    await cast.world.time.advance(4_000)
    await cast.enqueue(bob, PAID)
    // The second time they are 325 points apart, and meet when both windows have widened.
    const match = await cast.matchOf(ann)
    await cast.play(match)
    const { spec } = await cast.matchView(match)
    await cast.finish(match, spec?.seats.findIndex(({ user }) => user === ann) ?? 0)
  }
}

/** By one who declines, by one who does not pay in time, and by nobody who is to blame. */
async function calledOff(cast: QueueCast, ann: UserId, bob: UserId): Promise<void> {
  await cast.enqueue(ann, PAID)
  await cast.enqueue(bob, PAID)
  const match = await cast.matchOf(ann)
  await cast.agree(match, ann)
  await cast.match(match, { kind: 'decline', user: bob })
  await cast.leave(ann)
  await cast.world.time.advance(120_000)
  await cast.enqueue(ann, PAID)
  await cast.enqueue(bob, PAID)
  await cast.agree(await cast.matchOf(bob), bob)
  await cast.world.time.advance(30_000)
  await cast.leave(bob)
  await cast.world.time.advance(10 * 60_000)
}

/** Complete, with a match of two of them; in halves; one of another size; one that is out with its friend. */
async function parties(cast: QueueCast, [ann, bob, cat, dan]: readonly UserId[]): Promise<void> {
  if (ann === undefined || bob === undefined || cat === undefined || dan === undefined) throw new Error('four of them')
  const [red, blue] = [
    { id: 'red', size: 2 },
    { id: 'blue', size: 2 },
  ]
  await cast.enqueue(ann, TEAMS, { party: red, role: 'medic', maps: ['yard', 'crossing'] })
  await cast.enqueue(dan, TEAMS, { party: { id: 'red', size: 1 } })
  await cast.enqueue(bob, TEAMS, { party: red })
  await cast.enqueue(cat, TEAMS, { party: blue })
  await cast.enqueue(dan, TEAMS, { party: blue, maps: ['crossing'] })
  const match = await cast.matchOf(ann)
  await cast.match(match, { kind: 'decline', user: cat })
  await cast.leave(bob)
  await cast.world.time.advance(70_000)
}

async function bots(cast: QueueCast, cat: UserId): Promise<void> {
  await cast.enqueue(cat, TEAMS, { fillBots: true })
  await cast.world.time.advance(3_000)
  const match = await cast.matchOf(cat)
  await cast.play(match)
  await cast.match(match, { kind: 'abort', reason: 'golden "reason"' })
}

/** Rated apart as well: they meet when both windows have widened often enough. */
async function widening(cast: QueueCast, ann: UserId, cat: UserId): Promise<void> {
  await cast.enqueue(ann, DUEL)
  await cast.enqueue(cat, DUEL)
  const match = await cast.matchOf(ann)
  await cast.play(match)
  await cast.finish(match, 0)
}

async function expired(cast: QueueCast, dan: UserId): Promise<void> {
  await cast.enqueue(dan, DUEL)
  await cast.world.time.advance(11 * 60_000)
}

/** Somebody made a match of that name before: what the queue asks for is refused, and its players are out. */
async function refused(cast: QueueCast, cat: UserId, dan: UserId): Promise<void> {
  const [eve, fay] = [await cast.user('eve', 0), await cast.user('fay', 1)]
  await cast.match(nextMatch(cast.world), { kind: 'create', spec: duelSpec(eve, fay) })
  await cast.enqueue(cat, DUEL)
  await cast.enqueue(dan, DUEL)
}

/** What a queue will call its next match: the world gives its ids one after the other. */
function nextMatch(world: RuntimeWorld): string {
  const texts = world.partitions.map((partition) => JSON.stringify(world.records(partition), textual))
  const numbers = texts.flatMap((text) => [...text.matchAll(/id(\d{20})/g)].map(([, digits]) => Number(digits)))
  return `m_id${String(Math.max(...numbers) + 1).padStart(20, '0')}`
}

const textual = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)

async function leftOver(cast: QueueCast, [ann, bob, cat]: readonly UserId[]): Promise<void> {
  if (ann === undefined || bob === undefined || cat === undefined) throw new Error('three of them')
  await cast.enqueue(cat, TEAMS, { party: { id: 'green', size: 2 } })
  await cast.enqueue(ann, PAID)
  cast.world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
  await cast.enqueue(bob, PAID)
}

if (process.argv[1] === import.meta.filename) writeGolden(JOURNAL, await liveQueues())
