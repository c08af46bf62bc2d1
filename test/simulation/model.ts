// What the durable log says, folded apart from the runtime as each batch lands: every wallet's and token's state after each of its
// records, its balances summed from the entries alone, who used which key, and each partition's lanes and timers.

import { matchKind } from '../../actors/match/kind.ts'
import type { MatchView } from '../../actors/match/views.ts'
import { nftKind } from '../../actors/nft/kind.ts'
import type { Nft, NftView } from '../../actors/nft/state.ts'
import { playerKind } from '../../actors/player/kind.ts'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import { decodeBatch, hashBatch } from '../../actors/runtime/codec.ts'
import type { ActorSnapshot, StoredBatch } from '../../actors/runtime/ports.ts'
import type { Json, LogRecord } from '../../actors/runtime/record.ts'
import { walletKind } from '../../actors/wallet/kind.ts'
import type { Recorded } from '../../actors/wallet/reversalPlan.ts'
import type { Wallet } from '../../actors/wallet/state.ts'
import type { WalletView } from '../../actors/wallet/views.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { LaneModel } from './laneModel.ts'
import { isMatchActor, isNftActor, isPlayerActor } from './simKinds.ts'

/** A wallet, or a token, right after one of its records. */
export interface Moment {
  readonly seq: number
  readonly atMs: number
  /** Canonical text of the state. */
  readonly state: string
  /** Canonical text of the owned balances, from the entries. */
  readonly balances: string
  /** Of the last day on which something was counted, from the entries alone. */
  readonly day: CountedDay
  /** Every quote ever used. */
  readonly usedQuotes: ReadonlySet<string>
  /** Every record ever reversed. */
  readonly reversed: ReadonlySet<string>
  /** Canonical text of what is owed, from the entries. */
  readonly owed: string
  /** Of a token: that of a wallet with nothing in it. */
  readonly view: WalletView
  /** Null for what is no token. */
  readonly nft: NftView | null
  /** Of a match or a player: its view; null for the others. */
  readonly other: unknown
}

/** What RULES limit, in US cents; stablecoins at par. */
export interface CountedDay {
  readonly day: number
  readonly deposits: number
  readonly depositedCents: bigint
  readonly withdrawals: number
  readonly withdrawnCents: bigint
}

const NO_DAY: CountedDay = { day: 0, deposits: 0, depositedCents: 0n, withdrawals: 0, withdrawnCents: 0n }
const DAY_MS = 86_400_000

export function sameDay(counted: CountedDay, atMs: number): CountedDay {
  const day = Math.floor(atMs / DAY_MS)
  return counted.day === day ? counted : { ...NO_DAY, day }
}

export function parCents(asset: string, minor: bigint): bigint {
  return asset === 'USD' ? minor : (minor + 9_999n) / 10_000n
}

interface WalletPast {
  readonly wallet: Wallet
  readonly nft: Nft | null
  /** A match, or a player; its state is known to its kind alone. */
  readonly other: { readonly kind: AnyKind; readonly state: unknown } | null
  readonly balances: Map<string, bigint>
  day: CountedDay
  usedQuotes: ReadonlySet<string>
  reversed: ReadonlySet<string>
  /** From its entries on 1004, by asset. */
  readonly owed: Map<string, bigint>
  /** Its records that moved money. */
  readonly moved: Recorded[]
  /** Day on which each withdrawal was asked for, and its cents, by record id. */
  readonly askedOut: Map<string, readonly [number, bigint]>
  readonly moments: Moment[]
}

export interface DurableRecord {
  readonly partition: PartitionId
  readonly record: LogRecord
  readonly epoch: number
  /** For a timer that fired: the epoch in which it was set; else 0. */
  readonly setInEpoch: number
  /** The actor before and after this record. */
  readonly before: Moment
  readonly after: Moment
}

export class Model {
  readonly lanes: LaneModel
  private readonly records: DurableRecord[][]
  private readonly wallets = new Map<string, WalletPast>()
  private readonly byKey = new Map<string, DurableRecord[]>()
  private readonly takers = new Map<string, DurableRecord>()
  private readonly timersSet = new Map<string, number>()
  private readonly heads: string[] = []

  constructor(partitions: number) {
    this.lanes = new LaneModel(partitions)
    this.records = Array.from({ length: partitions }, () => [])
  }

  /** Folds one batch; answers its records. */
  take(batch: StoredBatch): readonly DurableRecord[] {
    const { header, records } = decodeBatch(batch.bytes)
    const taken = records.map((record) => this.takeRecord(batch.partition, record, header.epoch))
    this.lanes.take(batch.partition, header, records, batch.position, hashBatch(batch.bytes))
    this.heads[batch.partition] = hashBatch(batch.bytes)
    return taken
  }

  private takeRecord(partition: PartitionId, record: LogRecord, epoch: number): DurableRecord {
    const past = this.past(record.actor)
    const before = lastMoment(past)
    if (record.actor !== '') {
      for (const event of record.events) evolve(past, event, record.atMs)
      for (const { account, asset, side, amountMinor } of record.entries) {
        if (account === '1004')
          past.owed.set(asset, (past.owed.get(asset) ?? 0n) + (side === 'debit' ? amountMinor : -amountMinor))
        if (!/^200[12357]:/.test(account)) continue
        const key = `${account}/${asset}`
        past.balances.set(key, (past.balances.get(key) ?? 0n) + (side === 'credit' ? amountMinor : -amountMinor))
      }
      count(past, partition, record)
      for (const id of tagged(record, 'reversed', 2)) past.reversed = new Set([...past.reversed, id])
      if (record.entries.length > 0) past.moved.push({ walletId: past.wallet.id, partition, record })
      for (const id of tagged(record, 'converted', 6)) past.usedQuotes = new Set([...past.usedQuotes, id])
      past.moments.push(momentOf(past, record))
    }
    const durable = {
      partition,
      record,
      epoch,
      setInEpoch: this.timerEpoch(record, epoch),
      before,
      after: lastMoment(past),
    }
    this.log(partition).push(durable)
    if (record.cause.kind === 'envelope') {
      this.takers.set(`${record.cause.source} ${partition} ${record.cause.number}`, durable)
    }
    if (record.cause.kind === 'command' && record.cause.key !== '') {
      const key = `${record.actor} ${record.cause.key}`
      this.byKey.set(key, [...(this.byKey.get(key) ?? []), durable])
    }
    return durable
  }

  private timerEpoch(record: LogRecord, epoch: number): number {
    for (const change of record.timers) this.timersSet.set(`${record.actor} ${change.name}`, epoch)
    return record.cause.kind === 'timer' ? (this.timersSet.get(`${record.actor} ${record.cause.name}`) ?? 0) : 0
  }

  /** The record that took an envelope, once it is durable. */
  taker(source: PartitionId, destination: PartitionId, number: number): DurableRecord | null {
    return this.takers.get(`${source} ${destination} ${number}`) ?? null
  }

  head(partition: PartitionId): number {
    return this.log(partition).length
  }

  headHash(partition: PartitionId): string | null {
    return this.heads[partition] ?? null
  }

  record(partition: PartitionId, seq: number): DurableRecord | null {
    return this.log(partition)[seq - 1] ?? null
  }

  *allRecords(): Generator<DurableRecord> {
    for (const log of this.records) yield* log
  }

  byCommand(actor: string, key: string): readonly DurableRecord[] {
    return this.byKey.get(`${actor} ${key}`) ?? []
  }

  actors(): readonly string[] {
    return [...this.wallets.keys()].filter((actor) => actor !== '')
  }

  /** The actor as of the newest of its records at or below `seq`. */
  at(actor: string, seq: number): Moment {
    const { moments } = this.past(actor)
    let index = moments.length - 1
    while (index > 0 && (moments[index]?.seq ?? 0) > seq) index--
    return moments[index] ?? unreachable()
  }

  /** Seq of the last record at or below `seq` that changed the actor: refusals do not. */
  changedAt(actor: string, seq: number): number {
    const now = this.at(actor, seq)
    const same = this.past(actor).moments.find(({ state, seq: from }) => state === now.state && from <= now.seq)
    return same?.seq ?? 0
  }

  /** Of the newest durable state: what staff would see. */
  openWithdrawals(actor: string): WalletView['withdrawals'] {
    return this.at(actor, Number.POSITIVE_INFINITY).view.withdrawals
  }

  /** What it has available of each token, or held in each hold. */
  assetsOf(actor: string): WalletView['assets'] {
    return this.at(actor, Number.POSITIVE_INFINITY).view.assets
  }

  openAdjustments(actor: string): WalletView['adjustments'] {
    return this.at(actor, Number.POSITIVE_INFINITY).view.adjustments
  }

  /** Null for what is no match. */
  matchView(actor: string): MatchView | null {
    const { other } = this.at(actor, Number.POSITIVE_INFINITY)
    return isMatchActor(actor) ? (other as MatchView) : null // the view of a match
  }

  /** What staff could look up and want to reverse. */
  moved(actor: string): readonly Recorded[] {
    return this.past(actor).moved
  }

  wasOpen(actor: string): boolean {
    return this.past(actor).moments.some(({ view }) => view.status === 'open')
  }

  /** What is wrong with a snapshot or a resident actor, as of its own seq; null where it is the fold. */
  disagreement(snapshot: ActorSnapshot): string | null {
    const moment = this.at(snapshot.actor, snapshot.seq)
    if (moment.seq !== snapshot.seq) return `${snapshot.actor} claims seq ${snapshot.seq}, the log has ${moment.seq}`
    const state = JSON.stringify(snapshot.state)
    if (state !== moment.state) return `${snapshot.actor} at ${snapshot.seq} is ${state}, the fold is ${moment.state}`
    const balances = rowsText(snapshot.balances.map(([account, asset, minor]) => [`${account}/${asset}`, minor]))
    if (balances !== moment.balances)
      return `${snapshot.actor} at ${snapshot.seq} has ${balances}, entries sum to ${moment.balances}`
    return null
  }

  private past(actor: string): WalletPast {
    let past = this.wallets.get(actor)
    if (past === undefined) {
      past = {
        wallet: walletKind.initial(actor.slice(actor.indexOf('/') + 1)),
        nft: isNftActor(actor) ? nftKind.initial(actor.slice('nft/'.length)) : null,
        other: otherOf(actor),
        balances: new Map(),
        day: NO_DAY,
        usedQuotes: new Set(),
        reversed: new Set(),
        owed: new Map(),
        moved: [],
        askedOut: new Map(),
        moments: [],
      }
      past.moments.push(momentOf(past, { seq: 0, atMs: 0 }))
      this.wallets.set(actor, past)
    }
    return past
  }

  private log(partition: PartitionId): DurableRecord[] {
    return this.records[partition] ?? unreachable()
  }
}

function momentOf(past: WalletPast, { seq, atMs }: Pick<LogRecord, 'seq' | 'atMs'>): Moment {
  return {
    seq,
    atMs,
    state: JSON.stringify(encoded(past)),
    balances: rowsText([...past.balances].map(([key, minor]) => [key, minor.toString()])),
    day: past.day,
    usedQuotes: past.usedQuotes,
    reversed: past.reversed,
    owed: rowsText([...past.owed].map(([key, minor]) => [key, minor.toString()])),
    view: walletKind.view(past.wallet, { kind: 'balance' }),
    nft: past.nft === null ? null : nftKind.view(past.nft, { kind: 'state' }),
    other: past.other === null ? null : past.other.kind.view(past.other.state, { kind: 'state' }),
  }
}

function otherOf(actor: string): WalletPast['other'] {
  const kind: AnyKind | null = isMatchActor(actor) ? matchKind : isPlayerActor(actor) ? playerKind : null
  return kind === null ? null : { kind, state: kind.initial(actor.slice(actor.indexOf('/') + 1)) }
}

function encoded({ wallet, nft, other }: WalletPast): Json {
  if (other !== null) return other.kind.encodeState(other.state)
  return nft === null ? walletKind.encodeState(wallet) : nftKind.encodeState(nft)
}

function evolve({ wallet, nft, other }: WalletPast, event: Json, atMs: number): void {
  if (other !== null) other.kind.evolve(other.state, other.kind.decodeEvent(event), atMs)
  else if (nft === null) walletKind.evolve(wallet, walletKind.decodeEvent(event), atMs)
  else nftKind.evolve(nft, nftKind.decodeEvent(event), atMs)
}

/** What its events of this tag have at that place, where it is not empty. */
function tagged({ events }: LogRecord, tag: string, place: number): readonly string[] {
  return events.flatMap((event) =>
    Array.isArray(event) && event[0] === tag && event[place] !== '' ? [String(event[place])] : [],
  )
}

function count(past: WalletPast, partition: PartitionId, record: LogRecord): void {
  const { operation, entries, atMs, seq } = record
  const [entry] = entries.filter(({ account }) => account.startsWith('2001:'))
  if (entry === undefined) return
  const today = sameDay(past.day, atMs)
  const cents = parCents(entry.asset, entry.amountMinor)
  if (operation === 'deposit')
    past.day = { ...today, deposits: today.deposits + 1, depositedCents: today.depositedCents + cents }
  if (operation === 'withdrawal') {
    past.day = { ...today, withdrawals: today.withdrawals + 1, withdrawnCents: today.withdrawnCents + cents }
    past.askedOut.set(`${partition}-${seq}`, [today.day, cents])
  }
  const [event] = record.events
  const [tag, id] = Array.isArray(event) ? event : []
  const asked = tag === 'withdrawal_moved' && operation === 'refund' ? past.askedOut.get(String(id)) : undefined
  if (asked !== undefined && asked[0] === past.day.day)
    past.day = { ...past.day, withdrawnCents: past.day.withdrawnCents - asked[1] }
}

/** Zero balances count as absent: an account appears with its first entry. */
function rowsText(rows: readonly (readonly [string, string])[]): string {
  const kept = rows.filter(([, minor]) => minor !== '0').map(([key, minor]) => `${key}=${minor}`)
  return kept.sort().join(' ')
}

function lastMoment(past: WalletPast): Moment {
  return past.moments.at(-1) ?? unreachable()
}

function unreachable(): never {
  throw new Error('the model has lost its place')
}
