// Logs written by hand: a small ledger of its own that emits the JSON lines of docs/runtime.md, with the numbers a sound
// log would have. Every record is returned as the plain object it will be written from, so that a test can damage it
// before `seal` computes counts and hashes. Shares no code with the runtime, its codec or the auditor.

import { createHash } from 'node:crypto'
import { partitionOf } from '../../shared/partition.ts'

export type WireEntry = [account: string, asset: string, side: string, amount: string, after: string]
export type WireEnvelope = [number, number, string, string, 0 | [string, string], unknown]

export interface WireRecord {
  s: number
  t: number
  a: string
  c?: [string, string, string, string]
  f?: [number, number, number]
  m?: [string, number]
  e?: number
  x?: string
  p?: string
  op?: string
  ev?: unknown[]
  en?: WireEntry[]
  out?: WireEnvelope[]
  ti?: unknown[][]
  r?: unknown
}

export interface WireBatch {
  partition: number
  epoch: number
  delivered: [number, number][]
  records: WireRecord[]
  /** Header fields to write instead of the right ones. */
  header: Record<string, unknown>
  /** Has the last word on the text. */
  rewrite: (text: string) => string
}

export interface SealedBatch {
  readonly partition: number
  readonly position: number
  readonly bytes: Buffer
}

interface InFlight {
  readonly source: number
  readonly row: WireEnvelope
  readonly record: WireRecord
}

export const GENESIS = '0'.repeat(64)

export class LogBuilder {
  readonly partitions: number
  readonly batches: WireBatch[] = []
  nowMs = 1_750_000_000_000
  private readonly open = new Map<number, WireBatch>()
  private readonly seqs = new Map<number, number>()
  private readonly epochs = new Map<number, number>()
  private readonly numbered = new Map<string, number>()
  private readonly lanes = new Map<string, InFlight[]>()
  private readonly balances = new Map<string, bigint>()
  private keys = 0

  constructor(partitions: number) {
    this.partitions = partitions
  }

  /** The first id of this stem that lives in the partition. */
  walletIn(partition: number, stem: string): string {
    for (let index = 0; ; index++) {
      const id = `w_${stem}${index}`
      if (partitionOf(`wallet/${id}`, this.partitions) === partition) return id
    }
  }

  /** Of a wallet's id, or of an actor's key. */
  home(name: string): number {
    return partitionOf(actorOf(name), this.partitions)
  }

  balance(wallet: string, code = '2001', asset = 'USD'): bigint {
    return this.balances.get(`${this.home(wallet)} ${code}:${wallet} ${asset}`) ?? 0n
  }

  /** A new owner: its batch begins with the epoch record. */
  epoch(partition: number): WireRecord {
    this.cut(partition)
    this.epochs.set(partition, (this.epochs.get(partition) ?? 0) + 1)
    return this.push(partition, { s: this.nextSeq(partition), t: this.nowMs, a: '', e: 1 })
  }

  /** Ends the partition's open batch. */
  cut(partition: number): void {
    const batch = this.open.get(partition)
    if (batch !== undefined && batch.records.length > 0) this.open.delete(partition)
  }

  command(wallet: string, name: string, more: Partial<WireRecord> = {}, key = `k-${++this.keys}`): WireRecord {
    return this.write(wallet, { c: [name, key, 'b0d1', `r-${key}`] }, more)
  }

  deposit(wallet: string, minor: bigint, asset = 'USD'): WireRecord {
    const en = this.legs(wallet, asset, minor, '1002', `2001:${wallet}`)
    return this.command(wallet, 'deposit', {
      op: 'deposit',
      ev: [['deposited', asset, `${minor}`, 'sandbox', 'x']],
      en,
    })
  }

  send(from: string, to: string, minor: bigint, asset = 'USD'): WireRecord {
    const en = this.legs(from, asset, minor, `2001:${from}`, '2006')
    const row = this.envelope(from, to, 'receive', [asset, `${minor}`], { memo: 'thanks' })
    const ev = [['sent', asset, `${minor}`, to, 'thanks']]
    const record = this.command(from, 'send', { op: 'transfer', ev, en, out: [row], r: { status: 'pending' } })
    this.fly(from, row, record)
    return record
  }

  /** A token into custody, and on to a wallet; `deliver` sends one that came back. */
  mint(asset: string, to: string, name: 'mint' | 'deliver' = 'mint'): WireRecord {
    const nft = nftOf(asset)
    const [, chain] = asset.split(':')
    const minted = name === 'mint'
    const en = this.legs(nft, asset, 1n, minted ? `1003:${chain}` : `2007:${idOf(nft)}`, '2006')
    const row = this.envelope(nft, to, 'receive', [asset, '1'], null)
    const ev = [[minted ? 'minted' : 'delivered', this.nextId(nft), to, 'u_staff', 'a prize']]
    const op = minted ? 'adjustment' : 'transfer'
    const more = { op, ev, en, out: [row], r: { status: 'pending' } }
    const record = this.command(nft, minted ? 'mint' : 'deliver', more)
    this.fly(nft, row, record)
    return record
  }

  burn(asset: string): WireRecord {
    const nft = nftOf(asset)
    const [, chain] = asset.split(':')
    const en = this.legs(nft, asset, 1n, `2007:${idOf(nft)}`, `1003:${chain}`)
    return this.command(nft, 'burn', { op: 'adjustment', ev: [['burned', this.nextId(nft), 'u_staff', 'no use']], en })
  }

  /** Takes the next envelope of the lane; null when there is none. */
  receive(source: number, destination: number): WireRecord | null {
    const flight = this.lanes.get(`${source} ${destination}`)?.shift()
    if (flight === undefined) return null
    const { to, asset, minor } = unpack(flight)
    if (to.includes('/')) return this.unclaimed(source, to, flight)
    const en = this.legs(to, asset, minor, '2006', `2001:${to}`)
    const { a: from, s: seq } = flight.record
    const ev =
      flight.row[3] === 'returned'
        ? [['returned', asset, `${minor}`, 'wallet.closed', originalOf(flight), from]]
        : [['received', asset, `${minor}`, from, `${source}-${seq}`, '']]
    return this.write(to, { f: [source, flight.row[1], flight.record.s] }, { op: 'transfer', ev, en })
  }

  private unclaimed(source: number, nft: string, flight: InFlight): WireRecord {
    const { asset } = unpack(flight)
    const en = this.legs(nft, asset, 1n, '2006', `2007:${idOf(nft)}`)
    const { a: from, s: seq } = flight.record
    const ev = [['returned', this.nextId(nft), 'wallet.closed', originalOf(flight), from]]
    return this.write(nft, { f: [source, flight.row[1], seq] }, { op: 'refund', ev, en })
  }

  /** Takes the next envelope of the lane and sends its money on, in one record. */
  relay(source: number, destination: number, onTo: string): WireRecord | null {
    const flight = this.lanes.get(`${source} ${destination}`)?.shift()
    if (flight === undefined) return null
    const { to, asset, minor } = unpack(flight)
    const en = this.legs(to, asset, minor, '2006', '2006')
    const row = this.envelope(to, onTo, 'receive', [asset, `${minor}`], null)
    const cause: Partial<WireRecord> = { f: [source, flight.row[1], flight.record.s] }
    const record = this.write(to, cause, { op: 'transfer', ev: [['relayed']], en, out: [row] })
    this.fly(to, row, record)
    return record
  }

  /** Refuses the next envelope of the lane and sends its money back. */
  refuse(source: number, destination: number): WireRecord | null {
    const flight = this.lanes.get(`${source} ${destination}`)?.shift()
    if (flight === undefined) return null
    const { to, asset, minor } = unpack(flight)
    const sender = nameOf(flight.record.a)
    const body = { code: 'wallet.closed', original: `${source}-${flight.record.s}` }
    const row = this.envelope(to, sender, 'returned', [asset, `${minor}`], body)
    const record = this.write(to, { f: [source, flight.row[1], flight.record.s] }, { x: 'wallet.closed', out: [row] })
    this.fly(to, row, record)
    return record
  }

  park(source: number, destination: number): WireRecord | null {
    const flight = this.lanes.get(`${source} ${destination}`)?.shift()
    if (flight === undefined) return null
    const { to } = unpack(flight)
    return this.write(to, { f: [source, flight.row[1], flight.record.s] }, { p: 'decide threw' })
  }

  /** What kind of envelope the lane would deliver next. */
  next(source: number, destination: number): string | null {
    return this.lanes.get(`${source} ${destination}`)?.[0]?.row[3] ?? null
  }

  hold(wallet: string, minor: bigint, name: string, dueMs: number): WireRecord {
    const en = this.legs(wallet, 'USD', minor, `2001:${wallet}`, `2005:${wallet}`)
    const ev = [['held', name, 'USD', `${minor}`, dueMs]]
    return this.command(wallet, 'hold', { op: 'hold', ev, en, ti: [[`hold:${name}`, dueMs, name]] })
  }

  release(wallet: string, minor: bigint, name: string): WireRecord {
    const en = this.legs(wallet, 'USD', minor, `2005:${wallet}`, `2001:${wallet}`)
    const ev = [['released', name, `${minor}`, 'released']]
    return this.command(wallet, 'release', { op: 'release', ev, en, ti: [[`hold:${name}`]] })
  }

  expire(wallet: string, minor: bigint, name: string, dueMs: number): WireRecord {
    const en = this.legs(wallet, 'USD', minor, `2005:${wallet}`, `2001:${wallet}`)
    const ev = [['released', name, `${minor}`, 'expired']]
    return this.write(wallet, { m: [`hold:${name}`, dueMs] }, { op: 'release', ev, en })
  }

  /** The next batch of the source says so in its header. */
  deliver(source: number, destination: number, through: number): void {
    this.cut(source)
    this.batchOf(source).delivered.push([destination, through])
  }

  batchWith(record: WireRecord): WireBatch {
    const found = this.batches.find((batch) => batch.records.includes(record))
    if (found === undefined) throw new Error('record of another log')
    return found
  }

  at(record: WireRecord): string {
    const { partition, records } = this.batchWith(record)
    return `${partition}:${(records[0]?.s ?? 0) + records.indexOf(record)}`
  }

  /** Bytes with the hashes and counts that the batches have now. */
  seal(): SealedBatch[] {
    const heads = new Map<number, string>()
    const written = this.batches.filter((batch) => batch.records.length > 0)
    return written.map((batch, index) => {
      const { partition, epoch, records, delivered } = batch
      const header = {
        v: 1,
        partition,
        epoch,
        prev: heads.get(partition) ?? GENESIS,
        first: records[0]?.s ?? 0,
        count: records.length,
        ...(delivered.length === 0 ? {} : { delivered }),
        ...batch.header,
      }
      const text = [header, ...records].map((line) => `${JSON.stringify(line)}\n`).join('')
      const bytes = Buffer.from(batch.rewrite(text), 'utf8')
      heads.set(partition, createHash('sha256').update(bytes).digest('hex'))
      return { partition, position: index + 1, bytes }
    })
  }

  private legs(wallet: string, asset: string, minor: bigint, debited: string, credited: string): WireEntry[] {
    const home = this.home(wallet)
    const post = (account: string, side: 'D' | 'C'): WireEntry => {
      const name = `${home} ${account} ${asset}`
      const up = (side === 'D') === account.startsWith('1')
      const after = (this.balances.get(name) ?? 0n) + (up ? minor : -minor)
      this.balances.set(name, after)
      return [account, asset, side, `${minor}`, `${after}`]
    }
    return [post(debited, 'D'), post(credited, 'C')]
  }

  private envelope(from: string, to: string, name: string, money: [string, string], body: unknown): WireEnvelope {
    const lane = `${this.home(from)} ${this.home(to)}`
    const number = (this.numbered.get(lane) ?? 0) + 1
    this.numbered.set(lane, number)
    return [this.home(to), number, actorOf(to), name, money, body]
  }

  private fly(from: string, row: WireEnvelope, record: WireRecord): void {
    const lane = `${this.home(from)} ${row[0]}`
    const flights = this.lanes.get(lane) ?? []
    flights.push({ source: this.home(from), row, record })
    this.lanes.set(lane, flights)
  }

  private write(wallet: string, cause: Partial<WireRecord>, more: Partial<WireRecord>): WireRecord {
    const home = this.home(wallet)
    return this.push(home, { s: this.nextSeq(home), t: this.nowMs++, a: actorOf(wallet), ...cause, ...more })
  }

  private push(partition: number, record: WireRecord): WireRecord {
    this.batchOf(partition).records.push(record)
    return record
  }

  private batchOf(partition: number): WireBatch {
    const found = this.open.get(partition)
    if (found !== undefined) return found
    const epoch = this.epochs.get(partition) ?? 0
    const made: WireBatch = { partition, epoch, delivered: [], records: [], header: {}, rewrite: (text) => text }
    this.open.set(partition, made)
    this.batches.push(made)
    return made
  }

  /** Of the actor's next record. */
  private nextId(name: string): string {
    const home = this.home(name)
    return `${home}-${(this.seqs.get(home) ?? 0) + 1}`
  }

  private nextSeq(partition: number): number {
    const seq = (this.seqs.get(partition) ?? 0) + 1
    this.seqs.set(partition, seq)
    return seq
  }
}

/** Wallets go by their id, others by their key. */
function actorOf(name: string): string {
  return name.includes('/') ? name : `wallet/${name}`
}

function nameOf(actor: string): string {
  return actor.startsWith('wallet/') ? actor.slice('wallet/'.length) : actor
}

function idOf(actor: string): string {
  return actor.slice(actor.indexOf('/') + 1)
}

export function nftOf(asset: string): string {
  return `nft/${asset.slice('NFT:'.length)}`
}

/** The record that a return is of. */
function originalOf({ row: [, , , , , body] }: InFlight): string {
  if (typeof body !== 'object' || body === null || !('original' in body)) throw new Error('this is no return')
  return String(body.original)
}

function unpack({ row }: InFlight): { to: string; asset: string; minor: bigint } {
  const money = row[4]
  if (money === 0) throw new Error('this builder sends money only')
  return { to: nameOf(row[2]), asset: money[0], minor: BigInt(money[1]) }
}
