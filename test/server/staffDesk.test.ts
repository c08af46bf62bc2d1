// Lists of what is open, where some wallets cannot be read: the page says which, and shows the others.

import { expect } from 'chai'
import type { HoldPlace } from '../../actors/wallet/service.ts'
import { newWallet, openHold, view, type Wallet } from '../../actors/wallet/state.ts'
import { openWithdrawal } from '../../actors/wallet/withdrawals.ts'
import type { Question } from '../../server/ledger/questions.ts'
import { StaffDesk, type StaffDeskOptions } from '../../server/staffDesk.ts'
import { recordId, type WalletId } from '../../shared/ids.ts'

const NOW_MS = 1_750_000_000_000
const walletId = (text: string): WalletId => text as WalletId // of the form of one
const [GOOD, LOST, GONE] = [walletId('w_good'), walletId('w_lost'), walletId('w_gone')]
const ID = recordId(0, 1)

/** One has its cases open, and the case of another has ended. */
function walletOf(id: string): Wallet {
  const wallet = newWallet(id)
  wallet.status = 'open'
  if (id !== GOOD) return wallet
  openHold(wallet, 'seat', { asset: 'USD', leftMinor: 70n, expiresAtMs: NOW_MS + 5 })
  openHold(wallet, 'other', { asset: 'USDC', leftMinor: 1n, expiresAtMs: NOW_MS + 9 })
  const amounts = { amountMinor: 1n, feeMinor: 0n, cents: 1n }
  const form = { asset: 'USD', destination: 'dst_x', requestedAtMs: NOW_MS, status: 'requested' } as const
  openWithdrawal(wallet, ID, { ...form, ...amounts })
  return wallet
}

/** Three wallets with a case each, of which one cannot be read. `asked` gets every wallet that is read. */
function desk(asked: string[] = []): StaffDesk {
  const place = (id: WalletId, name: string, inMs: number): HoldPlace => {
    return { walletId: id, name, expiresAtMs: NOW_MS + inMs }
  }
  const places = [place(LOST, 'seat', 1), place(GOOD, 'seat', 5), place(GONE, 'seat', 6), place(GOOD, 'other', 9)]
  const parts: StaffDeskOptions = {
    runtime: {
      async read({ id }) {
        asked.push(id)
        if (id === LOST) return { kind: 'refused', code: 'unavailable' }
        return { kind: 'view', view: view(walletOf(id), { kind: 'balance' }), seq: 3 }
      },
      submit: () => Promise.reject(new Error('nothing is ordered here')),
    },
    ledger: {
      nowMs: () => NOW_MS,
      async ask(question: Question) {
        const after = question.kind === 'holds' ? question.after : null
        const rows = places.filter(({ expiresAtMs }) => expiresAtMs > (after?.expiresAtMs ?? 0))
        return { kind: 'holds', asOfMs: NOW_MS, positions: [], rows, next: null } as never // only holds are asked for
      },
    },
    history: { open: async () => ({ rows: [GOOD, LOST, GONE].map((id) => ({ id: ID, walletId: id })), next: null }) },
    catchUp: async () => {},
    nowMs: () => NOW_MS,
    sandbox: null,
    answered: () => {},
  }
  return new StaffDesk(parts)
}

describe('lists of what is open', () => {
  it('of withdrawals name the wallets that nobody could answer for', async () => {
    const found = await desk().openWithdrawals(null, 50)
    if (found.kind === 'refused') throw new Error(found.code)
    expect(found.page.rows.map((row) => row.walletId)).to.deep.equal([GOOD])
    expect(found.page.unreadable).to.deep.equal([LOST])
  })

  const all = { walletId: null, asset: null, expiresBeforeMs: null, after: null, limit: 50 }

  it('of holds too, and ask each wallet once', async () => {
    const read: string[] = []
    const found = await desk(read).openHolds(all)
    if (found.kind === 'refused') throw new Error(found.code)
    const rows = found.page.rows.map((row) => [row.walletId, row.name, row.leftMinor])
    expect(rows).to.deep.equal([
      [GOOD, 'seat', 70n],
      [GOOD, 'other', 1n],
    ])
    expect(found.page).to.deep.include({ unreadable: [LOST], next: null, asOfMs: NOW_MS })
    expect(read.sort()).to.deep.equal([GONE, GOOD, LOST])
  })

  it('of holds go on behind the last that was shown, and take one asset', async () => {
    const first = await desk().openHolds({ ...all, limit: 1 })
    if (first.kind === 'refused') throw new Error(first.code)
    expect(first.page.next).to.deep.include({ walletId: GOOD, name: 'seat' })
    const second = await desk().openHolds({ ...all, limit: 1, after: first.page.next })
    if (second.kind === 'refused') throw new Error(second.code)
    expect(second.page.rows.map(({ name }) => name)).to.deep.equal(['other'])
    expect(second.page.next).to.equal(null)
    const usdc = await desk().openHolds({ ...all, asset: 'USDC' })
    if (usdc.kind === 'refused') throw new Error(usdc.code)
    expect(usdc.page.rows.map(({ name }) => name)).to.deep.equal(['other'])
  })
})
