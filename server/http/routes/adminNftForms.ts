// How a token reads on the wire of staff.

import { z } from 'zod'
import type { NftInspection, NftLocation } from '../../../actors/nft/service.ts'
import type { Deed } from '../../../actors/nft/state.ts'
import type { Token } from '../../../actors/nft/token.ts'
import { timeSchema, timeText } from '../schemas.ts'
import { basisBody, basisForm } from './adminLedgerForms.ts'

const deedForm = { record: z.string(), at: timeSchema, by: z.string(), reason: z.string() }

const locationSchema = z.object({
  state: z
    .enum(['available', 'held', 'pending_withdrawal', 'escrow', 'unclaimed', 'in_transit', 'gone', 'followed'])
    .meta({
      description:
        'in_transit: sent to `actor`, which had not taken it; gone: left that account and went to nobody; followed: passed on too often to be followed further, `actor` is how far it was',
    }),
  actor: z.string().meta({ description: 'whose account has it: wallet/w_… for a wallet' }),
  account: z.string().nullable(),
  record: z.string().meta({ description: 'the record that says so' }),
  since: timeSchema.nullable(),
})

export const nftSchema = z
  .object({
    asset: z.string(),
    chain_id: z.int(),
    contract: z.string(),
    token_id: z.string(),
    status: z.enum(['absent', 'minted', 'unclaimed']).meta({
      description: 'absent: never minted, or burned; unclaimed: the wallet it was sent to did not take it',
    }),
    minted: z.object(deedForm).nullable(),
    sent: z
      .object({ ...deedForm, wallet_id: z.string() })
      .nullable()
      .meta({ description: 'the last time staff sent it' }),
    returned: z
      .object({ record: z.string(), at: timeSchema, code: z.string(), actor: z.string() })
      .nullable()
      .meta({ description: 'why it came back' }),
    burned: z.object(deedForm).nullable().meta({ description: 'the last time' }),
    location: locationSchema.nullable().meta({ description: 'null for a token that is not minted' }),
    version: z.int(),
    ...basisForm,
  })
  .meta({ id: 'Nft' })

export function nftBody(token: Token, found: NftInspection): z.input<typeof nftSchema> {
  const { asset, chain, contract, tokenId } = token
  const { view, version, location } = found
  const { status, minted, sent, returned, burned } = view
  return {
    asset,
    chain_id: chain,
    contract,
    token_id: tokenId,
    status: status === 'sent' ? 'minted' : status,
    minted: minted === null ? null : deedBody(minted),
    sent: sent === null ? null : { ...deedBody(sent), wallet_id: sent.to },
    returned:
      returned === null
        ? null
        : { record: returned.record, at: timeText(returned.atMs), code: returned.code, actor: returned.from },
    burned: burned === null ? null : deedBody(burned),
    location: location === null ? null : locationBody(location),
    version,
    ...basisBody(found),
  }
}

function deedBody({ record, atMs, by, reason }: Deed) {
  return { record, at: timeText(atMs), by, reason }
}

/** What it means to lie on an account of this code. */
const STATES = {
  '2001': 'available',
  '2002': 'escrow',
  '2003': 'pending_withdrawal',
  '2005': 'held',
  '2007': 'unclaimed',
} as const

function locationBody({ state, actor, account, record, atMs }: NftLocation): z.input<typeof locationSchema> {
  return {
    state: state === 'account' ? stateOn(account ?? '') : state,
    actor,
    account,
    record,
    since: atMs === null ? null : timeText(atMs),
  }
}

function stateOn(account: string): (typeof STATES)[keyof typeof STATES] {
  const code = account.slice(0, 4)
  if (!isKnown(code)) throw new Error(`no NFT can lie on ${account}`)
  return STATES[code]
}

function isKnown(code: string): code is keyof typeof STATES {
  return Object.hasOwn(STATES, code)
}
