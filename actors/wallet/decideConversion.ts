// A conversion is one record, balanced in each of its two assets (M2): what is paid goes to the conversion position 3002,
// or for credits, which nobody takes back, to their sales 4003; what is bought comes out of 3002.
//
// The owner gets what the amount buys, rounded down to a minor unit, and pays the least that buys it: what would buy less
// than a minor unit more stays in the wallet. Where that price had to be rounded up itself, the minor unit goes to 6001.

import { type AssetSpec, findAsset } from '../../shared/assets.ts'
import { exchanged, priceOf, rateBetween, rateText } from '../../shared/rates.ts'
import { RULES } from '../../shared/rules.ts'
import { accept, type DecideContext, type Decision, refuseInput, reject } from '../runtime/actor.ts'
import type { Posting } from '../runtime/record.ts'
import type { WalletCommand, WalletEvent } from './commands.ts'
import { owes } from './debts.ts'
import { available, move, wouldOverflow } from './postings.ts'
import { availableMinor, openQuotes, type Wallet } from './state.ts'

const POSITION = '3002'
const CREDIT_SALES = '4003'
const ROUNDING = '6001'

/** The two assets, or null where the one cannot become the other. */
export function convertible(from: string, to: string): { readonly from: AssetSpec; readonly to: AssetSpec } | null {
  const [paid, bought] = [findAsset(from), findAsset(to)]
  if (paid === null || bought === null || from === to) return null
  const isMoney = (asset: AssetSpec): boolean => asset.type === 'fiat' || asset.type === 'crypto'
  if (!isMoney(paid) || bought.type === 'nft') return null
  return { from: paid, to: bought }
}

export function decideConvert(
  wallet: Wallet,
  command: Extract<WalletCommand, { kind: 'convert' }>,
  ctx: DecideContext,
): Decision<WalletEvent> {
  const { from, to, amountMinor, quote } = command
  const assets = convertible(from, to)
  const rate = quote?.rate ?? rateBetween(ctx.rates, from, to)
  if (assets === null || rate === null) return refuseInput('wallet.not_convertible')
  const receivedMinor = exchanged(amountMinor, assets.from, assets.to, rate)
  if (receivedMinor === 0n) return refuseInput('wallet.below_minimum')
  if (quote !== null) {
    if (wallet.quotes.has(quote.id)) return reject('wallet.quote_used')
    if (quote.expiresAtMs <= ctx.nowMs) return reject('wallet.quote_expired')
    if (openQuotes(wallet, ctx.nowMs) >= RULES.maxUsedQuotes) return { ...reject('overloaded'), remembered: false }
  }
  if (owes(wallet, from)) return reject('wallet.owes')
  if (availableMinor(wallet, from) < amountMinor) return reject('wallet.insufficient_funds')
  if (wouldOverflow(wallet, to, receivedMinor)) return reject('wallet.balance_limit')
  const { cost, roundedUp } = priceOf(receivedMinor, assets.from, assets.to, rate)
  const converted: WalletEvent = {
    kind: 'converted',
    from,
    paidMinor: cost,
    to,
    receivedMinor,
    rate: rateText(rate),
    quote: quote === null ? null : { id: quote.id, expiresAtMs: quote.expiresAtMs },
  }
  return accept('conversion', [converted], {
    postings: [
      ...payment(from, cost, roundedUp ? 1n : 0n, available(wallet), assets.to.type === 'token'),
      ...move(to, receivedMinor, POSITION, available(wallet)),
    ],
    reply: { status: 'confirmed', paid_minor: cost.toString(), received_minor: receivedMinor.toString() },
  })
}

function payment(
  asset: string,
  cost: bigint,
  residue: bigint,
  payer: string,
  buysCredits: boolean,
): readonly Posting[] {
  const price = cost - residue
  const legs: Posting[] = [{ account: payer, asset, side: 'debit', amountMinor: cost }]
  if (price > 0n)
    legs.push({ account: buysCredits ? CREDIT_SALES : POSITION, asset, side: 'credit', amountMinor: price })
  if (residue > 0n) legs.push({ account: ROUNDING, asset, side: 'credit', amountMinor: residue })
  return legs
}
