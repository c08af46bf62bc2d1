// Makes the golden journal `player-1`, once: `node test/golden/generatePlayer.ts`. Everything that a player writes, from
// the version on that has them.

import type { UserId } from '../../shared/ids.ts'
import { duelSpec, QueueCast } from '../support/queueCast.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { writeGolden } from './write.ts'

const JOURNAL = 'player-1'
const PARTITIONS = 2
const POOL = 'duel.bo3.1v1.eu-west.USD.0'
const OTHER_POOL = 'arena.1v1.1v1.na-east.CREDIT.100'
const STAFF = 'u_staff' as UserId // of the form that ids have
const DAY_MS = 24 * 60 * 60_000

/** Two starts; ratings, penalties that grow, are pardoned and forgiven, tickets that end in each way, and what is left of it. */
export async function livePlayers(): Promise<RuntimeWorld> {
  const world = await RuntimeWorld.serving({ partitions: PARTITIONS })
  const cast = new QueueCast(world)
  const [ann, bob] = [await cast.user('ann', 0), await cast.user('bob', 1)]
  const cat = await cast.user('cat', 0)
  for (const tier of ['premium', 'premium', 'elite', 'pro'] as const)
    await cast.player(ann, { kind: 'set_tier', tier, by: STAFF })
  await rated(cast, ann, bob)
  await ticketsOf(cast, cat, ann)
  await faults(cast, bob, cat)
  await world.restart()
  await afterwards(cast, ann, bob, cat)
  return world
}

/** Won, lost, and of another mode. */
async function rated(cast: QueueCast, ann: UserId, bob: UserId): Promise<void> {
  for (const [match, winner, ratingKey] of [
    ['m_first', 0, 'duel.bo3'],
    ['m_second', 1, 'duel.bo3'],
    ['m_third', 0, 'duel.bo5'],
  ] as const) {
    await cast.match(match, { kind: 'create', spec: duelSpec(ann, bob, { ratingKey }) })
    await cast.play(match)
    await cast.finish(match, winner)
  }
}

/** Left, by name or without; refused; of a queue, ended by a match that friends made; an envelope that comes back. */
async function ticketsOf(cast: QueueCast, cat: UserId, ann: UserId): Promise<void> {
  await cast.enqueue(cat, POOL, { role: 'medic', maps: ['yard'], fillBots: true })
  await cast.enqueue(cat, OTHER_POOL)
  await cast.player(cat, { kind: 'leave', ticket: null })
  await cast.player(cat, { kind: 'leave', ticket: null })
  await cast.enqueue(cat, OTHER_POOL)
  await cast.world.time.advance(600_000)
  await cast.enqueue(cat, POOL)
  await cast.match('m_friends', { kind: 'create', spec: duelSpec(cat, ann, { source: null }) })
  await cast.match('m_friends', { kind: 'decline', user: ann })
  // Their match is over when a queue's comes of a ticket that they have left: `decline` comes back from it.
  await cast.match('m_stale', { kind: 'create', spec: duelSpec(cat, ann, { source: `queue/${POOL}` }) })
}

/** A minute, five, fifteen, an hour; pardoned; one more, and one a day later, which is the first again. */
async function faults(cast: QueueCast, bob: UserId, cat: UserId): Promise<void> {
  for (let fault = 0; fault < 5; fault++) {
    await cast.match(`m_fault${fault}`, { kind: 'create', spec: duelSpec(bob, cat) })
    await cast.match(`m_fault${fault}`, { kind: 'decline', user: bob })
    await cast.enqueue(bob, POOL)
    if (fault !== 3) continue
    await cast.player(bob, { kind: 'pardon', by: STAFF })
    await cast.player(bob, { kind: 'pardon', by: STAFF })
  }
  await cast.world.time.advance(DAY_MS)
}

/** A match goes on, one waits, one is still to be let in. */
async function afterwards(cast: QueueCast, ann: UserId, bob: UserId, cat: UserId): Promise<void> {
  const { world } = cast
  await cast.enqueue(cat, POOL)
  await cast.enqueue(bob, POOL)
  const match = await cast.matchOf(bob)
  await cast.match(match, { kind: 'decline', user: bob })
  await cast.enqueue(bob, POOL)
  await cast.match('m_last', { kind: 'create', spec: duelSpec(ann, bob) })
  await cast.play('m_last')
  world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
  await cast.leave(cat)
}

if (process.argv[1] === import.meta.filename) writeGolden(JOURNAL, await livePlayers())
