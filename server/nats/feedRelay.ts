// Brings what an owner commits to the processes that want it (C3): at the owner a CommitFeed that sends records,
// as their own lines, to those processes; at the other side a watcher that says what is wanted and hands what comes to
// the local feed. What is lost on the way is made up for when the partition's owner changes: then actors are read again.

import { strict as assert } from 'node:assert'
import type { NatsConnection } from '@nats-io/nats-core'
import type { MemberId } from '../../actors/cluster/ports.ts'
import { decodeRecord } from '../../actors/runtime/codec.ts'
import type { CommitFeed } from '../../actors/runtime/ports.ts'
import type { Envelope, LogRecord } from '../../actors/runtime/record.ts'
import { encodeRecord } from '../../actors/runtime/recordWriter.ts'
import type { LocalFeed } from '../../rooms/feeds.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { FeedInterest, FORGET_AFTER_MS, type Wanted } from './feedInterest.ts'
import type { Listen } from './listen.ts'
import { decodeWire, encodeWire } from './wireText.ts'

/** Everything wanted is said again this often, in ms: a message may have been lost. */
const SAY_AGAIN_MS = 3_000
const SILENT_MS = 3 * SAY_AGAIN_MS
assert(SILENT_MS < FORGET_AFTER_MS)
/** Characters of one message, where it can be cut: well below what a server takes. */
const MAX_TEXT = 256 * 1024

interface News {
  readonly records: [PartitionId, string][]
  readonly delivered: Envelope[]
}

export interface RelayOptions {
  readonly connection: NatsConnection
  readonly listen: Listen
  readonly dataSet: string
  readonly me: MemberId
  readonly partitions: number
  readonly local: LocalFeed
  readonly isHere: (partition: PartitionId) => boolean
}

export class FeedRelay implements CommitFeed {
  private readonly options: RelayOptions
  private readonly prefix: string
  private readonly interest = new FeedInterest()
  private readonly wanted = new Map<PartitionId, Set<string>>()
  /** What has changed since it was last said: wanted or not, by actor. */
  private readonly changes = new Map<PartitionId, Map<string, boolean>>()
  private readonly news = new Map<MemberId, News>()
  private readonly timer: NodeJS.Timeout
  private scheduled = false
  private saidAtMs = performance.now()

  constructor(options: RelayOptions) {
    this.options = options
    this.prefix = `leet.${options.dataSet}`
    const { listen, me } = options
    listen(`${this.prefix}.feed.${me}`, (message) => this.arrived(decodeWire<News>(message.string())))
    listen(`${this.prefix}.up.*`, (message) =>
      this.ownerChanged(Number(message.subject.slice(`${this.prefix}.up.`.length))),
    )
    this.timer = setInterval(() => this.sayAgain(), SAY_AGAIN_MS)
  }

  /** The partition serves here from now on. Answers a function that ends it. */
  open(partition: PartitionId): () => void {
    const subscription = this.options.listen(`${this.prefix}.want.${partition}`, (message) =>
      this.interest.heard(partition, decodeWire<Wanted>(message.string()), performance.now()),
    )
    this.publish(`up.${partition}`, '')
    return () => {
      subscription.unsubscribe()
      this.interest.forget(partition)
    }
  }

  /** Something here begins, or ends, to want an actor. */
  want(actor: string, wants: boolean): void {
    const partition = partitionOf(actor, this.options.partitions)
    let actors = this.wanted.get(partition)
    if (actors === undefined) {
      actors = new Set()
      this.wanted.set(partition, actors)
    }
    if (wants) actors.add(actor)
    else actors.delete(actor)
    const changes = this.changes.get(partition) ?? new Map<string, boolean>()
    this.changes.set(partition, changes.set(actor, wants))
    // Said at once, so that the owner hears of it before a read that is asked after this: nothing between the two is missed.
    if (wants) this.sayChanges()
    else this.schedule()
  }

  wants(actor: string): boolean {
    return this.options.local.wants(actor) || this.interest.of(actor) !== undefined
  }

  committed(partition: PartitionId, record: LogRecord): void {
    const { local } = this.options
    if (local.wants(record.actor)) local.committed(partition, record)
    const members = this.interest.of(record.actor)
    if (members === undefined) return
    const line = encodeRecord(record)
    for (const member of members) this.newsFor(member).records.push([partition, line])
    this.schedule()
  }

  delivered(envelope: Envelope): void {
    const { local } = this.options
    if (local.wants(envelope.from)) local.delivered(envelope)
    for (const member of this.interest.of(envelope.from) ?? []) this.newsFor(member).delivered.push(envelope)
    this.schedule()
  }

  close(): void {
    clearInterval(this.timer)
  }

  private newsFor(member: MemberId): News {
    let news = this.news.get(member)
    if (news === undefined) {
      news = { records: [], delivered: [] }
      this.news.set(member, news)
    }
    return news
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.flush()
    })
  }

  private flush(): void {
    for (const [member, news] of this.news) this.sendNews(member, news)
    this.news.clear()
    this.sayChanges()
  }

  private sayChanges(): void {
    const { isHere, me } = this.options
    for (const [partition, changes] of this.changes) {
      const said = (wants: boolean): readonly string[] =>
        [...changes].flatMap(([actor, wanted]) => (wanted === wants ? [actor] : []))
      const wanted: Wanted = { member: me, all: null, add: said(true), remove: said(false) }
      if (!isHere(partition)) this.publish(`want.${partition}`, encodeWire(wanted))
    }
    this.changes.clear()
  }

  private sendNews(member: MemberId, news: News): void {
    const text = encodeWire(news)
    const { records, delivered } = news
    if (text.length <= MAX_TEXT || records.length + delivered.length < 2) return this.publish(`feed.${member}`, text)
    if (records.length > 0 && delivered.length > 0) {
      this.sendNews(member, { records, delivered: [] })
      return this.sendNews(member, { records: [], delivered })
    }
    // One of the two is empty, and stays so.
    const [half, other] = [records.length >> 1, delivered.length >> 1]
    this.sendNews(member, { records: records.slice(0, half), delivered: delivered.slice(0, other) })
    this.sendNews(member, { records: records.slice(half), delivered: delivered.slice(other) })
  }

  private arrived({ records, delivered }: News): void {
    const { local } = this.options
    for (const [partition, line] of records) {
      const record = decodeRecord(line, partition)
      if (local.wants(record.actor)) local.heard(partition, record)
    }
    for (const envelope of delivered) if (local.wants(envelope.from)) local.delivered(envelope)
  }

  /** Nothing was heard for a while: everything wanted is said again and read again. */
  catchUp(): void {
    for (const partition of this.wanted.keys()) this.ownerChanged(partition)
  }

  /** What the owner before had still to send will never come. */
  ownerChanged(partition: PartitionId): void {
    const actors = this.wanted.get(partition)
    if (actors === undefined || actors.size === 0) return
    this.sayAll(partition, actors)
    this.options.local.refresh((actor) => actors.has(actor))
  }

  private sayAgain(): void {
    const nowMs = performance.now()
    const silentMs = nowMs - this.saidAtMs
    this.saidAtMs = nowMs
    this.interest.sweep(nowMs)
    // A process that stood still for so long may have been forgotten by who had news for it.
    if (silentMs >= SILENT_MS) return this.catchUp()
    for (const [partition, actors] of this.wanted) {
      if (actors.size > 0) this.sayAll(partition, actors)
      else this.wanted.delete(partition)
    }
  }

  private sayAll(partition: PartitionId, actors: ReadonlySet<string>): void {
    if (this.options.isHere(partition)) return
    const wanted: Wanted = { member: this.options.me, all: [...actors], add: [], remove: [] }
    this.publish(`want.${partition}`, encodeWire(wanted))
  }

  private publish(subject: string, text: string): void {
    try {
      this.options.connection.publish(`${this.prefix}.${subject}`, text)
    } catch {
      // Closed: this process is about to end.
    }
  }
}
