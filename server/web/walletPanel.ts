// The player's own wallet, live: balances as they are pushed, the newest lines, and sandbox money for who needs some.

import { button, choice, el, field, show, tell } from './dom.ts'
import { KeptRoom } from './keptRoom.ts'
import type { Plain } from './msgpack.ts'
import { newKey, type Session } from './session.ts'

interface BalancePush {
  readonly balances: Readonly<Record<string, { readonly available: string; readonly held: string }>>
}

interface Line {
  readonly transaction_id: string
  readonly status: string
  readonly type?: string
  readonly entry_type?: string
  readonly currency?: string
  readonly amount?: string
}

const SHOWN_LINES = 6

export class WalletPanel {
  readonly element = el('section', { class: 'panel wallet', id: 'wallet' })
  private readonly room: KeptRoom
  private readonly balances = el('p', { class: 'balances' }, 'Reading your wallet…')
  private readonly lines = el('ul', { class: 'lines' })
  private readonly known = new Map<string, { readonly available: string; readonly held: string }>()
  private readonly newest = new Map<string, Line>()

  constructor(session: Session) {
    this.room = new KeptRoom({
      session,
      asking: { method: 'joinOrCreate', room: 'wallet', options: {} },
      // docs/rooms.md says what each push holds.
      listeners: {
        balance: (message) => this.balance(message as unknown as BalancePush),
        transaction: (message) => this.news(message),
      },
    })
    const amount = el('input', { attributes: { inputmode: 'decimal', value: '10', size: '6', name: 'amount' } })
    const currency = choice('currency', [
      ['USD', 'USD'],
      ['USDC', 'USDC'],
      ['USDT', 'USDT'],
    ])
    const deposit = button('Deposit', async () => {
      await this.room.request('deposit', { currency: currency.value, amount: amount.value.trim(), key: newKey() })
      tell(`${amount.value} ${currency.value} of sandbox money is yours.`)
    })
    show(
      this.element,
      el('h2', {}, 'Wallet'),
      this.balances,
      el('div', { class: 'row' }, field('Amount', amount), field('Currency', currency), deposit),
      this.lines,
    )
  }

  end(): void {
    this.room.end()
  }

  private balance({ balances }: BalancePush): void {
    for (const [asset, row] of Object.entries(balances)) this.known.set(asset, row)
    const shown = [...this.known].map(([asset, { available, held }]) => {
      const waiting = Number(held) > 0 ? ` (+${held} held)` : ''
      return el('span', { class: 'balance', attributes: { 'data-asset': asset } }, `${available} ${asset}${waiting}`)
    })
    show(this.balances, ...(shown.length === 0 ? ['Empty.'] : shown))
  }

  private news(message: Plain): void {
    const { transactions } = message as unknown as { readonly transactions: readonly Line[] }
    for (const line of transactions) {
      const before = this.newest.get(line.transaction_id)
      this.newest.set(line.transaction_id, { ...before, ...line })
    }
    const rows = [...this.newest.values()].slice(-SHOWN_LINES).reverse()
    show(this.lines, ...rows.map((line) => el('li', {}, lineText(line))))
  }
}

function lineText({ type, entry_type, amount, currency, status }: Line): string {
  const sign = entry_type === 'credit' ? '+' : '−'
  return `${(type ?? 'transaction').replaceAll('_', ' ')} ${amount === undefined ? '' : `${sign}${amount} ${currency}`} · ${status}`
}
