// Tokens and wallets over a whole runtime: minted, passed on, held and captured; sent back, delivered again, burned and
// minted anew; through crashes, and up to what a wallet can hold.

import { expect } from 'chai'
import type { NftCommand } from '../../actors/nft/commands.ts'
import type { NftView } from '../../actors/nft/state.ts'
import type { ActorAddress, Answer } from '../../actors/runtime/answers.ts'
import type { WalletView } from '../../actors/wallet/views.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'

const BY = 'u_admin' as UserId

const send = (kind: 'mint' | 'deliver', to: ActorAddress): NftCommand => ({
  ...{ kind, to: to.id as WalletId, by: BY, reason: 'prize', barrier: null },
})
const burn: NftCommand = { kind: 'burn', by: BY, reason: 'a mistake' }

async function stage() {
  const world = await RuntimeWorld.serving({ partitions: 2 })
  const [ann, bob] = [world.address('wallet', 0, 'ann'), world.address('wallet', 1, 'bob')]
  for (const wallet of [ann, bob]) await world.openWallet(wallet)
  return { world, ann, bob, stranger: world.address('wallet', 1, 'nobody'), ...world.token(0) }
}

async function viewOf<View>(world: RuntimeWorld, of: ActorAddress): Promise<View> {
  const pending = world.read(of, { kind: of.kind === 'nft' ? 'state' : 'balance' })
  await world.time.settle()
  if (pending.value.kind === 'refused') throw new Error(`${of.id}: ${pending.value.code}`)
  return pending.value.view as View // of the kind that was asked
}

const outcome = (answer: Answer): string => (answer.kind === 'done' ? 'done' : answer.code)

describe('NFT: over a whole runtime', () => {
  it('is minted once, and the same key answers the same, through a crash', async () => {
    const { world, ann, bob, address, asset } = await stage()
    const first = await world.answer(address, send('mint', ann), 'k1')
    expect(outcome(await world.answer(address, send('mint', bob), 'k2'))).to.equal('nft.already_minted')
    expect(await world.answer(address, send('mint', ann), 'k1')).to.deep.equal(first)
    expect(outcome(await world.answer(address, send('mint', bob), 'k1'))).to.equal('idempotency_mismatch')
    await world.restart()
    expect(await world.answer(address, send('mint', ann), 'k1')).to.deep.equal(first)
    expect(outcome(await world.answer(address, send('mint', bob), 'k3'))).to.equal('nft.already_minted')
    expect(await world.balance(ann, asset)).to.deep.equal({ available: 1n, held: 0n })
    expect(await world.balance(bob, asset)).to.deep.equal({ available: 0n, held: 0n })
    expect(world.inTransit(asset)).to.equal(0n)
  })

  it('is sent, held, released, captured, and leaves no trace in the wallets it went through', async () => {
    const { world, ann, bob, address, asset } = await stage()
    await world.answer(address, send('mint', ann), 'k1')
    const one = { asset, amountMinor: 1n }
    await world.answer(ann, { kind: 'send', to: bob.id as WalletId, ...one, memo: '' }, 's1')
    expect(outcome(await world.answer(ann, { kind: 'send', to: bob.id as WalletId, ...one, memo: '' }, 's2'))).to.equal(
      'wallet.insufficient_funds',
    )
    const hold = { kind: 'hold', name: 'h', ...one, expiresAtMs: world.time.nowMs() + 60_000 } as const
    expect(outcome(await world.answer(bob, hold, 'h1'))).to.equal('done')
    expect(await world.balance(bob, asset)).to.deep.equal({ available: 0n, held: 1n })
    expect(outcome(await world.answer(bob, { ...hold, name: 'g' }, 'h2'))).to.equal('wallet.insufficient_funds')
    await world.answer(bob, { kind: 'release', name: 'h' }, 'r1')
    await world.answer(bob, { ...hold, name: 'i' }, 'h3')
    const capture = { kind: 'capture', name: 'i', to: ann.id as WalletId, releaseRest: true } as const
    expect(outcome(await world.answer(bob, { ...capture, amountMinor: 2n }, 'c1'))).to.equal('wallet.hold_exceeded')
    await world.answer(bob, { ...capture, amountMinor: 1n }, 'c2')
    expect(await world.balance(ann, asset)).to.deep.equal({ available: 1n, held: 0n })
    expect((await viewOf<WalletView>(world, bob)).assets).to.deep.equal([])
    const memory = world.runtime.partition(1)?.peek(`wallet/${bob.id}`)
    expect(memory?.snapshot().balances, 'nor in its books').to.deep.equal([])
  })

  it('what no wallet takes comes back, and is delivered again or burned', async () => {
    const { world, ann, stranger, address, asset } = await stage()
    await world.answer(address, send('mint', stranger), 'k1')
    const back = await viewOf<NftView>(world, address)
    expect([back.status, back.returned?.code]).to.deep.equal(['unclaimed', 'wallet.unknown_recipient'])
    await world.restart()
    await world.answer(address, send('deliver', stranger), 'd1')
    await world.time.advance(2_000)
    expect((await viewOf<NftView>(world, address)).status).to.equal('unclaimed')
    expect(outcome(await world.answer(address, burn, 'b1'))).to.equal('done')
    expect(outcome(await world.answer(address, burn, 'b2'))).to.equal('nft.not_minted')
    expect((await viewOf<NftView>(world, address)).burned?.reason).to.equal('a mistake')
    expect(outcome(await world.answer(address, send('mint', stranger), 'k2'))).to.equal('done')
    expect(outcome(await world.answer(address, send('deliver', ann), 'd2'))).to.equal('done')
    expect(await world.balance(ann, asset)).to.deep.equal({ available: 1n, held: 0n })
    expect(outcome(await world.answer(address, burn, 'b3'))).to.equal('nft.not_unclaimed')
    expect(world.inTransit(asset)).to.equal(0n)
  })

  it('a frozen wallet takes one, a closed one does not', async () => {
    const { world, ann, bob, address, asset } = await stage()
    await world.answer(ann, { kind: 'freeze', reason: 'looked at' }, 'f')
    await world.answer(bob, { kind: 'close' }, 'c')
    await world.answer(address, send('mint', bob), 'k1')
    expect((await viewOf<NftView>(world, address)).returned?.code).to.equal('wallet.closed')
    await world.answer(address, send('deliver', ann), 'd1')
    expect(await world.balance(ann, asset)).to.deep.equal({ available: 1n, held: 0n })
  })

  it('a wallet holds so many and no more; what it sent itself comes back all the same (M4)', async () => {
    const { world, ann, stranger } = await stage()
    const tokens: ReturnType<RuntimeWorld['token']>[] = []
    for (let index = 0; index <= RULES.maxNftsPerWallet; index++) {
      const last = tokens.at(-1)?.asset.split(':').at(-1) ?? '0'
      tokens.push(world.token(0, Number(last) + 1))
    }
    for (const { address } of tokens) await world.answer(address, send('mint', ann), 'k1')
    const [first, last] = [tokens[0], tokens.at(-1)]
    if (first === undefined || last === undefined) throw new Error('no tokens')
    expect((await viewOf<NftView>(world, last.address)).returned?.code).to.equal('wallet.too_many_nfts')
    const away = { kind: 'send', to: stranger.id as WalletId, asset: first.asset, amountMinor: 1n, memo: '' } as const
    await world.answer(ann, away, 's1')
    expect(await world.balance(ann, first.asset), 'back again').to.deep.equal({ available: 1n, held: 0n })
    expect((await viewOf<WalletView>(world, ann)).assets).to.have.length(RULES.maxNftsPerWallet)
    const slot = world.runtime.partition(0)?.peek(`wallet/${ann.id}`)
    expect(JSON.stringify(slot?.snapshot()).length, 'a full wallet’s snapshot').to.be.lessThan(128 * 1024)
  })
})
