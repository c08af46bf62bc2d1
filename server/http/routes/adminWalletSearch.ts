// Finding wallets: one by its id, its owner's id or address, several by the beginning of a name, or by what they are and
// have. Who is named is read from the wallet as it is now; a search through all of them reads the store's snapshots, and
// each row says of when it is.

import { z } from 'zod'
import type { WalletStaffService } from '../../../actors/wallet/service.ts'
import type { WalletView } from '../../../actors/wallet/views.ts'
import { isUserId, isWalletId, type UserId, type WalletId, walletOf } from '../../../shared/ids.ts'
import type { Identity, NamePlace, User } from '../../identity/port.ts'
import type { LedgerDesk } from '../../ledger/ledgerDesk.ts'
import type { StoredWallet, WalletFilter } from '../../ledger/questions.ts'
import { suitsWallet } from '../../ledger/walletsPage.ts'
import { type Answer, ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { amountSchema, readMoney } from '../schemas.ts'
import { assetSchema, limitSchema, walletSchema } from './adminLedgerForms.ts'
import { foundWalletBody, foundWalletsSchema } from './adminWalletForms.ts'

const LIMIT_DEFAULT = 50
const NAMED = ['wallet_id', 'user_id', 'email', 'display_name'] as const
const CURSOR = /^(?:w (\S{1,64})|n (\S{1,64}) (.{1,256}))$/s

/** After this wallet, or after this user of a list by names. */
type Cursor = { readonly wallet: WalletId } | { readonly id: UserId; readonly displayName: string }

const cursorSchema = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9_-]+$/)
  .transform((text, context): Cursor => {
    const [, wallet = '', id = '', displayName = ''] =
      CURSOR.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? []
    if (isWalletId(wallet)) return { wallet }
    if (isUserId(id)) return { id, displayName }
    context.addIssue({ code: 'custom', message: 'is no cursor of this list' })
    return z.NEVER
  })

const querySchema = z.object({
  wallet_id: walletSchema.optional(),
  user_id: z.string().refine(isUserId, { error: 'names no user' }).optional(),
  email: z.string().min(1).max(256).optional().meta({ description: 'the whole address' }),
  display_name: z.string().min(1).max(64).optional().meta({ description: 'how the name begins; case counts' }),
  status: z.enum(['open', 'frozen', 'closed']).optional(),
  kyc_level: z.enum(['0', '1', '2']).optional(),
  asset: assetSchema.optional().meta({ description: 'those that have some of it' }),
  min_balance: amountSchema
    .optional()
    .meta({ description: 'available, held and pending together, inclusive; needs the asset' }),
  cursor: cursorSchema.optional(),
  limit: limitSchema.optional(),
})

type Query = z.output<typeof querySchema>
type Body = z.input<typeof foundWalletsSchema>

interface Parts {
  readonly wallets: Pick<WalletStaffService, 'inspectAll'>
  readonly ledger: LedgerDesk
  readonly identity: Pick<Identity, 'findUser' | 'findUsers' | 'findUsersByName'>
}

export function walletSearchRoute(parts: Parts): Route {
  return defineRoute({
    method: 'GET',
    path: '/admin/wallets',
    tag: 'admin',
    summary: 'Wallets by id, owner, address, name, status, level or what they have',
    auth: 'staff',
    rate: 'general',
    query: querySchema,
    responses: { 200: foundWalletsSchema },
    errors: [
      'invalid_request',
      'amount.malformed',
      'amount.not_positive',
      'amount.too_precise',
      'amount.too_large',
      'rate_limited',
      'overloaded',
      'unavailable',
    ],
    async handle({ query }) {
      const named = NAMED.filter((name) => query[name] !== undefined)
      if (named.length > 1) return refuseField(named[1] ?? '', `and ${named[0]} are not asked together`)
      const filter = filterOf(query)
      if ('kind' in filter) return filter
      const { cursor } = query
      const isOfNames = cursor !== undefined && 'id' in cursor
      if (cursor !== undefined && isOfNames !== (query.display_name !== undefined))
        return refuseField('cursor', 'is one of another list')
      return named.length === 0 ? search(parts, query, filter) : find(parts, query, filter)
    },
  })
}

function filterOf(query: Query): WalletFilter | (Answer & { readonly kind: 'refused' }) {
  const { status, kyc_level, asset, min_balance } = query
  const filter = { status: status ?? null, kycLevel: kyc_level === undefined ? null : Number(kyc_level) }
  if (min_balance === undefined) return { ...filter, asset: asset ?? null, minMinor: null }
  if (asset === undefined) return refuseField('asset', 'is needed to read an amount')
  const money = readMoney(asset, min_balance)
  return money.kind === 'refused' ? money : { ...filter, asset, minMinor: money.amountMinor }
}

/** Through the store's snapshots. */
async function search({ ledger, identity }: Parts, query: Query, filter: WalletFilter): Promise<Answer> {
  const { cursor, limit = LIMIT_DEFAULT } = query
  const after = cursor !== undefined && 'wallet' in cursor ? cursor.wallet : null
  const answer = await ledger.ask({ kind: 'wallets', ...filter, after, limit })
  if (answer.kind === 'refused') return refuse(answer.code)
  const next_cursor = answer.next === null ? null : encoded(`w ${answer.next}`)
  return ok({ wallets: await bodies(answer.rows, identity), next_cursor, unreadable: [] } satisfies Body)
}

/** Those that were named, as they are now. */
async function find({ wallets, ledger, identity }: Parts, query: Query, filter: WalletFilter): Promise<Answer> {
  const { limit = LIMIT_DEFAULT, display_name: name } = query
  const asOfMs = ledger.nowMs()
  const users = await usersOf(identity, query, limit)
  const ids = query.wallet_id === undefined ? users.map(({ id }) => walletOf(id)) : [query.wallet_id]
  const { wallets: found, unreadable } = await wallets.inspectAll(ids)
  const rows = ids.flatMap((walletId): StoredWallet[] => {
    const wallet = found.get(walletId)
    return wallet === undefined || !suitsWallet(wallet.view, filter) ? [] : [{ walletId, ...wallet, asOfMs }]
  })
  const last = name === undefined || users.length < limit ? undefined : users.at(-1)
  const next_cursor = last === undefined ? null : encoded(`n ${last.id} ${last.displayName}`)
  return ok({ wallets: await bodies(rows, identity), next_cursor, unreadable: [...unreadable] } satisfies Body)
}

async function usersOf(identity: Parts['identity'], query: Query, limit: number): Promise<readonly NamePlace[]> {
  const { user_id: id, email, display_name: name, cursor } = query
  if (id !== undefined) return [{ id, displayName: '' }]
  if (email !== undefined) return identity.findUsers({ email, role: null, after: null, limit: 1 })
  if (name === undefined) return []
  return identity.findUsersByName(name, cursor !== undefined && 'id' in cursor ? cursor : null, limit)
}

function bodies(rows: readonly StoredWallet[], identity: Pick<Identity, 'findUser'>) {
  return Promise.all(
    rows.map(async (row) => {
      const user = await ownerOf(row.view, identity)
      return foundWalletBody(row, user?.displayName ?? null)
    }),
  )
}

function ownerOf({ userId }: WalletView, identity: Pick<Identity, 'findUser'>): Promise<User | null> {
  return userId === null ? Promise.resolve(null) : identity.findUser(userId)
}

function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}
