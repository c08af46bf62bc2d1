// What a token answers to each command in each of its states, as a table; and what it writes is read again.

import { expect } from 'chai'
import type { NftCommand, NftEvent } from '../../actors/nft/commands.ts'
import { nftKind } from '../../actors/nft/kind.ts'
import type { Nft } from '../../actors/nft/state.ts'
import { actorIdOf, assetOfActor, tokenOf } from '../../actors/nft/token.ts'
import { type Decision, RETURN_ENVELOPE } from '../../actors/runtime/actor.ts'
import { Balances, postOwned, postSystem, stage } from '../../actors/runtime/books.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { isId, type RecordId, type UserId, type WalletId } from '../../shared/ids.ts'
import { DEFAULT_PRICES, fixedRates } from '../../shared/rates.ts'
import { RULES } from '../../shared/rules.ts'
import { tokenCode } from '../support/nftLog.ts'
import { START_MS } from '../support/walletBench.ts'

const ASSET = tokenCode(42)
const ID = ASSET.slice(4)
const ANN = 'w_annannann' as WalletId
const BY = 'u_admin' as UserId

const sending = (kind: 'mint' | 'deliver', barrier: ErrorCode | null = null): NftCommand => ({
  ...{ kind, to: ANN, by: BY, reason: 'prize', barrier },
})
const MINT = sending('mint')
const DELIVER = sending('deliver')
const BURN: NftCommand = { kind: 'burn', by: BY, reason: 'a mistake' }
const RETURNED: NftCommand = {
  ...{ kind: 'returned', code: 'wallet.closed', original: '3-1' as RecordId, from: `wallet/${ANN}` },
}

class TokenBench {
  nft: Nft = nftKind.initial(ID)
  readonly own = new Balances()
  readonly system = new Balances()
  private seq = 0

  run(command: NftCommand): Decision<NftEvent> {
    const recordId = `3-${this.seq + 1}` as RecordId // of the form recordId() gives
    const rates = fixedRates(DEFAULT_PRICES)
    const ctx = { nowMs: START_MS + this.seq, recordId, partition: 3, self: ID, rates, newId: () => 'none' }
    const decision = nftKind.decide(this.nft, command, ctx)
    if (decision.kind === 'rejected') return decision
    const entries = stage(decision.postings, `nft/${ID}`, this.own, this.system)
    postOwned(entries, this.own)
    postSystem(entries, this.system)
    for (const event of decision.events) {
      const written = JSON.parse(JSON.stringify(nftKind.encodeEvent(event)))
      expect(nftKind.decodeEvent(written)).to.deep.equal(event)
      nftKind.evolve(this.nft, event, ctx.nowMs)
    }
    this.seq++
    const stored = JSON.parse(JSON.stringify(nftKind.encodeState(this.nft)))
    expect(nftKind.decodeState(stored)).to.deep.equal(this.nft)
    return decision
  }
}

const STATES: Readonly<Record<string, readonly NftCommand[]>> = {
  new: [],
  sent: [MINT],
  unclaimed: [MINT, RETURNED],
  delivered: [MINT, RETURNED, DELIVER],
  burned: [MINT, RETURNED, BURN],
}

function inState(name: string): TokenBench {
  const bench = new TokenBench()
  for (const command of STATES[name] ?? []) bench.run(command)
  return bench
}

const postings = (decision: Decision<NftEvent>): readonly string[] =>
  decision.kind === 'rejected' ? [] : decision.postings.map((leg) => `${leg.side} ${leg.account} ${leg.amountMinor}`)

describe('NFT: every command in every state', () => {
  const minted = ['debit 1003:137 1', 'credit 2006 1']
  const delivered = [`debit 2007:${ID} 1`, 'credit 2006 1']
  const burned = [`debit 2007:${ID} 1`, 'credit 1003:137 1']
  const table: readonly (readonly [state: string, command: NftCommand, answer: string | readonly string[]])[] = [
    ['new', MINT, minted],
    ['burned', MINT, minted],
    ['sent', MINT, 'nft.already_minted'],
    ['unclaimed', MINT, 'nft.already_minted'],
    ['delivered', MINT, 'nft.already_minted'],
    ['new', DELIVER, 'nft.not_minted'],
    ['burned', DELIVER, 'nft.not_minted'],
    ['sent', DELIVER, 'nft.not_unclaimed'],
    ['unclaimed', DELIVER, delivered],
    ['delivered', DELIVER, 'nft.not_unclaimed'],
    ['new', BURN, 'nft.not_minted'],
    ['burned', BURN, 'nft.not_minted'],
    ['sent', BURN, 'nft.not_unclaimed'],
    ['unclaimed', BURN, burned],
    ['delivered', BURN, 'nft.not_unclaimed'],
    ['sent', RETURNED, ['debit 2006 1', `credit 2007:${ID} 1`]],
    ['delivered', RETURNED, ['debit 2006 1', `credit 2007:${ID} 1`]],
  ]
  for (const [state, command, answer] of table) {
    it(`${state}: ${command.kind} → ${typeof answer === 'string' ? answer : answer.join(', ')}`, () => {
      const decision = inState(state).run(command)
      if (typeof answer === 'string')
        expect(decision).to.deep.equal({ kind: 'rejected', code: answer, remembered: true })
      else expect(postings(decision)).to.deep.equal(answer)
    })
  }

  it('goes to the wallet in an envelope, and is pending until it is there', () => {
    const decision = inState('new').run(MINT)
    expect(decision).to.deep.include({ kind: 'accepted', operation: 'adjustment', reply: { status: 'pending' } })
    expect(decision.kind === 'accepted' && decision.outbox).to.deep.equal([
      { to: `wallet/${ANN}`, name: 'receive', money: { asset: ASSET, amountMinor: 1n }, body: null },
    ])
  })

  it('is not sent where the wallet would not take it, and the key stays free', () => {
    for (const command of [sending('mint', 'wallet.closed'), { ...MINT, barrier: 'wallet.too_many_nfts' } as const]) {
      const bench = inState('new')
      expect(bench.run(command)).to.include({ kind: 'rejected', remembered: false })
      expect(bench.nft.status).to.equal('absent')
    }
    expect(inState('unclaimed').run(sending('deliver', 'wallet.closed'))).to.include({ code: 'wallet.closed' })
    // What it is, is told before what the wallet is.
    expect(inState('sent').run(sending('mint', 'wallet.closed'))).to.include({ code: 'nft.already_minted' })
  })

  it('a wallet’s state and the caller’s name are no part of what is repeated (M6)', () => {
    const text = nftKind.commandText(MINT)
    expect(nftKind.commandText(sending('mint', 'wallet.closed'))).to.equal(text)
    expect(nftKind.commandText({ ...MINT, reason: 'other' } as NftCommand)).to.not.equal(text)
    expect(nftKind.commandText(DELIVER)).to.not.equal(text)
  })

  it('tells what became of a sending that came back (M9)', () => {
    const decision = inState('sent').run(RETURNED)
    const [event] = decision.kind === 'accepted' ? decision.events : []
    expect(event && nftKind.fateOf?.(event)).to.deep.equal({ record: '3-1', fate: 'failed' })
  })

  for (const [name, via] of [
    ['receive', 'envelope'],
    ['returned', 'timer'],
    ['nothing', 'envelope'],
  ] as const) {
    it(`takes no ${via} ${name}`, () => {
      const message = { via, name, money: null, body: null, from: `wallet/${ANN}`, recordId: null }
      expect(() => nftKind.incoming(message)).to.throw(name)
    })
  }

  it('knows a return', () => {
    const body = { code: 'wallet.closed', original: '3-1' }
    const message = { name: RETURN_ENVELOPE, money: { asset: ASSET, amountMinor: 1n }, body, from: `wallet/${ANN}` }
    expect(nftKind.incoming({ via: 'envelope', recordId: '0-7' as RecordId, ...message })).to.deep.equal(RETURNED)
  })
})

describe('NFT: names', () => {
  it('asset and actor are names of each other', () => {
    const token = tokenOf(ASSET)
    if (token === null) throw new Error('no token')
    expect(token).to.include({ chain: 137, tokenId: '42', contract: `0x${'ab'.repeat(20)}` })
    expect(assetOfActor(actorIdOf(token))).to.equal(ASSET)
  })

  it('the longest token of every chain has an actor', () => {
    for (const chain of RULES.chains) {
      const token = tokenOf(`NFT:${chain}:0x${'f'.repeat(40)}:${2n ** 256n - 1n}`)
      expect(token !== null && isId(actorIdOf(token)), `${chain}`).to.equal(true)
    }
  })

  for (const asset of ['USD', 'NFT', `NFT:1:0x${'ab'.repeat(20)}:${2n ** 256n}`])
    it(`${asset} is no token`, () => expect(tokenOf(asset)).to.equal(null))
})
