// The desk of withdrawals: what is open, found by the store and shown as the wallets have it now.

import { z } from 'zod'
import type { WalletStaffService, WithdrawalPage } from '../../../actors/wallet/service.ts'
import type { Identity } from '../../identity/port.ts'
import { ok, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeSchema, timeText } from '../schemas.ts'
import { pageQuery, readCursor, unreadableSchema } from './adminPages.ts'
import { withdrawalBody, withdrawalSchema } from './adminWalletForms.ts'

const OPEN = ['requested', 'reviewing', 'approved', 'processing'] as const

const query = z.object({ status: z.enum(OPEN).optional(), ...pageQuery })

const listSchema = z
  .object({
    withdrawals: z.array(
      withdrawalSchema.extend({ wallet_id: z.string(), user_id: z.string().nullable() }).meta({ id: 'OpenWithdrawal' }),
    ),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'null at the end; a page may be short, or empty, before it' }),
    unreadable: unreadableSchema,
    as_of: timeSchema.meta({
      description: 'of the states; one just asked for may be missing where another process serves its wallet',
    }),
  })
  .meta({ id: 'OpenWithdrawals' })

export function adminWithdrawalRoutes(
  wallets: WalletStaffService,
  identity: Pick<Identity, 'findDestination'>,
): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/withdrawals',
      tag: 'admin',
      summary: 'Withdrawals that have not come to their end',
      auth: 'staff',
      rate: 'general',
      query,
      responses: { 200: listSchema },
      errors: ['invalid_request', 'rate_limited', 'unavailable'],
      async handle({ query: { status, limit, cursor } }) {
        const after = readCursor(cursor)
        if (after === 'none') return refuseField('cursor', 'is none that this list gave')
        const found = await wallets.openWithdrawals(after, limit)
        if (found.kind === 'refused') return found
        const { rows, next, unreadable, asOfMs } = found.page
        const wanted = rows.filter((row) => status === undefined || row.status === status)
        return ok({
          withdrawals: await Promise.all(wanted.map((row) => bodyOf(row, identity))),
          next_cursor: next,
          unreadable: [...unreadable],
          as_of: timeText(asOfMs),
        } satisfies z.input<typeof listSchema>)
      },
    }),
  ]
}

async function bodyOf(row: WithdrawalPage['rows'][number], identity: Pick<Identity, 'findDestination'>) {
  const address = (await identity.findDestination(row.destination))?.address ?? null
  return { ...withdrawalBody(row, address), wallet_id: row.walletId, user_id: row.userId }
}
