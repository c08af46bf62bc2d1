// The smallest kind of actor that exercises everything a projector handles: it counts, and its accounts move. Events are
// [tag, minor units, and where it tells what became of a record, that record and its fate].

import type { ActorKind, AnyKind, RecordFate } from '../../actors/runtime/actor.ts'
import type { Json, LogRecord } from '../../actors/runtime/record.ts'
import { type RecordId, recordId } from '../../shared/ids.ts'
import { command, move, type PartitionLog } from './batches.ts'

export interface Counter {
  readonly id: string
  events: number
  totalMinor: bigint
}

export type CounterEvent =
  | { readonly kind: 'added'; readonly amountMinor: bigint }
  | { readonly kind: 'returned'; readonly amountMinor: bigint; readonly original: RecordId }
  | {
      readonly kind: 'told'
      readonly amountMinor: bigint
      readonly original: RecordId
      readonly fate: RecordFate['fate']
    }

const counterKind: ActorKind<Counter, never, CounterEvent, null, Counter> = {
  kind: 'counter',
  initial: (id) => ({ id, events: 0, totalMinor: 0n }),
  decide: () => {
    throw new Error('a counter is only ever folded')
  },
  evolve(counter, event) {
    counter.events++
    counter.totalMinor += event.amountMinor
  },
  view: (counter) => counter,
  commandName: () => 'none',
  commandText: () => '',
  incoming: () => {
    throw new Error('a counter takes no messages')
  },
  encodeEvent(event) {
    const amount = event.amountMinor.toString()
    if (event.kind === 'added') return ['added', amount]
    return event.kind === 'returned'
      ? ['returned', amount, event.original]
      : ['told', amount, event.original, event.fate]
  },
  decodeEvent(json) {
    const [kind, amount = '', original = '', fate = ''] = json as [string, string?, string?, string?]
    if (kind === 'added') return { kind, amountMinor: BigInt(amount) }
    if (kind === 'returned') return { kind, amountMinor: BigInt(amount), original: original as RecordId }
    const told = { amountMinor: BigInt(amount), original: original as RecordId, fate: fate as RecordFate['fate'] }
    if (kind === 'told') return { kind, ...told }
    throw new Error(`no counter event ${kind}`)
  },
  encodeState: (counter) => [counter.id, counter.events, counter.totalMinor.toString()],
  decodeState(json) {
    const [id, events, total] = json as [string, number, string]
    return { id, events, totalMinor: BigInt(total) }
  },
  fateOf(event) {
    if (event.kind === 'added') return null
    return { record: event.original, fate: event.kind === 'returned' ? 'failed' : event.fate }
  },
}

/** What a projector's worker imports as its registry. */
export const KINDS: ReadonlyMap<string, AnyKind> = new Map<string, AnyKind>([[counterKind.kind, counterKind]])

const ASSET = 'USD'

export function account(id: string): string {
  return `2001:${id}`
}

/** Money in from outside: 1002 → 2001:<id>. */
export function deposit(log: PartitionLog, id: string, amountMinor: bigint, key = `deposit-${log.seq + 1}`): LogRecord {
  return log.add({
    actor: `counter/${id}`,
    cause: command('deposit', key),
    operation: 'deposit',
    events: [['added', amountMinor.toString()]],
    postings: move(ASSET, amountMinor, '1002', account(id)),
    reply: { status: 'confirmed' },
  })
}

/** Money away in an envelope: 2001:<id> → 2006. */
export function send(
  log: PartitionLog,
  id: string,
  to: string,
  amountMinor: bigint,
  key = `send-${log.seq + 1}`,
): LogRecord {
  return log.add({
    actor: `counter/${id}`,
    cause: command('send', key),
    operation: 'transfer',
    events: [['added', (-amountMinor).toString()]],
    postings: move(ASSET, amountMinor, account(id), '2006'),
    outbox: [{ to: `counter/${to}`, name: 'receive', money: { asset: ASSET, amountMinor } }],
    reply: { status: 'pending' },
  })
}

/** Takes the first envelope of a sender's record: 2006 → 2001:<receiver>. */
export function receive(log: PartitionLog, sent: LogRecord): LogRecord {
  const envelope = envelopeOf(sent)
  const amountMinor = envelope.money?.amountMinor ?? 0n
  return log.add({
    actor: envelope.to,
    cause: { kind: 'envelope', source: envelope.source, number: envelope.number, seq: envelope.seq },
    operation: 'transfer',
    events: [['added', amountMinor.toString()]],
    postings: move(ASSET, amountMinor, '2006', account(envelope.to.slice('counter/'.length))),
  })
}

/** Refuses the first envelope of a sender's record: its money goes back in an envelope of its own. */
export function refuse(log: PartitionLog, sent: LogRecord): LogRecord {
  const envelope = envelopeOf(sent)
  const body: Json = { code: 'wallet.closed', original: `${envelope.source}-${envelope.seq}` }
  return log.add({
    actor: envelope.to,
    cause: { kind: 'envelope', source: envelope.source, number: envelope.number, seq: envelope.seq },
    outcome: { kind: 'refused', code: 'wallet.closed' },
    outbox: [{ to: envelope.from, name: 'returned', money: envelope.money, body }],
  })
}

/** The sender takes back what was refused. */
export function takeBack(log: PartitionLog, refusal: LogRecord, original: RecordId): LogRecord {
  const envelope = envelopeOf(refusal)
  const amountMinor = envelope.money?.amountMinor ?? 0n
  return log.add({
    actor: envelope.to,
    cause: { kind: 'envelope', source: envelope.source, number: envelope.number, seq: envelope.seq },
    operation: 'refund',
    events: [['returned', amountMinor.toString(), original]],
    postings: move(ASSET, amountMinor, '2006', account(envelope.to.slice('counter/'.length))),
  })
}

/** Money out for good: 2001:<id> → 1002, in a record that says so of itself. */
export function withdraw(log: PartitionLog, id: string, amountMinor: bigint): LogRecord {
  const key = `withdraw-${log.seq + 1}`
  return log.add({
    actor: `counter/${id}`,
    cause: command('withdraw', key),
    operation: 'withdrawal',
    events: [
      ['added', (-amountMinor).toString()],
      ['told', '0', recordId(log.partition, log.seq + 1), 'pending'],
    ],
    postings: move(ASSET, amountMinor, account(id), '1002'),
  })
}

/** Says what became of a record. */
export function tell(log: PartitionLog, id: string, about: RecordId, fate: RecordFate['fate']): LogRecord {
  return log.add({
    actor: `counter/${id}`,
    cause: command('tell', `tell-${log.seq + 1}`),
    events: [['told', '0', about, fate]],
  })
}

function envelopeOf(record: LogRecord) {
  const envelope = record.outbox[0]
  if (envelope === undefined) throw new Error(`record ${record.seq} sends nothing`)
  return envelope
}
