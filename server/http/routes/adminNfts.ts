// NFTs for staff: minted by an admin into a wallet, looked for by all of them, and what no wallet took delivered again or
// burned. A token is named by its asset code, or by chain, contract and token id; the contract's case says nothing.

import { z } from 'zod'
import type { NftOrder, NftStaffService } from '../../../actors/nft/service.ts'
import { type Token, tokenOf } from '../../../actors/nft/token.ts'
import { assetCode, findAsset } from '../../../shared/assets.ts'
import { isWalletId, type WalletId } from '../../../shared/ids.ts'
import { memoText } from '../../../shared/walletMessages.ts'
import type { Caller } from '../../identity/tokens.ts'
import { type Answer, changed, ok, type Refusal, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema } from '../schemas.ts'
import { nftBody, nftSchema } from './adminNftForms.ts'
import { staffKey } from './staffOrders.ts'

const assetText = z
  .string()
  .max(160)
  .meta({ description: 'NFT:<chain id>:<contract>:<token id>', examples: [`NFT:137:0x${'ab'.repeat(20)}:42`] })

const reasonText = memoText
  .min(1)
  .meta({ description: 'of the matter, not of the person: it stays in the ledger for ever' })

const walletText = z.string().max(64)
const params = z.object({ asset: assetText })
const key = { idempotency_key: idempotencyKeySchema }

const mintBody = z.object({
  asset: assetText.optional(),
  chain_id: z.int().positive().optional(),
  contract: z.string().max(64).optional(),
  token_id: z.string().max(80).optional().meta({ description: 'a decimal number; a string, for it may be very large' }),
  wallet_id: walletText,
  reason: reasonText,
  ...key,
})

const receiptSchema = z.object({
  asset: z.string(),
  record: z.string().meta({ description: 'the record that did it' }),
  status: z.enum(['pending', 'confirmed']).meta({ description: 'pending: on its way to the wallet' }),
})

const ERRORS = [
  ...(['invalid_request', 'idempotency_key_required', 'idempotency_mismatch', 'asset.unknown'] as const),
  ...(['nft.unknown_chain', 'rate_limited', 'overloaded', 'unavailable'] as const),
] as const
const WALLET_ERRORS = ['wallet.unknown_recipient', 'wallet.closed', 'wallet.too_many_nfts'] as const

export function adminNftRoutes(nfts: NftStaffService): readonly Route[] {
  return [mintRoute(nfts), readRoute(nfts), deliverRoute(nfts), burnRoute(nfts)]
}

const ORDER = {
  method: 'POST',
  tag: 'admin',
  auth: 'staff',
  staff: ['admin'],
  rate: 'general',
  idempotent: true,
} as const

function mintRoute(nfts: NftStaffService): Route {
  return defineRoute({
    ...ORDER,
    path: '/admin/nfts',
    summary: 'Take a token into custody and send it to a wallet; once, unless it is burned',
    body: mintBody,
    responses: { 200: receiptSchema },
    errors: [...ERRORS, ...WALLET_ERRORS, 'nft.already_minted'],
    handle({ body, caller, key, requestId }) {
      const token = tokenNamed(body)
      if ('kind' in token) return token
      return send(nfts, 'mint', token, { body, caller, key, requestId })
    },
  })
}

function readRoute(nfts: NftStaffService): Route {
  return defineRoute({
    method: 'GET',
    path: '/admin/nfts/{asset}',
    tag: 'admin',
    summary: 'A token: minted, unclaimed or neither, by whom and when, and who has it as far as the ledger knows',
    auth: 'staff',
    rate: 'general',
    params,
    responses: { 200: nftSchema },
    errors: [
      ...(['asset.unknown', 'nft.unknown_chain', 'ledger.past_not_ready'] as const),
      ...(['rate_limited', 'overloaded', 'unavailable'] as const),
    ],
    async handle({ params: { asset } }) {
      const token = readToken(asset)
      if (token === null) return refuse('asset.unknown')
      const answer = await nfts.inspect(token)
      return answer.kind === 'refused' ? answer : ok(nftBody(token, answer.found))
    },
  })
}

function deliverRoute(nfts: NftStaffService): Route {
  return defineRoute({
    ...ORDER,
    path: '/admin/nfts/{asset}/deliver',
    summary: 'Send a token that came back unclaimed to a wallet',
    params,
    body: z.object({ wallet_id: walletText, reason: reasonText, ...key }),
    responses: { 200: receiptSchema },
    errors: [...ERRORS, ...WALLET_ERRORS, 'nft.not_minted', 'nft.not_unclaimed'],
    handle({ params: { asset }, ...call }) {
      const token = readToken(asset)
      return token === null ? refuse('asset.unknown') : send(nfts, 'deliver', token, call)
    },
  })
}

function burnRoute(nfts: NftStaffService): Route {
  return defineRoute({
    ...ORDER,
    path: '/admin/nfts/{asset}/burn',
    summary: 'Take a token that came back unclaimed out of custody; it may be minted again',
    params,
    body: z.object({ reason: reasonText, ...key }),
    responses: { 200: receiptSchema },
    errors: [...ERRORS, 'nft.not_minted', 'nft.not_unclaimed'],
    async handle({ params: { asset }, body: { reason }, ...call }) {
      const token = readToken(asset)
      if (token === null) return refuse('asset.unknown')
      return done(nfts, token, { kind: 'burn', by: call.caller.userId, reason }, call)
    },
  })
}

interface OrderCall {
  readonly caller: Caller
  readonly key: string
  readonly requestId: string
}

function send(
  nfts: NftStaffService,
  kind: 'mint' | 'deliver',
  token: Token,
  { body, ...call }: OrderCall & { readonly body: { readonly wallet_id: string; readonly reason: string } },
): Answer | Promise<Answer> {
  const { wallet_id: to, reason } = body
  if (!isWalletId(to)) return refuse('wallet.unknown_recipient')
  // Nobody of staff gives to a wallet of their own.
  if (to === call.caller.walletId) return refuse('forbidden')
  return done(nfts, token, { kind, to, by: call.caller.userId, reason }, call)
}

async function done(nfts: NftStaffService, token: Token, order: NftOrder, call: OrderCall): Promise<Answer> {
  const outcome = await nfts.order(token, order, staffKey(call.caller, call.key), call.requestId)
  if (outcome.kind === 'refused') return outcome
  const { transactionId: record } = outcome.receipt
  const { asset } = token
  const status = order.kind === 'burn' ? 'confirmed' : 'pending'
  return changed({ asset, record, status } satisfies z.input<typeof receiptSchema>, {
    before: null,
    after: { record, order: order.kind, asset, ...walletOf(order) },
  })
}

function walletOf(order: NftOrder): { readonly wallet?: WalletId } {
  return order.kind === 'burn' ? {} : { wallet: order.to }
}

/** Null for what is no NFT. */
function readToken(text: string): Token | null {
  const asset = findAsset(assetCode(text))
  return asset?.type === 'nft' ? tokenOf(asset.code) : null
}

function tokenNamed(body: z.output<typeof mintBody>): Token | Refusal {
  const { asset, chain_id: chain, contract, token_id: tokenId } = body
  const parts = [chain, contract, tokenId].filter((part) => part !== undefined).length
  if (asset === undefined && parts < 3) return refuseField('asset', 'is needed, or chain_id, contract and token_id')
  if (asset !== undefined && parts > 0) return refuseField('asset', 'names the token alone')
  const token = readToken(asset ?? `NFT:${chain}:${contract}:${tokenId}`)
  return token ?? refuse('asset.unknown', { details: { asset: 'names no token' } })
}
