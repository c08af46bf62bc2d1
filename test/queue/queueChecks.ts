// What players, queues and matches have to agree about, by what each of them says, and by what the log has of them all.

import { expect } from 'chai'
import { decodeSpec } from '../../actors/match/spec.ts'
import type { Queue } from '../../actors/queue/state.ts'
import { decodeState } from '../../actors/queue/stateCodec.ts'
import { decodeJoining, type JoiningTicket } from '../../actors/queue/ticket.ts'
import type { Json, LogRecord } from '../../actors/runtime/record.ts'
import type { UserId } from '../../shared/ids.ts'
import { actorKey, partitionOf } from '../../shared/partition.ts'
import type { QueueCast } from '../support/queueCast.ts'
import { foldPartition } from '../support/recoveryStore.ts'
import { TEST_KINDS } from '../support/runtimeWorld.ts'

/** Where nothing is under way: nobody waits, is offered, or plays in two places, and their own actor says where it is. */
export async function agreeing(cast: QueueCast, users: readonly UserId[], pools: readonly string[]): Promise<void> {
  const places = new Map<string, string[]>(users.map((user) => [user, []]))
  for (const pool of pools) {
    const queue = queueOf(cast, pool)
    if (queue === null) continue
    for (const { user, id } of queue.tickets.values()) places.get(user)?.push(`ticket ${id}`)
  }
  for (const match of new Set(cast.matches())) {
    const { status, seats } = await cast.matchView(match)
    if (status !== 'funding' && status !== 'ready' && status !== 'live') continue
    for (const { user, forfeit } of seats) if (user !== null && !forfeit) places.get(user)?.push(`match ${match}`)
  }
  for (const user of users) {
    const { engagement } = await cast.playerView(user)
    const own = engagement?.kind === 'ticket' ? `ticket ${engagement.ticket}` : `match ${engagement?.match}`
    expect(places.get(user), user).to.deep.equal(engagement === null ? [] : [own])
  }
}

/** As its log has it. */
function queueOf({ world }: QueueCast, pool: string): Queue | null {
  const actor = actorKey('queue', pool)
  const partition = partitionOf(actor, world.partitions.length)
  const resident = world.runtime.partition(partition)?.peek(actor)?.snapshot()
  const snapshot = resident ?? foldPartition(world.journal, partition, TEST_KINDS).slots.get(actor)?.snapshot()
  return snapshot === undefined ? null : decodeState(snapshot.state)
}

type Told = readonly [tag: string, ...rest: readonly Json[]]

/** Parties are asked all together, and play in one team. */
export function partiesWhole(records: readonly LogRecord[]): void {
  const tickets = new Map<string, JoiningTicket>()
  for (const { actor, events, outbox } of records) {
    if (!actor.startsWith('queue/')) continue
    const asked: JoiningTicket[] = []
    for (const [tag, first, second] of events as unknown as readonly Told[]) {
      if (tag === 'joined') {
        const ticket = decodeJoining((first as readonly Json[])[0] ?? null)
        tickets.set(ticket.id, ticket)
      } else if (tag === 'proposed') {
        asked.push(...(second as readonly string[]).flatMap((id) => tickets.get(id) ?? []))
      }
    }
    const seats = outbox.flatMap(({ name, body }) => (name === 'create' ? decodeSpec(body).seats : []))
    for (const { party } of asked) {
      if (party === null) continue
      const members = asked.filter((other) => other.party?.id === party.id)
      const leader = members.find(({ user }) => user === party.id)
      const named = leader?.party?.members ?? expect.fail(`a party of ${party.id}, who is not in it`)
      expect(members.map(({ user }) => user).sort()).to.deep.equal([party.id, ...named].sort())
      const teams = members.map(({ user }) => seats.find((seat) => seat.user === user)?.team)
      expect(new Set(teams).size, party.id).to.equal(1)
    }
  }
}

/** Each result counts once for each of those it is about. */
export function ratedOnce(records: readonly LogRecord[]): void {
  const sent = records.flatMap(({ outbox }) =>
    outbox.flatMap(({ to, name, body }) => (name === 'rated' ? [`${to} ${(body as { match: string }).match}`] : [])),
  )
  const taken = records.flatMap(({ actor, events }) =>
    actor.startsWith('player/')
      ? (events as unknown as readonly Told[]).flatMap(([tag, match]) => (tag === 'rated' ? [`${actor} ${match}`] : []))
      : [],
  )
  expect(new Set(sent).size).to.equal(sent.length)
  expect([...taken].sort()).to.deep.equal([...sent].sort())
}
