// M8: a correction is a record that reverses an earlier one of the same actor, once, at most for what that one moved, and
// never a reversal. A record keeps nothing of this alive, so what was reversed is noted as its reversals come by, and the
// log is read once more, in the end, for those records alone; where nothing was reversed, it is not.

import { accountCode, accountSubject } from '../../shared/accounts.ts'
import { parseRecordId, recordId } from '../../shared/ids.ts'
import { Flow } from './flow.ts'
import { readHeader, readRecord } from './lines.ts'
import { Names } from './names.ts'
import type { RecordLine } from './recordLine.ts'
import { Scanner } from './scanner.ts'
import { broken } from './violation.ts'

interface Reversal {
  /** `partition:seq` of its record. */
  readonly at: string
  readonly actor: string
  /** What it did to its owner's money, per asset. */
  readonly flow: ReadonlyMap<string, bigint>
}

const TAG = Buffer.from('["reversed",')
const OWN: ReadonlySet<string> = new Set(['2001', '2003', '2005'])
const RECEIVABLE = '1004'

export class Reversals {
  /** By partition and seq of what they reverse; grows with them, and they are few. */
  private readonly unread = new Map<number, Map<number, Reversal>>()
  private readonly reversed = new Set<string>()
  private readonly names = new Names()

  /** Whether records have to be read again. */
  get isOpen(): boolean {
    return this.unread.size > 0
  }

  /** In the order of the log. */
  note(partition: number, record: RecordLine): void {
    for (const of of reversedBy(record, partition)) {
      const place = parseRecordId(of)
      if (place === null || place.partition !== partition)
        broken('M8', `reverses ${of}, which is no record of its actor`)
      if (place.seq >= record.seq) broken('M8', `reverses ${of}, which comes after it`)
      if (this.reversed.has(of)) broken('M8', `reverses ${of}, which was reversed before`)
      this.reversed.add(of)
      const reversals = this.unread.get(partition) ?? new Map<number, Reversal>()
      this.unread.set(partition, reversals)
      const at = `${partition}:${record.seq}`
      reversals.set(place.seq, { at, actor: record.actor, flow: ownFlow(record) })
    }
  }

  /** A batch that was taken before; what is reversed of it is held against its reversals. */
  read(partition: number, bytes: Uint8Array): void {
    const reversals = this.unread.get(partition)
    if (reversals === undefined) return
    const scan = new Scanner(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), this.names)
    const { first, count } = readHeader(scan)
    if (![...reversals.keys()].some((seq) => seq >= first && seq < first + count)) return
    for (let index = 0; index < count; index++) {
      const record = readRecord(scan)
      const reversal = reversals.get(record.seq)
      if (reversal === undefined) continue
      compare(`${partition}:${record.seq}`, record, partition, reversal)
      reversals.delete(record.seq)
    }
    if (reversals.size === 0) this.unread.delete(partition)
  }

  /** Everything has been read: nobody passes by leaving that out. */
  finish(): void {
    for (const [partition, reversals] of this.unread)
      for (const [seq, { at }] of reversals) broken('M8', `reverses ${partition}:${seq}, which was not read again`, at)
  }
}

/** The ids of the records that this one says it reverses. */
function reversedBy({ events, seq }: RecordLine, partition: number): readonly string[] {
  if (!events.has(TAG)) return []
  const found: string[] = []
  // The auditor's reader has checked that it is a list.
  for (const event of JSON.parse(events.text()) as unknown[]) {
    const [tag, id, of] = Array.isArray(event) ? event.map(String) : []
    if (tag !== 'reversed') continue
    if (id !== recordId(partition, seq)) broken('M8', `calls itself ${id}`)
    found.push(of ?? '')
  }
  if (found.length > 1) broken('M8', `reverses ${found.length} records`)
  return found
}

/** What the owner has more of after the record, or owes less: without what only moved within their accounts. */
function ownFlow({ actor, entries }: RecordLine): ReadonlyMap<string, bigint> {
  const owner = actor.slice(actor.indexOf('/') + 1)
  const flow = new Flow()
  for (const { account, asset, debit, amountMinor } of entries) {
    const isOwn = OWN.has(accountCode(account)) && accountSubject(account) === owner
    if (isOwn || account === RECEIVABLE) flow.add(asset, debit ? -amountMinor : amountMinor)
  }
  return new Map(flow.rows().filter(([, minor]) => minor !== 0n))
}

function compare(of: string, record: RecordLine, partition: number, { at, actor, flow }: Reversal): void {
  const was = ownFlow(record)
  if (record.actor !== actor) broken('M8', `reverses ${of}, which is of ${record.actor}`, at)
  if (reversedBy(record, partition).length > 0) broken('M8', `reverses ${of}, which is a reversal`, at)
  if (was.size === 0) broken('M8', `reverses ${of}, which moved nothing`, at)
  const same = was.size === flow.size && [...was.keys()].every((asset) => flow.has(asset))
  if (!same) broken('M8', `reverses ${of} in ${named(flow)}, which moved ${named(was)}`, at)
  for (const [asset, minor] of flow) {
    const whole = was.get(asset) ?? 0n
    if (minor > 0n === whole > 0n) broken('M8', `reverses ${of} the way it went, in ${asset}`, at)
    if (size(minor) > size(whole))
      broken('M8', `reverses ${size(minor)} ${asset} of ${of}, which moved ${size(whole)}`, at)
  }
  checkShares(of, was, flow, at)
}

/** Of two assets: of what is taken from the owner, no larger part than of what is given back. */
function checkShares(
  of: string,
  was: ReadonlyMap<string, bigint>,
  flow: ReadonlyMap<string, bigint>,
  at: string,
): void {
  for (const [given, back] of flow) {
    for (const [taken, minor] of flow) {
      if (back < 0n || minor > 0n) continue
      if (-minor * size(was.get(given) ?? 0n) > back * size(was.get(taken) ?? 0n))
        broken('M8', `reverses more ${taken} of ${of} than its part of ${given}`, at)
    }
  }
}

function size(minor: bigint): bigint {
  return minor < 0n ? -minor : minor
}

function named(flow: ReadonlyMap<string, bigint>): string {
  return [...flow.keys()].sort().join(' and ') || 'nothing'
}
