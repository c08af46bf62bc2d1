// Every page of docs/ledger.md as a question. Wallets, moments and records are spread evenly, and the same in every run.

import type { CausedQuestion, EntriesQuestion, Question, WalletsQuestion } from '../../server/ledger/questions.ts'
import { isWalletId, type WalletId } from '../../shared/ids.ts'
import { START_MS } from '../../test/support/batches.ts'
import { PARTITIONS } from './ledgerStore.ts'

export type Draw = (index: number) => Question

export interface Drawn {
  readonly wallets: readonly string[]
  /** The first is the busy one. */
  readonly lastMs: number
  /** Newest record of each partition. */
  readonly seqs: readonly number[]
}

const NONE = {
  account: null,
  actor: null,
  asset: null,
  operation: null,
  side: null,
  fromMs: null,
  toMs: null,
  minMinor: null,
  maxMinor: null,
  cursor: null,
  limit: 50,
} as const
const everything: EntriesQuestion = { kind: 'entries', ...NONE }
const caused: Omit<CausedQuestion, 'cause'> = { kind: 'caused', ...NONE }
const allWallets: WalletsQuestion = {
  ...{ kind: 'wallets', status: null, kycLevel: null, asset: null, minMinor: null, after: null, limit: 50 },
}

export function ledgerQuestions(drawn: Drawn): Readonly<Record<string, Draw>> {
  return { ...entryQuestions(drawn), ...moneyQuestions(drawn), ...walletQuestions(drawn) }
}

/** `below`: exclusive. */
function spread(index: number, below: number): number {
  return Math.floor(((index * 0.618_033_988_75) % 1) * below)
}

function momentOf({ lastMs }: Drawn, index: number): number {
  return START_MS + 1 + spread(index * 7 + 3, lastMs - START_MS)
}

/** So much of the whole time. */
function windowOf({ lastMs }: Drawn, share: number): number {
  return Math.max(1, Math.round((lastMs - START_MS) * share))
}

function entryQuestions(drawn: Drawn): Readonly<Record<string, Draw>> {
  const { wallets, seqs } = drawn
  const moment = (index: number): number => momentOf(drawn, index)
  const actor = (index: number): string => `wallet/${wallets[spread(index, wallets.length)]}`
  const busy = `wallet/${wallets[0]}`
  const place = (index: number) => {
    const partition = index % PARTITIONS
    return { partition, seq: 1 + spread(index, seqs[partition] ?? 1) }
  }
  return {
    'one record': (index) => ({ kind: 'record', ...place(index) }),
    'entries of a wallet, newest': (index) => ({ ...everything, actor: actor(index) }),
    'entries of a wallet, before a moment': (index) => ({ ...everything, actor: actor(index), toMs: moment(index) }),
    'entries of an account': (index) => ({ ...everything, account: `2001:${actor(index).slice(7)}`, asset: 'USD' }),
    'entries of the busy wallet, before a moment': (index) => ({ ...everything, actor: busy, toMs: moment(index) }),
    'entries of the busy wallet, a type it has not': (index) => {
      return { ...everything, actor: busy, toMs: moment(index), operation: 'refund' }
    },
    'entries of all, a thousandth of the time': (index) => {
      return { ...everything, fromMs: moment(index), toMs: moment(index) + windowOf(drawn, 0.001) }
    },
    'entries of all, a common type': (index) => {
      return { ...everything, fromMs: START_MS, toMs: moment(index), operation: 'transfer' }
    },
    'entries of all, a rare type': (index) => {
      return { ...everything, fromMs: START_MS, toMs: moment(index), operation: 'hold' }
    },
    'entries of all, common amounts': (index) => {
      return { ...everything, fromMs: START_MS, toMs: moment(index), asset: 'USD', minMinor: 10n, maxMinor: 60n }
    },
    'entries of all, two amounts only': (index) => {
      return { ...everything, fromMs: START_MS, toMs: moment(index), asset: 'USD', minMinor: 13n, maxMinor: 14n }
    },
    'entries of all, an amount that none has': (index) => {
      return { ...everything, fromMs: START_MS, toMs: moment(index), asset: 'USD', minMinor: 500n, maxMinor: 600n }
    },
    'entries of all, an asset that none has': (index) => {
      return { ...everything, fromMs: START_MS, toMs: moment(index), asset: 'USDC' }
    },
    'entries of a system account, newest': () => ({ ...everything, account: '2006', fromMs: START_MS }),
    'entries of a system account, none found': (index) => {
      return { ...everything, account: '4001', fromMs: START_MS, toMs: moment(index) }
    },
    'entries by cause, a record': (index) => ({ ...caused, cause: place(index) }),
    'entries by cause, a wallet': (index) => ({ ...caused, cause: { actor: actor(index) } }),
    'entries by cause, a wallet, none wanted': (index) => {
      return { ...caused, cause: { actor: actor(index) }, operation: 'refund' }
    },
  }
}

function moneyQuestions(drawn: Drawn): Readonly<Record<string, Draw>> {
  const { wallets, lastMs } = drawn
  const moment = (index: number): number => momentOf(drawn, index)
  // Not the busy one: all of it is more than a statement holds.
  const account = (index: number): string => `2001:${wallets[1 + spread(index, wallets.length - 1)]}`
  const busy = { kind: 'statement', account: `2001:${wallets[0]}`, asset: 'USD' } as const
  const within = (index: number, share: number) => {
    const fromMs = START_MS + spread(index * 7 + 3, windowOf(drawn, 1 - share))
    return { fromMs, toMs: fromMs + windowOf(drawn, share) }
  }
  return {
    'statement of a wallet, all of it': (index) => {
      return { kind: 'statement', account: account(index), asset: 'USD', fromMs: START_MS, toMs: lastMs }
    },
    'statement of a wallet, a tenth of the time': (index) => {
      return { kind: 'statement', account: account(index), asset: 'USD', ...within(index, 0.1) }
    },
    'statement of the busy wallet': (index) => ({ ...busy, ...within(index, 0.02) }),
    'statement of the busy wallet, as CSV': (index) => ({ ...busy, ...within(index, 0.02) }),
    'statement of the busy wallet, as a page': (index) => ({ ...busy, ...within(index, 0.02) }),
    'balance of a wallet, now': (index) => ({ kind: 'balance', account: account(index), asset: 'USD', atMs: null }),
    'balance of a wallet, as of a moment': (index) => {
      return { kind: 'balance', account: account(index), asset: 'USD', atMs: moment(index) }
    },
    'balance of a system account, as of a moment': (index) => {
      return { kind: 'balance', account: '1002', asset: 'USD', atMs: moment(index) }
    },
    'trial balance, now': () => ({ kind: 'trial', asset: null, atMs: null }),
    'trial balance, as of a moment': (index) => ({ kind: 'trial', asset: null, atMs: moment(index) }),
  }
}

function walletQuestions({ wallets }: Drawn): Readonly<Record<string, Draw>> {
  const wallet = (index: number): WalletId | null => {
    const id = wallets[spread(index, wallets.length)] ?? ''
    return isWalletId(id) ? id : null
  }
  const holds = { kind: 'holds', walletId: null, expiresBeforeMs: null, after: null, limit: 100 } as const
  return {
    'wallets, 50 of all': (index) => ({ ...allWallets, after: wallet(index) }),
    'wallets, with a balance that half have': (index) => {
      return { ...allWallets, after: wallet(index), asset: 'USD', minMinor: 1_000_000n }
    },
    'wallets, with a status that none has': (index) => ({ ...allWallets, after: wallet(index), status: 'frozen' }),
    'open holds, the first of all': () => holds,
    'open holds of a wallet': (index) => ({ ...holds, walletId: wallet(index) }),
  }
}
