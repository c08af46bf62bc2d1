// Ways to damage a data folder made from the sample log: one statement each, and what the audit has to call it.

import type { SampleLog } from '../support/sampleLog.ts'

const SPAN = 2 ** 40

export interface Damage {
  readonly what: string
  readonly file: 'journal.db' | 'store.db'
  readonly sql: string
  readonly invariant: string
  readonly at: string
  readonly says: RegExp
}

const account = (name: string, partition = 0): string =>
  `(SELECT id FROM accounts WHERE name = '${name}' AND asset = 'USD' AND id / ${SPAN} = ${partition})`

/** The sample's places: partition 0 ends at 15 (a round at 15 covers all), partition 1 at 7. */
export const damages = ({ alice, carol }: SampleLog): readonly Damage[] => [
  {
    what: 'a batch with other bytes',
    file: 'store.db',
    sql: `UPDATE batches SET bytes = CAST(replace(CAST(bytes AS TEXT), 'thanks', 'THANKS') AS BLOB) WHERE id = 1`,
    invariant: 'J3',
    at: '0:1',
    says: /bytes of this batch/,
  },
  {
    what: 'a closing of no batch',
    file: 'store.db',
    sql: `INSERT INTO closings VALUES (0, 1, 3, '[]')`,
    invariant: 'S1',
    at: '0:15',
    says: /1 closings, 0 at ends of batches/,
  },
  {
    what: 'a batch less',
    file: 'store.db',
    sql: 'DELETE FROM batches WHERE id = 5',
    invariant: 'S1',
    at: '0:5',
    says: /missing/,
  },
  {
    what: 'a batch more',
    file: 'store.db',
    sql: `INSERT INTO batches SELECT ${SPAN} + 8, 9, 99, hash, bytes FROM batches WHERE id = 1`,
    invariant: 'S1',
    at: '1:7',
    says: /ahead of the journal/,
  },
  {
    what: 'a batch under another hash',
    file: 'store.db',
    sql: `UPDATE batches SET hash = 'x' WHERE id = 1`,
    invariant: 'S1',
    at: '0:1',
    says: /hash x/,
  },
  {
    what: 'a checkpoint with another hash',
    file: 'store.db',
    sql: `UPDATE checkpoints SET hash = '${'ab'.repeat(32)}' WHERE partition = 0`,
    invariant: 'J3',
    at: '0:15',
    says: /checkpoint/,
  },
  {
    what: 'a checkpoint ahead of the journal',
    file: 'store.db',
    sql: 'UPDATE checkpoints SET seq = 20 WHERE partition = 0',
    invariant: 'S1',
    at: '0:15',
    says: /ahead of the journal/,
  },
  {
    what: 'a checkpoint that no batch ends at',
    file: 'store.db',
    sql: 'UPDATE checkpoints SET seq = 2 WHERE partition = 0',
    invariant: 'S1',
    at: '0:2',
    says: /midst/,
  },
  {
    what: 'an owned balance',
    file: 'store.db',
    sql: `UPDATE balances SET minor = minor + 1 WHERE account = ${account(`2001:${alice}`)}`,
    invariant: 'S1',
    at: '0:15',
    says: /2001:w_alice/,
  },
  {
    what: 'a system balance',
    file: 'store.db',
    sql: `UPDATE balances SET minor = minor + 1 WHERE account = ${account('1002', 1)}`,
    invariant: 'S1',
    at: '1:7',
    says: /1002 USD/,
  },
  {
    what: 'a balance less',
    file: 'store.db',
    sql: `DELETE FROM balances WHERE account = ${account(`2001:${carol}`)}`,
    invariant: 'S1',
    at: '0:15',
    says: /no balance/,
  },
  {
    what: 'a watermark',
    file: 'store.db',
    sql: 'UPDATE watermarks SET number = number - 1 WHERE source = 0 AND destination = 1',
    invariant: 'M4',
    at: '1:7',
    says: /taken from partition 0/,
  },
  {
    what: 'the state of an actor snapshot',
    file: 'store.db',
    sql: `UPDATE actor_snapshots SET state = replace(state, '9125', '9126')`,
    invariant: 'J4',
    at: '0:13',
    says: /wallet\/w_alice.*replay/,
  },
  {
    what: 'the balances of an actor snapshot',
    file: 'store.db',
    sql: `UPDATE actor_snapshots SET balances = replace(balances, '"9125"', '"9126"')`,
    invariant: 'J4',
    at: '0:13',
    says: /2001:w_alice0 USD is 9126/,
  },
  {
    what: 'an actor snapshot less',
    file: 'store.db',
    sql: `DELETE FROM actor_snapshots WHERE actor = (SELECT id FROM actors WHERE name = 'wallet/${alice}')`,
    invariant: 'J4',
    at: '0:13',
    says: /no snapshot covers/,
  },
  {
    what: 'an actor snapshot of the future',
    file: 'store.db',
    sql: `UPDATE actor_snapshots SET seq = 99 WHERE actor = (SELECT id FROM actors WHERE name = 'wallet/${alice}')`,
    invariant: 'J4',
    at: '0:99',
    says: /ahead of the journal/,
  },
  {
    what: 'an actor snapshot that is older than it says',
    file: 'store.db',
    sql: `UPDATE actor_snapshots SET seq = 10 WHERE actor = (SELECT id FROM actors WHERE name = 'wallet/${alice}')`,
    invariant: 'J4',
    at: '0:10',
    says: /replay/,
  },
  ...(['balances', 'watermarks', 'numbered', 'outbox', 'timers'] as const).map((field) => ({
    what: `the ${field} of a partition snapshot`,
    file: 'store.db' as const,
    sql: `UPDATE partition_snapshots SET snapshot = json_insert(snapshot, '$.${field}[#]', 'x') WHERE partition = 0`,
    invariant: 'J4',
    at: '0:15',
    says: new RegExp(`^${field} of the partition snapshot`),
  })),
  {
    what: 'the seq of a partition snapshot',
    file: 'store.db',
    sql: 'UPDATE partition_snapshots SET seq = 14 WHERE partition = 0',
    invariant: 'J4',
    at: '0:14',
    says: /midst/,
  },
  {
    what: 'an entry',
    file: 'store.db',
    sql: 'UPDATE entries SET amount_minor = 5 WHERE id = 1',
    invariant: 'S1',
    at: '0:3',
    says: /entry row 1/,
  },
  {
    what: 'the last entry',
    file: 'store.db',
    sql: 'DELETE FROM entries WHERE id = (SELECT max(id) FROM entries)',
    invariant: 'S1',
    at: '0:15',
    says: /no entry of 2001:w_carol/,
  },
  {
    what: 'an entry on another chain',
    file: 'store.db',
    sql: 'UPDATE entries SET previous = 0 WHERE previous > 0',
    invariant: 'S1',
    at: '0:4',
    says: /follows 0/,
  },
  {
    what: 'the end of a chain',
    file: 'store.db',
    sql: `UPDATE balances SET last_entry = 1 WHERE account = ${account(`2001:${carol}`)}`,
    invariant: 'S1',
    at: '0:15',
    says: /history of 2001:w_carol/,
  },
  {
    what: 'the outcome of a key',
    file: 'store.db',
    sql: 'UPDATE keys SET refused = NULL WHERE refused IS NOT NULL',
    invariant: 'M6',
    at: '1:5',
    says: /keys of wallet\/w_bob/,
  },
  {
    what: 'a key less',
    file: 'store.db',
    sql: 'DELETE FROM keys WHERE id = 1',
    invariant: 'M6',
    at: '0:13',
    says: /keys of wallet\/w_alice/,
  },
  {
    what: 'bytes in a commit',
    file: 'journal.db',
    sql: `UPDATE commits SET bytes = CAST(replace(CAST(bytes AS TEXT), '"D","10000"', '"D","10001"') AS BLOB) WHERE id = 1`,
    invariant: 'J3',
    at: '0:3',
    says: /commit 1 is not what was written.*First seen as M2/,
  },
  {
    what: 'a checksum',
    file: 'journal.db',
    sql: 'UPDATE commits SET checksum = 1 WHERE id = 3',
    invariant: 'J3',
    at: '1:4',
    says: /commit 3/,
  },
  {
    what: 'a commit less',
    file: 'journal.db',
    sql: 'DELETE FROM commits WHERE id = 3',
    invariant: 'J3',
    at: '1:4',
    says: /commit 3 is missing/,
  },
]
