// Lobbies: those that can be joined, and opening one.

import type { LobbyBody } from '../../shared/lobbyMessages.ts'
import { button, choice, el, field, show, tellError } from './dom.ts'
import { gamesToPlay } from './games.ts'
import { newKey, type Session } from './session.ts'

export type OpenLobby = (id: string, code: string | null) => void

const REFRESH_MS = 5_000

export class LobbyPanel {
  readonly element = el('section', { class: 'panel lobbies', id: 'lobbies' })
  private readonly session: Session
  private readonly open: OpenLobby
  private readonly list = el('ul', { class: 'list' })
  private readonly game = gamesToPlay()
  private readonly visibility = choice('visibility', [
    ['public', 'for everybody'],
    ['private', 'by code or invitation'],
    ['friends', 'by invitation'],
  ])
  private readonly stake = choice('stake', [
    ['0', 'for nothing'],
    ['100', 'for 1.00 USD'],
    ['200', 'for 2.00 USD'],
    ['500', 'for 5.00 USD'],
  ])
  private timer = 0

  constructor(session: Session, open: OpenLobby) {
    this.session = session
    this.open = open
    const id = el('input', { attributes: { name: 'lobby', placeholder: 'l_…', autocomplete: 'off' } })
    const code = el('input', { attributes: { name: 'code', placeholder: 'code', size: '10', autocomplete: 'off' } })
    show(
      this.element,
      el('h2', {}, 'Lobbies'),
      el('div', { class: 'row' }, ...this.game.fields, field('Stake', this.stake), field('Open', this.visibility)),
      el(
        'div',
        { class: 'row' },
        button('Open a lobby', () => this.make(), { class: 'main' }),
      ),
      el(
        'div',
        { class: 'row' },
        field('Lobby', id),
        field('Code', code),
        button('Go there', () => this.open(id.value.trim(), code.value.trim() || null)),
      ),
      this.list,
    )
    this.refresh()
  }

  end(): void {
    clearTimeout(this.timer)
    this.timer = -1
  }

  private async make(): Promise<void> {
    const { game, mode, format } = this.game.chosen()
    const { lobby } = await this.session.call<{ readonly lobby: LobbyBody }>('POST /api/lobbies', {
      ...{ game_id: game, game_mode: mode, team_format: format, visibility: this.visibility.value },
      ...{ entry_fee_cents: Number(this.stake.value), idempotency_key: newKey() },
    })
    this.open(lobby.id, null)
  }

  private refresh(): void {
    this.read()
      .catch(tellError)
      .finally(() => {
        if (this.timer !== -1) this.timer = window.setTimeout(() => this.refresh(), REFRESH_MS)
      })
  }

  private async read(): Promise<void> {
    // Nobody looks: nothing is asked.
    if (document.hidden || this.element.offsetParent === null) return
    type Page = { readonly lobbies: readonly LobbyBody[] }
    const { lobbies } = await this.session.call<Page>('GET /api/lobbies?limit=20')
    const rows = lobbies.map((lobby) => {
      const taken = lobby.player_slots.filter((slot) => slot.player_id !== null).length
      const price = lobby.entry_fee_cents === 0 ? 'free' : `${lobby.prize_pool.entry_fee} ${lobby.prize_pool.currency}`
      return el(
        'li',
        {},
        el('span', {}, `${lobby.name} · ${price} · ${taken}/${lobby.max_players} · ${lobby.region}`),
        button('Look', () => this.open(lobby.id, null)),
      )
    })
    show(this.list, ...(rows.length === 0 ? [el('li', {}, 'No lobby is open to everybody just now.')] : rows))
  }
}
