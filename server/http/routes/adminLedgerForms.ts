// The wire forms of staff's questions about the ledger: what a query may say, and how answers read (CONTRACT: snake_case,
// money as decimal strings, times RFC 3339). Nothing from a query reaches a store but through these.

import { z } from 'zod'
import { accountSpec, accountSubject, isOwned } from '../../../shared/accounts.ts'
import { type AssetSpec, assetCode, findAsset, formatAmount } from '../../../shared/assets.ts'
import { isWalletId } from '../../../shared/ids.ts'
import { isActorKey } from '../../../shared/partition.ts'
import type { Leg } from '../../ledger/ports.ts'
import type { Basis, Place, RecordAnswer } from '../../ledger/questions.ts'
import { moneySchema, timeSchema, timeText } from '../schemas.ts'
import { ENTRY_TYPES, TRANSACTION_TYPES } from './walletForms.ts'

const LIMIT_MAX = 100
const DAY_MS = 24 * 60 * 60 * 1000
const ACCOUNT = /^\d{4}(?::[A-Za-z0-9_.:-]{1,128})?$/
/** Longer than any id of a record: `<partition>:<seq>`, or with a dash as transactions have it. */
const POSITION = /^(0|[1-9]\d{0,3})[:-]([1-9]\d{0,11})$/
const CURSOR = /^(\d{1,15})\.(\d{1,4})\.(\d{1,12})\.(\d{1,6})$/

export const accountSchema = z
  .string()
  .regex(ACCOUNT, { error: 'names no account' })
  .refine((name) => accountSpec(name) !== null, { error: 'is not in the chart of accounts' })
  .meta({ description: 'a code of the chart, and its subject where it has one', examples: ['2001:w_…', '1002'] })

/** An account that one actor owns. */
export const ownedAccountSchema = accountSchema.refine((name) => isOwnedBySomebody(name), {
  error: 'names no account of a wallet, match or tournament',
})

export const walletSchema = z.string().refine(isWalletId, { error: 'names no wallet' })

export const actorSchema = z
  .string()
  .refine(isActorKey, { error: 'is not of the form <kind>/<id>' })
  .meta({ examples: ['wallet/w_…', 'match/m_…'] })

export const assetSchema = z
  .string()
  .max(160)
  .transform(assetCode)
  .refine((code) => findAsset(code) !== null, { error: 'names no asset' })
  .meta({ examples: ['USD', 'USDC'] })

export const momentSchema = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: 'takes a date or an RFC 3339 time' })
  .meta({ description: 'a date (UTC, all of it) or an RFC 3339 time; inclusive' })

export const limitSchema = z
  .string()
  .regex(/^\d{1,3}$/, { error: `takes a whole number from 1 to ${LIMIT_MAX}` })
  .transform(Number)
  .pipe(z.number().min(1).max(LIMIT_MAX))

export const positionSchema = z.string().transform((text, context) => {
  const place = readPosition(text)
  if (place === null) context.addIssue({ code: 'custom', message: 'takes <partition>:<seq>' })
  return place ?? { partition: 0, seq: 0 }
})

/** Null for what names no record. */
export function readPosition(text: string): { readonly partition: number; readonly seq: number } | null {
  const [found, partition, seq] = POSITION.exec(text) ?? []
  return found === undefined ? null : { partition: Number(partition), seq: Number(seq) }
}

export const typeSchema = z.enum(TRANSACTION_TYPES)
export const entryTypeSchema = z.enum(ENTRY_TYPES)

export const CURSOR_TEXT = z
  .string()
  .max(80)
  .regex(/^[A-Za-z0-9_-]+$/)

export const cursorSchema = CURSOR_TEXT.transform((text, context): Place => {
  const [found, atMs, partition, seq, leg] = CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? []
  if (found === undefined) context.addIssue({ code: 'custom', message: 'is no cursor of this list' })
  return { atMs: Number(atMs), partition: Number(partition), seq: Number(seq), leg: Number(leg) }
}).meta({ description: '`next_cursor` of the page before' })

export function cursorText({ atMs, partition, seq, leg }: Place): string {
  return Buffer.from(`${atMs}.${partition}.${seq}.${leg}`, 'latin1').toString('base64url')
}

export function beginOf(moment: string): number {
  return Date.parse(moment)
}

/** A date alone means all of that day. */
export function endOf(moment: string): number {
  return Date.parse(moment) + (moment.length === 'YYYY-MM-DD'.length ? DAY_MS - 1 : 0)
}

/** The end of a moment that is named; of today's date, all of it that has been. */
export function momentOf(moment: string, nowMs: number): number {
  const end = endOf(moment)
  return beginOf(moment) <= nowMs && end !== beginOf(moment) ? Math.min(end, nowMs) : end
}

export const basisForm = {
  as_of: timeSchema.nullable().meta({
    description: 'the moment asked for, or else that of the newest record read; null where there is none',
  }),
  positions: z.array(z.object({ partition: z.int(), seq: z.int() })).meta({
    description: 'the last record that was read of each partition: none is beyond the checkpoint of the store',
  }),
}

export const legSchema = z.object({
  id: z.string().meta({ description: 'of its record: /admin/ledger/records/{id}' }),
  at: timeSchema,
  account: z.string(),
  asset: z.string(),
  type: z.string(),
  entry_type: entryTypeSchema,
  amount: moneySchema,
  balance_after: moneySchema,
})

export function basisBody({ asOfMs, positions }: Basis) {
  return { as_of: asOfMs === null ? null : timeText(asOfMs), positions: positions.map((head) => ({ ...head })) }
}

export function legBody(leg: Leg): z.input<typeof legSchema> {
  const { partition, seq, atMs, account, asset, operation, side, amountMinor, balanceAfterMinor } = leg
  return {
    id: `${partition}:${seq}`,
    at: timeText(atMs),
    account,
    asset,
    type: operation,
    entry_type: side,
    amount: moneyText(amountMinor, asset),
    balance_after: moneyText(balanceAfterMinor, asset),
  }
}

export function moneyText(minor: bigint, asset: string): string {
  const spec: AssetSpec = findAsset(asset) ?? { code: asset, exponent: 0, type: 'token' }
  return formatAmount(minor, spec)
}

export const recordSchema = z.object({
  id: z.string(),
  partition: z.int(),
  seq: z.int(),
  at: timeSchema,
  actor: z.string().meta({ description: 'empty for the record of a new owner' }),
  type: z.string(),
  cause: z.looseObject({ kind: z.enum(['command', 'envelope', 'timer', 'epoch']) }),
  outcome: z.looseObject({ kind: z.enum(['accepted', 'refused', 'parked']) }),
  entries: z.array(legSchema.omit({ id: true, at: true, type: true })),
  outbox: z.array(z.looseObject({ to: z.string(), name: z.string() })),
  events: z.array(z.unknown()).meta({ description: 'as stored' }),
  timers: z.array(z.unknown()),
  reply: z.unknown(),
  batch: z.object({ first_seq: z.int(), last_seq: z.int(), hash: z.string() }),
  ...basisForm,
})

export function recordBody(answer: RecordAnswer): z.input<typeof recordSchema> {
  const { partition, record, batch } = answer.found
  const { seq, atMs, actor, cause, outcome, operation, entries, outbox, events, timers, reply } = record
  return {
    id: `${partition}:${seq}`,
    partition,
    seq,
    at: timeText(atMs),
    actor,
    type: operation,
    cause: causeBody(cause),
    outcome: { ...outcome },
    entries: entries.map(({ account, asset, side, amountMinor, balanceAfterMinor }) => ({
      account,
      asset,
      entry_type: side,
      amount: moneyText(amountMinor, asset),
      balance_after: moneyText(balanceAfterMinor, asset),
    })),
    outbox: outbox.map(({ destination, number, to, name, money, body }) => {
      const amount = money === null ? null : { asset: money.asset, amount: moneyText(money.amountMinor, money.asset) }
      return { destination, number, to, name, money: amount, body }
    }),
    events: [...events],
    timers: timers.map((timer) => ({ ...timer })),
    reply,
    batch: { first_seq: batch.firstSeq, last_seq: batch.lastSeq, hash: batch.hash },
    ...basisBody(answer),
  }
}

/** An envelope's cause names the record that sent it. */
function causeBody(cause: RecordAnswer['found']['record']['cause']) {
  switch (cause.kind) {
    case 'command': {
      const { kind, name, key, hash, requestId } = cause
      return { kind, name, key, hash, request_id: requestId }
    }
    case 'envelope':
      return { kind: cause.kind, number: cause.number, record: `${cause.source}:${cause.seq}` }
    case 'timer':
      return { kind: cause.kind, name: cause.name, due: timeText(cause.dueMs) }
    case 'epoch':
      return { kind: cause.kind }
  }
}

function isOwnedBySomebody(name: string): boolean {
  const spec = accountSpec(name)
  return spec !== null && isOwned(spec) && accountSubject(name) !== ''
}
