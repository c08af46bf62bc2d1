// Records between processes (C3): two relays over a real server, one beside the owner of a partition, one elsewhere.

import { connect } from '@nats-io/transport-node'
import { expect } from 'chai'
import type { MemberId } from '../../actors/cluster/ports.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import { ActorFeed } from '../../rooms/actorFeed.ts'
import { Feeds } from '../../rooms/feeds.ts'
import { FeedRelay } from '../../server/nats/feedRelay.ts'
import { listenOn } from '../../server/nats/listen.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { describeWithServices, startNats } from '../support/services.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const ACTOR = 'probe/p_somebody'
const PARTITION = partitionOf(ACTOR, PARTITIONS)

interface Side {
  readonly actors: ActorFeed
  readonly relay: FeedRelay
  readonly here: Set<PartitionId>
  readonly flush: () => Promise<void>
  readonly close: () => Promise<void>
}

async function open(url: string, me: string): Promise<Side> {
  const connection = await connect({ servers: url })
  const failed = (_actor: string, error: unknown): void => {
    throw error
  }
  const actors = new ActorFeed(failed)
  const feeds = new Feeds([actors], failed)
  const here = new Set<PartitionId>()
  const relay = new FeedRelay({
    ...{ connection, listen: listenOn(connection, () => {}), dataSet: 'test', me: me as MemberId },
    ...{ partitions: PARTITIONS, local: feeds, isHere: (partition) => here.has(partition) },
  })
  feeds.onInterest = (actor, wanted) => relay.want(actor, wanted)
  return {
    ...{ actors, relay, here, flush: () => connection.flush() },
    async close() {
      relay.close()
      await connection.close()
    },
  }
}

function recordOf(seq: number): LogRecord {
  return {
    ...{ seq, atMs: 1_767_225_600_000, actor: ACTOR, cause: { kind: 'epoch' }, outcome: { kind: 'accepted' } },
    ...{ operation: 'none', events: ['said'], entries: [], outbox: [], timers: [], reply: null },
  }
}

/** Hears the seqs, and how often it had to read again. */
class Ear {
  readonly seqs: number[] = []
  staleTimes = 0
  committed(_partition: PartitionId, record: LogRecord): void {
    this.seqs.push(record.seq)
  }

  stale(): void {
    this.staleTimes++
  }
}

describeWithServices(['nats'], 'feed relay', () => {
  it('an actor is heard of from afar, until nobody listens; its kind only where it is', async () => {
    const nats = await startNats()
    const [owner, other] = await Promise.all([open(nats.url, 'm_owner'), open(nats.url, 'm_other')])
    try {
      const [afar, kindAfar, kindHere] = [new Ear(), new Ear(), new Ear()]
      owner.here.add(PARTITION)
      const close = owner.relay.open(PARTITION)
      await owner.flush()
      owner.actors.watchKind('probe', kindHere)
      other.actors.watchKind('probe', kindAfar)
      const end = other.actors.subscribe(ACTOR, afar)
      await until('the owner knows who listens', async () => {
        await other.flush()
        await owner.flush()
        return owner.relay.wants(ACTOR)
      })
      for (const seq of [2, 3]) owner.relay.committed(PARTITION, recordOf(seq))
      await until('the news came', () => afar.seqs.length === 2)
      expect([afar.seqs, kindAfar.seqs, kindHere.seqs]).to.deep.equal([[2, 3], [], [2, 3]])
      // Another owner begins to serve: what the first had still to say may be lost.
      close()
      owner.relay.open(PARTITION)
      await until('the actor is to be read again', () => afar.staleTimes > 0)
      end()
      await other.flush()
      owner.relay.committed(PARTITION, recordOf(4))
      await owner.flush()
      expect(afar.seqs).to.deep.equal([2, 3])
    } finally {
      await Promise.all([owner.close(), other.close()])
      await nats.kill()
    }
  })
})
