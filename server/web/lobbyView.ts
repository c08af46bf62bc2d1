// One lobby: who sits where, who is ready, what is said, and the way into its match.

import type { ChatLine, LobbyBody } from '../../shared/lobbyMessages.ts'
import { button, el, show, tell } from './dom.ts'
import { KeptRoom } from './keptRoom.ts'
import type { Session } from './session.ts'

export interface LobbyHooks {
  /** Its match is made, and waits for its players. */
  play(match: string, names: ReadonlyMap<string, string>): void
  back(): void
}

/** docs/rooms.md: sent away, over. */
const LAST_CODES = [4020, 4021]
const SHOWN_LINES = 50

export class LobbyView {
  readonly element = el('section', { class: 'panel lobby', id: 'lobby' })
  private readonly room: KeptRoom
  private readonly me: string
  private readonly hooks: LobbyHooks
  private readonly seats = el('ul', { class: 'seats' })
  private readonly about = el('p', { class: 'about' })
  private readonly actions = el('div', { class: 'row actions' })
  private readonly lines = el('ol', { class: 'chat', id: 'chat' })
  private lobby: LobbyBody | null = null
  /** Matches that were accepted here: of a free one by itself. */
  private readonly accepted = new Set<string>()
  private playing: string | null = null

  constructor(session: Session, id: string, code: string | null, hooks: LobbyHooks) {
    this.me = session.known.user_id
    this.hooks = hooks
    this.room = new KeptRoom({
      session,
      asking: { method: 'joinOrCreate', room: 'lobby', options: { lobbyId: id, ...(code === null ? {} : { code }) } },
      listeners: {
        lobby: (message) => this.changed(message as unknown as LobbyBody), // as docs/rooms.md says
        chat: (message) => this.said((message as unknown as { lines: readonly ChatLine[] }).lines), // as docs/rooms.md says
      },
      joined: () => show(this.lines),
      last: LAST_CODES,
      over: (why) => {
        tell(why === '4020' ? 'You were sent away from this lobby.' : 'There is no such lobby for you.', 'error')
        this.hooks.back()
      },
    })
    show(this.element, el('h2', {}, 'Lobby'), this.about, this.seats, this.actions, this.talk())
  }

  end(): void {
    this.room.end()
  }

  private talk(): HTMLElement {
    const text = el('input', {
      attributes: { name: 'chat', maxlength: '300', placeholder: 'Say something', autocomplete: 'off' },
    })
    const form = el('form', { class: 'row talk' }, text, el('button', { attributes: { type: 'submit' } }, 'Say'))
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      const said = text.value
      if (said.trim() === '') return
      this.room.request('chat', { text: said }).then(
        () => {
          text.value = ''
        },
        (error: unknown) => tell(error instanceof Error ? error.message : 'Not said.', 'error'),
      )
    })
    return el('div', {}, this.lines, form)
  }

  private said(lines: readonly ChatLine[]): void {
    for (const { name, user_id: user, text } of lines)
      this.lines.append(el('li', {}, el('b', {}, `${name ?? user.slice(0, 8)}: `), text))
    while (this.lines.childElementCount > SHOWN_LINES) this.lines.firstElementChild?.remove()
    this.lines.scrollTop = this.lines.scrollHeight
  }

  private changed(lobby: LobbyBody): void {
    this.lobby = lobby
    const { status, player_slots: slots, prize_pool: pool, match_id: match } = lobby
    const price = lobby.entry_fee_cents === 0 ? 'for nothing' : priceText(lobby)
    this.about.textContent = `${lobby.name} · ${price} · ${STATUS[status]}${reasonOf(lobby)}`
    const mine = slots.find((slot) => slot.player_id === this.me)
    show(this.seats, ...slots.map((slot) => this.seat(slot, lobby)))
    show(this.actions, ...this.buttons(lobby, mine?.is_ready ?? false, mine !== undefined))
    this.element.dataset.status = status
    if ((status === 'starting' || status === 'started') && match !== null && mine !== undefined) {
      if (lobby.entry_fee_cents === 0 && pool.entry_fee_cents === 0) void this.accept(match)
      else if (status === 'started') this.go(match)
    }
  }

  private seat(slot: LobbyBody['player_slots'][number], lobby: LobbyBody): HTMLElement {
    const { slot_number: seat, player_id: user, player_name: name, is_ready: ready, team, mmr } = slot
    const isOwner = lobby.creator_id === this.me
    const open = lobby.status === 'open'
    const who = user === null ? 'free' : `${name ?? user.slice(0, 8)}${user === this.me ? ' (you)' : ''}`
    const owner = user !== null && user === lobby.creator_id ? ' ★' : ''
    return el(
      'li',
      { attributes: { 'data-seat': String(seat) } },
      el('span', { class: 'team' }, `Team ${team}`),
      el('span', { class: 'who' }, `${who}${owner}`),
      el('span', {}, user === null ? '' : `${mmr ?? ''} ${ready ? '· ready' : ''}`),
      user === null && open && button('Sit here', () => this.room.request('join', { seat })),
      user !== null &&
        user !== this.me &&
        isOwner &&
        open &&
        button('Send away', () => this.room.request('kick', { user_id: user })),
    )
  }

  private buttons(lobby: LobbyBody, isReady: boolean, isSeated: boolean): readonly (HTMLElement | null)[] {
    const { status, match_id: match } = lobby
    const waiting = status === 'open' || status === 'ready_check'
    const isOwner = lobby.creator_id === this.me
    const stake = `Stake ${lobby.prize_pool.entry_fee} ${lobby.prize_pool.currency}`
    const isStaked = lobby.entry_fee_cents > 0
    return [
      isSeated && waiting
        ? button(isReady ? 'Not ready' : 'Ready', () => this.room.request('ready', { ready: !isReady }), {
            class: 'main',
          })
        : null,
      isOwner && status === 'open' ? button('Start', () => this.room.request('start', {}), { class: 'main' }) : null,
      isOwner && status === 'open' && lobby.takes_bots
        ? button('Start with bots', () => this.room.request('start', { bots: true }))
        : null,
      isSeated && status === 'starting' && isStaked && match !== null
        ? button(stake, () => this.accept(match), { class: 'main' })
        : null,
      isSeated && status === 'starting' && isStaked ? button('Decline', () => this.room.request('decline')) : null,
      isSeated && status === 'started' && match !== null
        ? button('To the match', () => this.go(match), { class: 'main' })
        : null,
      button(isSeated ? 'Leave' : 'Back', async () => {
        if (isSeated) await this.room.request('leave')
        this.hooks.back()
      }),
      el(
        'span',
        { class: 'code', title: 'Others find this lobby by it' },
        `${lobby.id}${lobby.join_code === null ? '' : ` · code ${lobby.join_code}`}`,
      ),
    ]
  }

  /** Puts in what the match waits for, until the match is there to take it. */
  private async accept(match: string): Promise<void> {
    if (this.accepted.has(match)) return this.go(match)
    this.accepted.add(match)
    try {
      for (let tries = 0; tries < 20; tries++) {
        const answer = await this.room.request('confirm').then(
          () => null,
          (error: unknown) => error,
        )
        if (answer === null) return this.go(match)
        const code = answer instanceof Error && 'code' in answer ? answer.code : ''
        if (code !== 'lobby.no_match' && code !== 'unavailable') throw answer
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
    } catch (error) {
      this.accepted.delete(match)
      tell(error instanceof Error ? error.message : 'Not accepted.', 'error')
    }
  }

  private go(match: string): void {
    if (this.playing === match) return
    this.playing = match
    const slots = this.lobby?.player_slots ?? []
    this.hooks.play(
      match,
      new Map(
        slots.flatMap(({ player_id: user, player_name: name }) =>
          user === null || name === null ? [] : [[user, name]],
        ),
      ),
    )
  }
}

const STATUS: Readonly<Record<LobbyBody['status'], string>> = {
  open: 'open',
  ready_check: 'ready check: a minute to say that you are ready',
  starting: 'the match begins once everybody is in',
  started: 'the match is on',
  completed: 'over',
  cancelled: 'closed',
}

function reasonOf({ reopened_because: again, closed_because: closed }: LobbyBody): string {
  const why = closed ?? again
  return why === null ? '' : ` (${why.replaceAll('_', ' ')})`
}

function priceText({
  prize_pool: { entry_fee, currency, total, platform_fee, dispute_window_hours },
}: LobbyBody): string {
  const late = dispute_window_hours > 0 ? `, paid after ${dispute_window_hours} h` : ''
  return `${entry_fee} ${currency} each, pool ${total}, fee ${platform_fee}${late}`
}
