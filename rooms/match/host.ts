// Brings matches to life where their actors live (C3): it hears what this process's partitions commit of matches, and what
// was under way when one begins to serve here, opens a room for each match that is ready or live, and hands it over when
// its partition goes.

import type { MatchView } from '../../actors/match/views.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { actorKey, partitionOf } from '../../shared/partition.ts'
import type { ActorFeed } from '../actorFeed.ts'
import type { Owned } from '../ownedPartitions.ts'
import { LiveMatch } from './liveMatch.ts'
import type { MatchSurroundings } from './liveParts.ts'
import { pause } from './matchEnd.ts'

export interface HostParts extends MatchSurroundings {
  readonly partitions: number
  readonly feed: Pick<ActorFeed, 'watchKind'>
  readonly owned: Owned
  gameOf(id: string): AnyGame | null
  /** Opens the room of a match, which then asks `take` for it. */
  openRoom(match: string): Promise<void>
}

const PREFIX = 'match/'
const READ_AGAIN_MS = 250

export class MatchHost {
  private readonly parts: HostParts
  private readonly matches = new Map<string, LiveMatch>()
  /** Being read; true where it has to be read once more. */
  private readonly reading = new Map<string, boolean>()
  private unwatch: (() => void) | null = null
  private isClosed = false

  constructor(parts: HostParts) {
    this.parts = parts
  }

  /** From now on. Rooms can be opened. */
  start(): void {
    const { feed, owned } = this.parts
    this.unwatch = feed.watchKind('match', { committed: (_, { actor }) => this.look(actor.slice(PREFIX.length)) })
    owned.onLost((partition) => this.leave(partition))
    owned.onLeaving((partition) => this.leave(partition))
    owned.onServing((partition) => {
      for (const { actor } of owned.timers(partition))
        if (actor.startsWith(PREFIX)) this.look(actor.slice(PREFIX.length))
    })
  }

  /** For the room of a match. Null where no match of that id is played here. */
  take(match: string): LiveMatch | null {
    return this.matches.get(match) ?? null
  }

  get playing(): number {
    let count = 0
    for (const match of this.matches.values()) if (match.isPlaying) count++
    return count
  }

  /** Nothing is written any more. */
  close(): void {
    this.isClosed = true
    this.unwatch?.()
    for (const match of this.matches.values()) match.drop()
    this.matches.clear()
  }

  private partitionOf(match: string): PartitionId {
    return partitionOf(actorKey('match', match), this.parts.partitions)
  }

  private look(match: string): void {
    const isBeingRead = this.reading.has(match)
    this.reading.set(match, isBeingRead)
    if (isBeingRead) return
    this.read(match)
      .catch((error: unknown) => this.parts.alarm('match.not_hosted', { match, error: String(error) }))
      .finally(() => {
        const again = this.reading.get(match) === true
        this.reading.delete(match)
        if (again) this.look(match)
      })
  }

  private async read(match: string): Promise<void> {
    const { asks, owned, scheduler } = this.parts
    const partition = this.partitionOf(match)
    while (!this.isClosed && owned.has(partition)) {
      const view = await asks.view(match)
      if (typeof view !== 'string') return this.heard(match, view)
      if (view !== 'unavailable' && view !== 'overloaded') return
      await pause(scheduler, READ_AGAIN_MS)
    }
  }

  private async heard(match: string, view: MatchView): Promise<void> {
    const known = this.matches.get(match)
    if (known !== undefined) return known.update(view)
    const { spec, status } = view
    if (spec === null || spec.external || (status !== 'ready' && status !== 'live')) return
    const { owned, openRoom } = this.parts
    const partition = this.partitionOf(match)
    const epoch = owned.epoch(partition)
    const game = this.parts.gameOf(spec.game)
    if (epoch === null || this.isClosed) return
    if (game === null) return this.refuse(match, spec.game)
    const live = new LiveMatch({
      ...this.parts,
      ...{ match, game, epoch, users: spec.seats.map(({ user }) => user) },
      // Another epoch is another owner, even where it is this process again.
      mayRun: () => owned.leaseHeld(partition) && owned.epoch(partition) === epoch,
      ended: () => {
        if (this.matches.get(match) === live) this.matches.delete(match)
      },
    })
    this.matches.set(match, live)
    try {
      await openRoom(match)
    } catch (error) {
      // It is played all the same: nobody who is away keeps others from their money.
      this.parts.alarm('match.no_room', { match, error: String(error) })
    }
    live.update(view)
  }

  /** A match of a game that is not here cannot be played: its stakes go back. */
  private async refuse(match: string, game: string): Promise<void> {
    this.parts.alarm('match.no_game', { match, game })
    await this.parts.asks.ask(match, { kind: 'abort', reason: 'no such game' }, 'abort')
  }

  private async leave(partition: PartitionId): Promise<void> {
    const leaving = [...this.matches].filter(([match]) => this.partitionOf(match) === partition)
    await Promise.all(
      leaving.map(async ([match, live]) => {
        this.matches.delete(match)
        // One that cannot be handed over keeps no other from it.
        await live.handOver().catch((error: unknown) => {
          this.parts.alarm('match.not_handed_over', { match, error: String(error) })
        })
      }),
    )
  }
}
