// A whole runtime in one test: wallets and probes over a journal, a store, a transport and a time that the test holds in
// its hands. `restart` is a crash and a recovery: memory goes, the journal and the store stay.

import { KINDS } from '../../actors/kinds.ts'
import type { MatchCommand } from '../../actors/match/commands.ts'
import type { NftCommand } from '../../actors/nft/commands.ts'
import { nftKind } from '../../actors/nft/kind.ts'
import type { PlayerCommand } from '../../actors/player/commands.ts'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import type { ActorAddress, Answer, ReadAnswer } from '../../actors/runtime/answers.ts'
import { decodeBatch } from '../../actors/runtime/codec.ts'
import type { Limits } from '../../actors/runtime/limits.ts'
import type { CommitFeed, Journal } from '../../actors/runtime/ports.ts'
import type { Batch, Envelope, LogRecord } from '../../actors/runtime/record.ts'
import { Runtime } from '../../actors/runtime/runtime.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import type { WalletView } from '../../actors/wallet/views.ts'
import type { PartitionId, UserId } from '../../shared/ids.ts'
import { actorKey, partitionOf } from '../../shared/partition.ts'
import { ManualTime } from './manualTime.ts'
import { MemoryJournal } from './memoryJournal.ts'
import { type ProbeCommand, probeKind } from './probeKind.ts'
import { TestRecoveryStore } from './recoveryStore.ts'
import { TestTransport } from './testTransport.ts'
import { START_MS } from './walletBench.ts'

export const TEST_KINDS: ReadonlyMap<string, AnyKind> = new Map<string, AnyKind>([
  ...KINDS,
  [probeKind.kind, probeKind],
])

export type AnyCommand = ProbeCommand | WalletCommand | NftCommand | MatchCommand | PlayerCommand

export interface Alarm {
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface WorldOptions {
  readonly partitions?: number
  readonly limits?: Partial<Limits>
  /** What there is already. */
  readonly past?: MemoryJournal
  /** Ids begin here, where the past has used those before it. */
  readonly firstId?: number
  /** Hears of what is durable in place of the world's own. */
  readonly feed?: CommitFeed
  /** Stands before the memory journal, to answer differently. */
  readonly journal?: (journal: MemoryJournal) => Journal
}

/** Hears what subscribers would be told. */
export class TestFeed implements CommitFeed {
  readonly records: LogRecord[] = []
  readonly deliveries: Envelope[] = []

  wants(): boolean {
    return true
  }

  committed(_partition: PartitionId, record: LogRecord): void {
    this.records.push(record)
  }

  delivered(envelope: Envelope): void {
    this.deliveries.push(envelope)
  }
}

export class RuntimeWorld {
  readonly time = new ManualTime(START_MS)
  readonly journal: MemoryJournal
  readonly store = new TestRecoveryStore(TEST_KINDS)
  readonly transport = new TestTransport()
  readonly alarms: Alarm[] = []
  readonly partitions: readonly PartitionId[]
  feed = new TestFeed()
  runtime: Runtime
  private readonly options: WorldOptions
  private ids: number

  constructor(options: WorldOptions = {}) {
    this.options = options
    this.ids = options.firstId ?? 0
    this.journal = options.past ?? new MemoryJournal()
    this.partitions = Array.from({ length: options.partitions ?? 2 }, (_, partition) => partition)
    this.runtime = this.makeRuntime()
  }

  /** A world whose partitions serve. */
  static async serving(options: WorldOptions = {}): Promise<RuntimeWorld> {
    const world = new RuntimeWorld(options)
    await world.start()
    return world
  }

  async start(): Promise<void> {
    await this.time.drive(this.runtime.start(this.partitions))
    await this.time.settle()
  }

  /** A crash, and another process that takes over. */
  async restart(): Promise<void> {
    this.runtime.stop()
    this.feed = new TestFeed()
    this.runtime = this.makeRuntime()
    await this.start()
  }

  /** Another process takes over while this one goes on believing. Answers the former runtime. */
  async takeOver(): Promise<Runtime> {
    const former = this.runtime
    this.feed = new TestFeed()
    this.runtime = this.makeRuntime()
    await this.start()
    return former
  }

  /** Another process over the same journal and store. It has no partitions yet. */
  another(): Runtime {
    return this.makeRuntime()
  }

  /** The projector catches up; with `snapshots`, actors may then be passivated. */
  project(snapshots = true): void {
    for (const progress of this.store.project(this.journal, this.partitions, snapshots)) this.runtime.progress(progress)
  }

  /** Asks, and says at any time whether the answer is out. */
  ask(to: ActorAddress, command: AnyCommand, key = '', requestId = 'r'): Pending<Answer> {
    return new Pending(this.runtime.ask(to, command, { key, requestId }))
  }

  /** Asks and waits, with time standing still. */
  async answer(to: ActorAddress, command: AnyCommand, key = ''): Promise<Answer> {
    const pending = this.ask(to, command, key)
    await this.time.settle()
    return pending.value
  }

  read(to: ActorAddress, query: unknown): Pending<ReadAnswer> {
    return new Pending(this.runtime.read(to, query))
  }

  /** A probe's log, as it tells it. */
  async log(to: ActorAddress): Promise<readonly string[]> {
    const pending = this.read(to, 'log')
    await this.time.settle()
    const answer = pending.value
    if (answer.kind === 'refused') throw new Error(`${to.id} could not be read: ${answer.code}`)
    return answer.view as readonly string[] // the probe's view
  }

  async balance(to: ActorAddress, asset = 'USD'): Promise<{ readonly available: bigint; readonly held: bigint }> {
    const pending = this.read(to, { kind: 'balance' })
    await this.time.settle()
    const answer = pending.value
    if (answer.kind === 'refused') throw new Error(`${to.id} could not be read: ${answer.code}`)
    const found = (answer.view as WalletView).assets.find((row) => row.asset === asset) // the wallet's view
    return { available: found?.availableMinor ?? 0n, held: found?.heldMinor ?? 0n }
  }

  /** An open wallet with this much USD. */
  async openWallet(wallet: ActorAddress, amountMinor = 0n): Promise<void> {
    await this.answer(wallet, { kind: 'open', userId: `u_${wallet.id.slice(2)}` as UserId })
    if (amountMinor === 0n) return
    const reference = `first-${wallet.id}`
    const money = { kind: 'deposit', asset: 'USD', amountMinor, provider: 'sandbox', reference } as const
    const answer = await this.answer(wallet, money, reference)
    if (answer.kind === 'refused') throw new Error(`${wallet.id} got no money: ${answer.code}`)
  }

  /** An address of this kind that lives in the partition. */
  address(kind: 'wallet' | 'probe', partition: PartitionId, name = 'a'): ActorAddress {
    for (let index = 0; ; index++) {
      const id = `${kind === 'wallet' ? 'w' : 'p'}_${name}_${index.toString().padStart(4, '0')}`
      if (partitionOf(actorKey(kind, id), this.partitions.length) === partition) return { kind, id }
    }
  }

  /** The address of a token, and its asset, that lives in the partition. */
  token(partition: PartitionId, from = 1): { readonly address: ActorAddress; readonly asset: string } {
    for (let tokenId = from; ; tokenId++) {
      const id = `137:0x${'ab'.repeat(20)}:${tokenId}`
      if (partitionOf(actorKey(nftKind.kind, id), this.partitions.length) === partition)
        return { address: { kind: nftKind.kind, id }, asset: `NFT:${id}` }
    }
  }

  batches(partition: PartitionId): readonly Batch[] {
    return this.journal.batches(partition).map((stored) => decodeBatch(stored.bytes))
  }

  /** Every durable record of a partition but the epochs. */
  records(partition: PartitionId): readonly LogRecord[] {
    return this.batches(partition)
      .flatMap((batch) => batch.records)
      .filter((record) => record.cause.kind !== 'epoch')
  }

  /** Σ of `2006` over all partitions, as the entries say it. */
  inTransit(asset = 'USD'): bigint {
    return this.partitions.reduce((sum, partition) => {
      const last = this.records(partition)
        .flatMap((record) => record.entries)
        .filter((entry) => entry.account === '2006' && entry.asset === asset)
        .at(-1)
      return sum + (last?.balanceAfterMinor ?? 0n)
    }, 0n)
  }

  alarmed(event: string): readonly Alarm[] {
    return this.alarms.filter((alarm) => alarm.event === event)
  }

  private makeRuntime(): Runtime {
    const runtime = new Runtime({
      partitions: this.partitions.length,
      kinds: TEST_KINDS,
      journal: this.options.journal?.(this.journal) ?? this.journal,
      store: this.store,
      transport: this.transport,
      clock: this.time,
      scheduler: this.time,
      ids: { newId: () => `id${String(this.ids++).padStart(20, '0')}` },
      observer: { committed() {}, answered() {}, alarm: (event, detail) => this.alarms.push({ event, detail }) },
      feed: this.options.feed ?? this.feed,
      ...(this.options.limits === undefined ? {} : { limits: this.options.limits }),
    })
    this.transport.attach(runtime)
    return runtime
  }
}

/** A promise that can be looked at. */
export class Pending<T> {
  readonly promise: Promise<T>
  private settledWith: { readonly value: T } | { readonly error: unknown } | null = null

  constructor(promise: Promise<T>) {
    this.promise = promise
    promise.then(
      (value) => {
        this.settledWith = { value }
      },
      (error: unknown) => {
        this.settledWith = { error }
      },
    )
  }

  get settled(): boolean {
    return this.settledWith !== null
  }

  /** What it resolved to; throws while it waits. */
  get value(): T {
    if (this.settledWith === null) throw new Error('not answered yet')
    if ('error' in this.settledWith) throw this.settledWith.error
    return this.settledWith.value
  }
}
