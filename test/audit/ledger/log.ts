// The store's copy of the log damaged: records and batches.

import type { Document } from 'mongodb'
import { type LedgerDamage, more } from './damage.ts'

const hasMoney = ({ accounts }: Document): boolean => accounts.length > 0

export const LOG: readonly LedgerDamage[] = [
  {
    what: "a record's line",
    collection: 'records',
    which: hasMoney,
    change: (found) => ({ ...found, line: found.line.replace('USD', 'USX') }),
    invariant: 'J3',
    at: '<id>',
    says: /^records: line of this one.*USX.*USD/,
  },
  {
    what: 'the accounts a record is found by',
    collection: 'records',
    which: hasMoney,
    change: (found) => ({ ...found, accounts: [] }),
    invariant: 'S1',
    at: '<id>',
    says: /^records: accounts/,
  },
  {
    what: 'the key a record is found by',
    collection: 'records',
    which: ({ key }) => key !== undefined,
    change: (found) => ({ ...found, key: 'another' }),
    invariant: 'S1',
    at: '<id>',
    says: /^records: key.*another/,
  },
  {
    what: "a record's time",
    collection: 'records',
    change: (found) => ({ ...found, at: new Date(found.at.getTime() + 1) }),
    invariant: 'S1',
    at: '<id>',
    says: /^records: at/,
  },
  {
    what: 'a record less',
    collection: 'records',
    which: hasMoney,
    change: () => null,
    invariant: 'S1',
    at: '<id>',
    says: /^records: missing/,
  },
  {
    what: 'a record that the journal has not',
    collection: 'records',
    change: (found) => ({ ...found, _id: `${found._id.slice(0, 5)}000000000099999` }),
    invariant: 'S1',
    says: /ahead of the journal: it has records through 99999/,
  },
  {
    what: "a record's shape",
    collection: 'records',
    change: (found) => ({ ...found, line: 7 }),
    invariant: 'S1',
    at: 'ledger:end',
    says: /of records has another shape \(line/,
  },
  {
    what: "a batch's hash",
    collection: 'batches',
    change: (found) => ({ ...found, hash: 'ab'.repeat(32) }),
    invariant: 'S1',
    at: '<id>',
    says: /^batches: hash.*abab/,
  },
  {
    what: "a batch's header",
    collection: 'batches',
    change: (found) => ({ ...found, header: found.header.replace('"v":1', '"v":2') }),
    invariant: 'J3',
    at: '<id>',
    says: /^batches: header/,
  },
  {
    what: "a batch's position",
    collection: 'batches',
    change: (found) => ({ ...found, position: more(found.position, 1) }),
    invariant: 'S1',
    at: '<id>',
    says: /^batches: position/,
  },
  {
    what: 'a batch less',
    collection: 'batches',
    change: () => null,
    invariant: 'S1',
    at: '<id>',
    says: /^batches: missing/,
  },
  {
    what: 'a batch in the midst of another',
    collection: 'batches',
    which: ({ _id, lastSeq }) => Number(lastSeq) > Number(_id.slice(5)),
    change: (found) => ({ ...found, _id: `${found._id.slice(0, 5)}${String(found.lastSeq).padStart(15, '0')}` }),
    invariant: 'S1',
    says: /^batches: the store has this one, which the journal has not/,
  },
]
