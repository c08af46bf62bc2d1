// The bytes of the log: canonical, read back exactly, and refused where they are damaged.

import { expect } from 'chai'
import fc from 'fast-check'
import {
  CorruptBatchError,
  decodeBatch,
  decodeRecord,
  encodeBatch,
  encodeHeader,
  GENESIS_HASH,
  hashBatch,
  hashText,
} from '../../actors/runtime/codec.ts'
import type {
  BatchHeader,
  Cause,
  Entry,
  Envelope,
  Json,
  LogRecord,
  Outcome,
  TimerChange,
} from '../../actors/runtime/record.ts'
import { encodeRecord } from '../../actors/runtime/recordWriter.ts'

const PARTITION = 5

const id = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,20}$/)
const actor = fc.tuple(fc.constantFrom('wallet', 'match'), id).map(([kind, name]) => `${kind}/${name}`)
const anyText = fc.string({ unit: 'binary', maxLength: 20 })
const seq = fc.integer({ min: 1, max: 2 ** 48 })
const amount = fc.bigInt({ min: 1n, max: 10n ** 15n })
const balance = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const assetCode = fc.constantFrom('USD', 'USDC', 'CREDIT', `NFT:1:0x${'ab'.repeat(20)}:7`)
// What JSON.parse gives back is what was written: -0 is not.
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json)

const cause: fc.Arbitrary<Cause> = fc.oneof(
  fc.record({ kind: fc.constant('command' as const), name: id, key: anyText, hash: id, requestId: anyText }),
  fc.record({ kind: fc.constant('envelope' as const), source: fc.nat(1023), number: seq, seq }),
  fc.record({ kind: fc.constant('timer' as const), name: anyText, dueMs: seq }),
  fc.constant<Cause>({ kind: 'epoch' }),
)
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant<Outcome>({ kind: 'accepted' }),
  fc.record({ kind: fc.constant('refused' as const), code: fc.constantFrom('wallet.frozen', 'wallet.closed') }),
  fc.record({ kind: fc.constant('parked' as const), reason: anyText }),
)
const entry: fc.Arbitrary<Entry> = fc.record({
  account: fc.tuple(fc.constantFrom('2001', '2005', '1002'), id).map(([code, subject]) => `${code}:${subject}`),
  asset: assetCode,
  side: fc.constantFrom('debit' as const, 'credit' as const),
  amountMinor: amount,
  balanceAfterMinor: balance,
})
const timer: fc.Arbitrary<TimerChange> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), name: anyText, dueMs: seq, body: json }),
  fc.record({ kind: fc.constant('cancel' as const), name: anyText }),
)

const record: fc.Arbitrary<LogRecord> = fc
  .record({
    seq,
    atMs: seq,
    actor: fc.oneof(actor, fc.constant('')),
    cause,
    outcome,
    operation: fc.constantFrom('none' as const, 'deposit' as const, 'transfer' as const, 'release' as const),
    events: fc.array(json, { maxLength: 3 }),
    entries: fc.array(entry, { maxLength: 4 }),
    timers: fc.array(timer, { maxLength: 3 }),
    reply: json,
    sends: fc.array(
      fc.record({
        destination: fc.nat(1023),
        number: seq,
        to: actor,
        name: id,
        money: fc.option(fc.record({ asset: assetCode, amountMinor: amount })),
        body: json,
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ sends, ...rest }) => {
    // An envelope's source, seq, time and sender are its record's.
    const fromRecord = { source: PARTITION, seq: rest.seq, atMs: rest.atMs, from: rest.actor }
    return { ...rest, outbox: sends.map((send): Envelope => ({ ...fromRecord, ...send })) }
  })

const header = fc.record({
  epoch: fc.nat(),
  previousHash: fc.stringMatching(/^[0-9a-f]{64}$/),
  delivered: fc.array(fc.tuple(fc.nat(1023), seq), { maxLength: 3 }),
})

/** Records of one batch, numbered without gaps. */
const batch = fc.tuple(header, fc.array(record, { maxLength: 6 }), seq).map(([head, records, first]) => {
  const numbered = records.map((row, index) => {
    const at = first + index
    return { ...row, seq: at, outbox: row.outbox.map((envelope) => ({ ...envelope, seq: at })) }
  })
  const full: BatchHeader = { version: 1, partition: PARTITION, firstSeq: first, count: records.length, ...head }
  return { header: full, records: numbered }
})

const linesOf = (records: readonly LogRecord[]): Buffer => Buffer.from(records.map(encodeRecord).join(''), 'utf8')

describe('codec', () => {
  it('reads back every record it writes, in one line', () => {
    fc.assert(
      fc.property(record, (written) => {
        const line = encodeRecord(written)
        expect(line.indexOf('\n')).to.equal(line.length - 1)
        expect(decodeRecord(line.slice(0, -1), PARTITION)).to.deep.equal(written)
      }),
      { numRuns: 300 },
    )
  })

  it('is canonical: what was read is written as the same bytes (J2)', () => {
    fc.assert(
      fc.property(batch, ({ header: head, records }) => {
        const bytes = encodeBatch(head, linesOf(records))
        const decoded = decodeBatch(bytes)
        expect(decoded).to.deep.equal({ header: head, records })
        expect(Buffer.compare(encodeBatch(decoded.header, linesOf(decoded.records)), bytes)).to.equal(0)
      }),
    )
  })

  it('reads bytes that lie in the middle of a larger buffer', () => {
    fc.assert(
      fc.property(batch, fc.nat(9), ({ header: head, records }, offset) => {
        const bytes = encodeBatch(head, linesOf(records))
        const larger = Buffer.concat([Buffer.alloc(offset, 'x'), bytes, Buffer.alloc(3, 'y')])
        expect(decodeBatch(larger.subarray(offset, offset + bytes.length))).to.deep.equal({ header: head, records })
      }),
      { numRuns: 30 },
    )
  })

  it('damaged bytes are refused as corrupt or read as what they say, never as anything else', () => {
    fc.assert(
      fc.property(batch, fc.nat(), fc.integer({ min: 0, max: 255 }), ({ header: head, records }, where, byte) => {
        const bytes = Buffer.from(encodeBatch(head, linesOf(records)))
        bytes[where % bytes.length] = byte
        try {
          const decoded = decodeBatch(bytes)
          expect(decoded.records).to.have.length(decoded.header.count)
        } catch (error) {
          expect(error).to.be.instanceOf(CorruptBatchError)
        }
      }),
      { numRuns: 500 },
    )
  })

  const good = '{"s":1,"t":2,"a":"wallet/w_abcd","c":["open","","h","r"]}'
  const goodHeader = encodeHeader({
    ...{ version: 1, partition: PARTITION, epoch: 1, previousHash: GENESIS_HASH, firstSeq: 1, count: 1, delivered: [] },
  })
  const corrupt: readonly (readonly [what: string, bytes: string])[] = [
    ['nothing', ''],
    ['one line feed', '\n'],
    ['no line feed at the end', `${goodHeader}${good}`],
    ['a line too many', `${goodHeader}${good}\n${good}\n`],
    ['a line too few', goodHeader],
    ['an empty line', `${goodHeader}\n`],
    ['a header that is null', `null\n${good}\n`],
    ['a header that is a record', `${good}\n${good}\n`],
    ['a record that is null', `${goodHeader}null\n`],
    ['a record that is a number', `${goodHeader}7\n`],
    ['a record that is a list', `${goodHeader}[]\n`],
    ['a torn record', `${goodHeader}${good.slice(0, 30)}\n`],
    ['a record of zeros', `${goodHeader}${'\u0000'.repeat(20)}\n`],
    ['a record without a cause', `${goodHeader}{"s":1,"t":2,"a":"x/y"}\n`],
    ['another seq', `${goodHeader}${good.replace('"s":1', '"s":2')}\n`],
    ['an entry whose amount is no number', `${goodHeader}${good.slice(0, -1)},"en":[["2006","USD","D","x","1"]]}\n`],
    ['entries that are no list', `${goodHeader}${good.slice(0, -1)},"en":7}\n`],
    ['an envelope cut short', `${goodHeader}${good.slice(0, -1)},"out":[[1,2]]}\n`],
  ]
  for (const [what, text] of corrupt) {
    it(`refuses ${what} as corrupt`, () => {
      expect(() => decodeBatch(Buffer.from(text, 'utf8'))).to.throw(CorruptBatchError)
    })
  }

  it('the good lines of that table are good', () => {
    expect(decodeBatch(Buffer.from(`${goodHeader}${good}\n`)).records).to.have.length(1)
  })

  it('hashes are what they always were', () => {
    expect(GENESIS_HASH).to.equal('0'.repeat(64))
    expect(hashBatch(Buffer.from('abc'))).to.equal('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(hashText('abc')).to.equal('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  })

  it('a record’s bytes are what they always were', () => {
    const frozen: LogRecord = {
      seq: 12,
      atMs: 1_767_225_600_000,
      actor: 'wallet/w_alice',
      cause: { kind: 'command', name: 'send', key: 'k"1', hash: 'h', requestId: 'r' },
      outcome: { kind: 'accepted' },
      operation: 'transfer',
      events: [['sent', 'USD', '5', 'w_bobby', 'für\n']],
      entries: [
        { account: '2001:w_alice', asset: 'USD', side: 'debit', amountMinor: 5n, balanceAfterMinor: 95n },
        { account: '2006', asset: 'USD', side: 'credit', amountMinor: 5n, balanceAfterMinor: 5n },
      ],
      outbox: [
        {
          ...{ source: PARTITION, destination: 3, number: 7, seq: 12, atMs: 1_767_225_600_000, from: 'wallet/w_alice' },
          ...{
            to: 'wallet/w_bobby',
            name: 'receive',
            money: { asset: 'USD', amountMinor: 5n },
            body: { memo: 'für\n' },
          },
        },
      ],
      timers: [
        { kind: 'set', name: 'hold:a', dueMs: 9, body: 'a' },
        { kind: 'cancel', name: 'hold:b' },
      ],
      reply: { status: 'pending' },
    }
    expect(encodeRecord(frozen)).to.equal(
      '{"s":12,"t":1767225600000,"a":"wallet/w_alice","c":["send","k\\"1","h","r"],"op":"transfer",' +
        '"ev":[["sent","USD","5","w_bobby","für\\n"]],' +
        '"en":[["2001:w_alice","USD","D","5","95"],["2006","USD","C","5","5"]],' +
        '"out":[[3,7,"wallet/w_bobby","receive",["USD","5"],{"memo":"für\\n"}]],' +
        '"ti":[["hold:a",9,"a"],["hold:b"]],"r":{"status":"pending"}}\n',
    )
  })
})
