// What the store made of the log damaged: actors, keys, checkpoints, partition snapshots, and what became of money sent.

import type { Document } from 'mongodb'
import { firstOf, inV, type LedgerDamage, more } from './damage.ts'

const isWallet = ({ v }: Document): boolean => v !== undefined && v.balances.length > 0
const hasKeys = ({ k }: Document): boolean => k !== undefined && k.keys.length > 0

export const ACTORS: readonly LedgerDamage[] = [
  {
    what: "a balance of an actor's snapshot",
    collection: 'actors',
    which: isWallet,
    change: (found) =>
      inV(found, { balances: found.v.balances.map((row: Document) => ({ ...row, minor: `${row.minor}1` })) }),
    invariant: 'J4',
    says: /snapshot of wallet\/w_.* is not what replay gives: 2001:w_/,
  },
  {
    what: "the state of an actor's snapshot",
    collection: 'actors',
    which: isWallet,
    change: (found) => inV(found, { state: found.v.state.replace('USD', 'USX') }),
    invariant: 'J4',
    says: /snapshot of wallet\/w_.* is not what replay gives/,
  },
  {
    what: 'an actor less',
    collection: 'actors',
    which: isWallet,
    change: () => null,
    invariant: 'J4',
    says: /no snapshot covers the last change of wallet\/w_/,
  },
  {
    what: 'an actor snapshot of the future',
    collection: 'actors',
    which: isWallet,
    change: (found) => inV(found, { s: more(found.v.s, 99_999) }),
    invariant: 'J4',
    says: /ahead of the journal/,
  },
  {
    what: 'the outcome of a new key',
    collection: 'actors',
    which: hasKeys,
    change: (found) => ({ ...found, k: { ...found.k, keys: firstOf(found.k.keys, { refused: 'no' }) } }),
    invariant: 'M6',
    says: /keys of wallet\/w_/,
  },
  {
    what: 'how far the keys of an actor go',
    collection: 'actors',
    which: hasKeys,
    change: (found) => ({ ...found, k: { ...found.k, s: more(found.k.s, 1) } }),
    invariant: 'M6',
    says: /keys of wallet\/w_/,
  },
  {
    what: 'the outcome of an old key',
    collection: 'keys',
    change: (found) => ({ ...found, keys: firstOf(found.keys, { reply: '{}' }) }),
    invariant: 'M6',
    says: /keys of wallet\/w_/,
  },
  {
    what: 'old keys less',
    collection: 'keys',
    change: () => null,
    invariant: 'M6',
    says: /keys of wallet\/w_.*in the store/,
  },
]

export const PARTITIONS: readonly LedgerDamage[] = [
  {
    what: 'a checkpoint beyond the journal',
    collection: 'checkpoints',
    change: (found) => inV(found, { s: more(found.v.s, 1_000) }),
    invariant: 'S1',
    says: /ahead of the journal: its checkpoint/,
  },
  {
    what: "a checkpoint's hash",
    collection: 'checkpoints',
    change: (found) => inV(found, { hash: 'ab'.repeat(32) }),
    invariant: 'J3',
    says: /checkpoint holds hash abab/,
  },
  {
    what: "a checkpoint's position",
    collection: 'checkpoints',
    change: (found) => inV(found, { position: more(found.v.position, 1) }),
    invariant: 'S1',
    says: /checkpoint is at position/,
  },
  {
    what: 'a watermark',
    collection: 'checkpoints',
    which: ({ v }) => v.watermarks.length > 0,
    change: (found) =>
      inV(found, { watermarks: firstOf(found.v.watermarks, { number: more(found.v.watermarks[0].number, 1) }) }),
    invariant: 'M4',
    says: /as taken from partition/,
  },
  {
    what: 'balances of a partition snapshot',
    collection: 'partitions',
    which: ({ v }) => !v.text.includes('"balances":[]'),
    change: (found) => inV(found, { text: JSON.stringify({ ...JSON.parse(found.v.text), balances: [] }) }),
    invariant: 'J4',
    says: /balances of the partition snapshot/,
  },
  {
    what: 'a partition snapshot that is torn',
    collection: 'partitions',
    change: (found) => inV(found, { text: found.v.text.slice(0, -1) }),
    invariant: 'J4',
    says: /partition snapshot is no JSON/,
  },
  {
    what: 'parts of a partition snapshot that are not there',
    collection: 'partitions',
    change: (found) => inV(found, { parts: 2 }),
    invariant: 'J4',
    says: /parts of the partition snapshot are missing/,
  },
  {
    what: 'money that came back, told as parked',
    collection: 'unsettled',
    change: (found) => ({ ...found, state: 1 }),
    invariant: 'S1',
    at: '<id>',
    says: /the journal has this as failed, the store pending/,
  },
  {
    what: 'money that came back, not told of',
    collection: 'unsettled',
    change: () => null,
    invariant: 'S1',
    at: '<id>',
    says: /the journal has this as failed, the store settled/,
  },
  {
    what: 'money that did not come back, told as if it had',
    collection: 'unsettled',
    change: (found) => ({ ...found, _id: `${found._id.slice(0, 5)}000000000000001` }),
    invariant: 'S1',
    says: /the store has this as failed, the journal settled/,
  },
]
