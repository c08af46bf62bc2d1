// M4: a lane carries the envelopes of one partition to another. The auditor sees both ends, in either order: what is
// sent and not yet taken is undelivered; what is taken and not yet seen sent waits for the sender's log. Matched pairs
// are checked against each other and forgotten.

import type { Flow } from './flow.ts'
import type { EnvelopeLine, MoneyLine } from './recordLine.ts'
import { broken } from './violation.ts'

/** Name of the envelope that brings a refused one's money back. */
const RETURNED = 'returned'

export interface Sending {
  readonly number: number
  readonly seq: number
  readonly atMs: number
  readonly from: string
  readonly to: string
  readonly name: string
  readonly money: MoneyLine | null
}

export interface Taking {
  readonly number: number
  /** The receiver's record. */
  readonly partition: number
  readonly seq: number
  readonly atMs: number
  /** Seq of the sender's record, as the receiver states it. */
  readonly senderSeq: number
  readonly actor: string
  readonly outcome: 'accepted' | 'refused' | 'parked'
  /** What the record put into transit, less the money of its outbox. */
  readonly surplus: Flow
  readonly outbox: readonly EnvelopeLine[]
}

export class Lane {
  readonly source: number
  readonly destination: number
  /** Last number given out, and last one taken. */
  numbered = 0
  taken = 0
  /** M4: how much the source's batch headers say is durable at the destination, and which batch says so. */
  claimed = 0
  claimedAt = ''
  private readonly sendings = new Fifo<Sending>()
  private readonly takings = new Fifo<Taking>()

  constructor(source: number, destination: number) {
    this.source = source
    this.destination = destination
  }

  /** Envelopes sent and not taken. */
  get undelivered(): number {
    return this.sendings.size
  }

  /** Whether something was taken that has not been seen sent. */
  get takenUnsent(): boolean {
    return this.takings.size > 0
  }

  /** Answers the record that had already taken it, if one had. */
  send(sending: Sending): Taking | null {
    if (sending.number !== this.numbered + 1) {
      broken('M4', `envelope ${sending.number} to partition ${this.destination} follows number ${this.numbered}`)
    }
    this.numbered = sending.number
    const taking = this.takings.shift()
    if (taking === undefined) this.sendings.push(sending)
    else checkPair(sending, taking)
    return taking ?? null
  }

  /** Answers the envelope taken, if its sender's record has been seen. */
  take(taking: Taking): Sending | null {
    if (taking.number !== this.taken + 1) {
      broken('M4', `takes envelope ${taking.number} of partition ${this.source} after number ${this.taken}`)
    }
    this.taken = taking.number
    const sending = this.sendings.shift()
    if (sending === undefined) {
      if (this.source === this.destination)
        broken('M4', `takes envelope ${taking.number} of its own partition, which was not sent`)
      this.takings.push(taking)
    } else checkPair(sending, taking)
    return sending ?? null
  }

  claim(through: number, at: string): void {
    if (through > this.numbered) {
      broken('M4', `header has ${through} delivered to partition ${this.destination}, only ${this.numbered} were sent`)
    }
    if (through <= this.claimed) return
    this.claimed = through
    this.claimedAt = at
  }

  /** With both logs read up to now: nothing taken that was never sent, nothing called delivered that was not taken. */
  checkNow(): void {
    const orphan = this.takings.peek()
    if (orphan !== undefined) {
      broken(
        'M4',
        `takes envelope ${orphan.number} of partition ${this.source}, which sent only ${this.numbered}`,
        placeOf(orphan),
      )
    }
    if (this.claimed > this.taken) {
      const said = `header has ${this.claimed} delivered to partition ${this.destination}, which took ${this.taken}`
      broken('M4', said, this.claimedAt)
    }
  }

  /** Undelivered envelopes, oldest first. */
  waiting(): Iterable<Sending> {
    return this.sendings
  }
}

function checkPair(sending: Sending, taking: Taking): void {
  if (taking.senderSeq !== sending.seq) {
    wrong(
      'M4',
      `names record ${taking.senderSeq} as sender of envelope ${sending.number}, it was ${sending.seq}`,
      taking,
    )
  }
  if (taking.actor !== sending.to) wrong('M4', `${taking.actor} takes an envelope addressed to ${sending.to}`, taking)
  if (taking.atMs < sending.atMs) {
    wrong('A7', `record is ${sending.atMs - taking.atMs} ms older than the one that caused it`, taking)
  }
  switch (taking.outcome) {
    case 'accepted':
      checkTakenOut(sending.money, taking)
      return
    case 'refused':
      checkSentBack(sending, taking)
      return
    case 'parked':
      return // the money stays in transit; Audit counts it as parked
  }
}

// The receiver's record moves out of transit what came, and into transit what it sends on.
function checkTakenOut(money: MoneyLine | null, taking: Taking): void {
  if (money !== null) taking.surplus.add(money.asset, money.amountMinor)
  const off = taking.surplus.firstNonZero()
  if (off !== null) wrong('M4', `transit is off by ${off.minor} ${off.asset} against what was taken and sent`, taking)
}

function checkSentBack(sending: Sending, taking: Taking): void {
  if (sending.name === RETURNED) wrong('M4', 'refuses a return, which cannot be refused', taking)
  const [back, ...more] = taking.outbox
  if (back === undefined) {
    if (sending.money !== null) wrong('M4', `refuses ${show(sending.money)} and does not send it back`, taking)
    return
  }
  if (back.name !== RETURNED) wrong('M4', `answers a refused envelope with ${back.name}`, taking)
  if (more.length > 0) wrong('M4', 'a refusal sends more than the return', taking)
  if (back.to !== sending.from) wrong('M4', `sends back to ${back.to} what came from ${sending.from}`, taking)
  const same = back.money?.asset === sending.money?.asset && back.money?.amountMinor === sending.money?.amountMinor
  if (!same) wrong('M4', `sends back ${show(back.money)} of ${show(sending.money)}`, taking)
}

// The receiver's record is to blame, also where the sender's was read after it.
function wrong(invariant: 'M4' | 'A7', message: string, taking: Taking): never {
  return broken(invariant, message, placeOf(taking))
}

function placeOf({ partition, seq }: Taking): string {
  return `${partition}:${seq}`
}

function show(money: MoneyLine | null): string {
  return money === null ? 'no money' : `${money.amountMinor} ${money.asset}`
}

/** First in, first out, in constant time however long it grows. */
class Fifo<Item> {
  private items: Item[] = []
  private head = 0

  get size(): number {
    return this.items.length - this.head
  }

  push(item: Item): void {
    this.items.push(item)
  }

  peek(): Item | undefined {
    return this.items[this.head]
  }

  shift(): Item | undefined {
    const item = this.items[this.head]
    if (item === undefined) return undefined
    this.head++
    if (this.head >= 1024 && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return item
  }

  *[Symbol.iterator](): Generator<Item> {
    for (let index = this.head; index < this.items.length; index++) {
      const item = this.items[index]
      if (item !== undefined) yield item
    }
  }
}
