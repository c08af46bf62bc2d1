// Leases as keys of a NATS KV bucket in memory, whose time to live ends them. Renewals are heard as they are published;
// who has a lease is asked of the bucket's leader. A bucket that is gone (NATS started again) is made anew: who
// takes over waits out every lease it may have missed (docs/cluster.md), so that nothing rests on the bucket's memory.

import { jetstreamManager, StorageType, type StreamAPI } from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import type { Msg, NatsConnection } from '@nats-io/nats-core'
import type { LeaseNews, Leases, MemberId, MemberValue, Present } from '../../actors/cluster/ports.ts'
import { DataSetError } from '../dataSetError.ts'

export interface LeaseBucket {
  readonly dataSet: string
  readonly ttlMs: number
  readonly replicas: number
}

export class NatsLeases implements Leases {
  private readonly connection: NatsConnection
  private readonly name: string
  private readonly bucket: LeaseBucket
  private readonly streams: StreamAPI
  private kv: KV
  private lastSequence = 0
  /** Times that the bucket was seen to have begun anew. */
  private restarts = 0

  private constructor(connection: NatsConnection, bucket: LeaseBucket, name: string, kv: KV, streams: StreamAPI) {
    this.connection = connection
    this.bucket = bucket
    this.name = name
    this.kv = kv
    this.streams = streams
  }

  /** Rejects where the bucket cannot be had; with DataSetError where the members there have another time to live. */
  static async open(connection: NatsConnection, bucket: LeaseBucket): Promise<NatsLeases> {
    const name = `LEET_${bucket.dataSet.toUpperCase()}_LEASES`
    let kv = await makeBucket(connection, name, bucket)
    const { ttl, values } = await kv.status()
    if (ttl !== bucket.ttlMs) {
      const trouble = `${bucket.ttlMs} here, and ${ttl} for the members that made the bucket ${name}`
      if (values > 0) throw new DataSetError('LEASE_TTL_MS', trouble, 'Set the same for every process of a data set')
      // Left by members that are gone.
      await kv.destroy()
      kv = await makeBucket(connection, name, bucket)
    }
    const { streams } = await jetstreamManager(connection, { checkAPI: false, timeout: bucket.ttlMs / 2 })
    return new NatsLeases(connection, bucket, name, kv, streams)
  }

  async put(member: MemberId, value: MemberValue): Promise<void> {
    const text = JSON.stringify(value)
    const options = { timeout: this.bucket.ttlMs / 2 }
    try {
      await this.kv.put(member, text, options)
    } catch {
      // The bucket may be gone with the server that had it in memory.
      this.kv = await makeBucket(this.connection, this.name, this.bucket)
      await this.kv.put(member, text, options)
    }
  }

  async giveUp(member: MemberId): Promise<void> {
    // The deletion is what others hear; what it leaves behind would look like a lease.
    await this.kv.delete(member)
    await this.streams.purge(`KV_${this.name}`, { filter: this.subject(member) })
  }

  watch(tell: (news: LeaseNews) => void): void {
    const prefix = this.subject('')
    this.connection.subscribe(this.subject('*'), {
      callback: (error, message) => {
        if (error !== null) return
        const news = newsOf(message, message.subject.slice(prefix.length))
        if (news !== null) tell(news)
      },
    })
    void this.tellPresent(tell)
  }

  async present(): Promise<Present> {
    // Answers may overtake each other: what was known when this was asked is what its answer has to reach.
    const least = this.lastSequence
    // Answered by the stream's leader.
    const { created, state } = await this.streams.info(`KV_${this.name}`, { subjects_filter: this.subject('*') })
    // A stream in memory is made anew with its server, or comes back under its old name and date with nothing in it.
    if (state.last_seq < least) this.restarts++
    this.lastSequence = state.last_seq < least ? state.last_seq : Math.max(this.lastSequence, state.last_seq)
    const prefix = this.subject('')
    const members = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length))
    return { life: `${created} ${this.restarts}`, members }
  }

  private subject(member: MemberId): string {
    return `$KV.${this.name}.${member}`
  }

  /** Whoever is missed here is heard of at its next renewal. */
  private async tellPresent(tell: (news: LeaseNews) => void): Promise<void> {
    try {
      for await (const member of await this.kv.keys()) {
        const entry = await this.kv.get(member)
        const value = entry === null || entry.operation !== 'PUT' ? null : readValue(entry.string())
        if (value !== null) tell({ kind: 'renewed', member, value })
      }
    } catch {
      // as above
    }
  }
}

function makeBucket(connection: NatsConnection, name: string, { ttlMs, replicas }: LeaseBucket): Promise<KV> {
  // Direct reads may come from a replica that is behind.
  return new Kvm(connection).create(name, {
    ttl: ttlMs,
    history: 1,
    replicas,
    storage: StorageType.Memory,
    allow_direct: false,
  })
}

function newsOf(message: Msg, member: MemberId): LeaseNews | null {
  if (message.headers?.has('KV-Operation')) return { kind: 'given_up', member }
  const value = readValue(message.string())
  return value === null ? null : { kind: 'renewed', member, value }
}

function readValue(text: string): MemberValue | null {
  try {
    const { state, address, holds } = JSON.parse(text)
    if ((state !== 'serving' && state !== 'draining') || typeof holds !== 'number') return null
    return { state, address: typeof address === 'string' ? address : null, holds }
  } catch {
    return null
  }
}
