// The stream of public events in JetStream (docs/events.md): limited by age and size, oldest first out, apart from the
// journal and of no weight for it. It and the bucket of cursors are made at the start, or when NATS is there again.

import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/nats-core'
import type { Position } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { EventSink } from '../events/eventPublisher.ts'
import type { PublicEvent } from '../events/publicEvent.ts'
import { cursorsBucket, eventStreamName, eventSubject, eventSubjects } from './subjects.ts'

export interface EventLimits {
  readonly maxAgeMs: number
  readonly maxBytes: number
}

export interface EventStreamOptions extends EventLimits {
  readonly dataSet: string
  readonly replicas: number
}

const WITHIN_MS = 5_000
const NS_PER_MS = 1_000_000
/** Within it the server itself drops what comes twice; beyond, whoever reads does. */
const DUPLICATES_MS = 120_000

interface Made {
  readonly client: JetStreamClient
  readonly cursors: KV
}

export class EventStream implements EventSink {
  private readonly connection: NatsConnection
  private readonly options: EventStreamOptions
  private readonly name: string
  private made: Promise<Made> | null = null

  constructor(connection: NatsConnection, options: EventStreamOptions) {
    this.connection = connection
    this.options = options
    this.name = eventStreamName(options.dataSet)
  }

  async publish(event: PublicEvent): Promise<void> {
    const { client } = await this.ready()
    const subject = eventSubject(this.options.dataSet, event.match_id, event.type)
    try {
      await client.publish(subject, JSON.stringify(event), {
        ...{ msgID: event.id, timeout: WITHIN_MS, expect: { streamName: this.name } },
      })
    } catch (error) {
      // It may have been deleted: then it is made again.
      this.made = null
      throw error
    }
  }

  async cursor(partition: PartitionId): Promise<Position> {
    const { cursors } = await this.ready()
    const entry = await cursors.get(String(partition))
    return entry === null ? 0 : Number(entry.string())
  }

  async advance(partition: PartitionId, position: Position): Promise<void> {
    const { cursors } = await this.ready()
    await cursors.put(String(partition), String(position))
  }

  /** Made once; after a failure, again. */
  private ready(): Promise<Made> {
    if (this.made !== null) return this.made
    const making = this.make()
    this.made = making
    making.catch(() => {
      if (this.made === making) this.made = null
    })
    return making
  }

  private async make(): Promise<Made> {
    const manager = await jetstreamManager(this.connection, { checkAPI: false, timeout: WITHIN_MS })
    await this.makeStream(manager)
    const { dataSet, replicas } = this.options
    const cursors = await new Kvm(this.connection).create(cursorsBucket(dataSet), {
      ...{ history: 1, storage: StorageType.File, replicas },
    })
    return { client: jetstream(this.connection), cursors }
  }

  /** Limits of one that is there are brought to what the configuration says now. */
  private async makeStream({ streams }: JetStreamManager): Promise<void> {
    const config = this.config()
    try {
      await streams.add(config)
    } catch (error) {
      const isThere = await streams.info(this.name).then(
        () => true,
        () => false,
      )
      if (!isThere) throw error
      await streams.update(this.name, config)
    }
  }

  private config(): Partial<StreamConfig> & { name: string } {
    const { dataSet, replicas, maxAgeMs, maxBytes } = this.options
    return {
      name: this.name,
      subjects: [eventSubjects(dataSet)],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      max_age: maxAgeMs * NS_PER_MS,
      max_bytes: maxBytes,
      duplicate_window: Math.min(DUPLICATES_MS, maxAgeMs) * NS_PER_MS,
      num_replicas: replicas,
      description: `Public events of data set ${dataSet}`,
    }
  }
}
