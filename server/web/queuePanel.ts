// The way to a match by the queue: what to play for, how long it may take, and the seat that is offered.

import { button, choice, el, field, show, tellError } from './dom.ts'
import { type GameChoice, gamesToPlay } from './games.ts'
import { KeptRoom } from './keptRoom.ts'
import { newKey, type Session } from './session.ts'

interface Standing {
  readonly status: string
  readonly queue_position: number | null
  readonly estimated_wait_seconds: number | null
  readonly match_id: string | null
}

export interface Offer {
  readonly match_id: string
  readonly game: string
  readonly mode: string
  readonly currency: string
  readonly stake: string
  readonly status: string
  readonly seats: readonly { readonly user_id: string | null; readonly accepted: boolean }[]
}

export class QueuePanel {
  readonly element = el('section', { class: 'panel queue', id: 'queue' })
  private readonly room: KeptRoom
  private readonly state = el('p', { class: 'state' }, 'Not in a queue.')
  private readonly offer = el('div', { class: 'offer' })
  private readonly game: GameChoice = gamesToPlay()
  private readonly stake = choice('stake', [
    ['free', 'for nothing'],
    ['bots', 'for nothing, bots may fill in'],
    ['100', 'for 1.00 USD'],
    ['200', 'for 2.00 USD'],
    ['500', 'for 5.00 USD'],
  ])

  constructor(session: Session, play: (match: string) => void) {
    const offered = (message: unknown): void => this.offered(message as Offer, play) // as docs/rooms.md says
    this.room = new KeptRoom({
      session,
      asking: { method: 'joinOrCreate', room: 'queue', options: {} },
      listeners: {
        session: (message) => this.standing(message as unknown as Standing), // as docs/rooms.md says
        match_found: offered,
        ready_check: offered,
        match: offered,
      },
    })
    show(
      this.element,
      el('h2', {}, 'Find a match'),
      el('div', { class: 'row' }, ...this.game.fields, field('Stake', this.stake)),
      el(
        'div',
        { class: 'row' },
        button('Queue', () => this.join(), { class: 'main' }),
        button('Leave the queue', async () => this.standing(await this.room.request('leave'))),
      ),
      this.state,
      this.offer,
    )
  }

  end(): void {
    this.room.end()
  }

  private async join(): Promise<void> {
    const { game, mode, format } = this.game.chosen()
    const stake = this.stake.value
    const cents = /^\d+$/.test(stake) ? Number(stake) : 0
    const wish = { game, mode, format, region: 'eu-west', entry_fee_cents: cents, key: newKey() }
    this.standing(await this.room.request('join', { ...wish, fill_bots: stake === 'bots' }))
  }

  private standing({ status, queue_position: position, estimated_wait_seconds: wait }: Standing): void {
    const waiting = status === 'queued' || status === 'searching'
    const place = position === null ? '' : `, place ${position}`
    const time = wait === null ? '' : `, about ${wait} s`
    this.state.textContent = waiting ? `Looking for opponents${place}${time}…` : (TEXTS[status] ?? status)
    if (waiting || status === 'none' || status === 'cancelled' || status === 'expired') show(this.offer)
  }

  private offered(offer: Offer, play: (match: string) => void): void {
    const { match_id: match, status, stake, currency, game, mode, seats } = offer
    if (status === 'ready' || status === 'live') {
      show(this.offer)
      return play(match)
    }
    if (status !== 'funding') {
      this.state.textContent = status === 'cancelled' ? 'The match was called off.' : status
      return show(this.offer)
    }
    const accepted = seats.filter((seat) => seat.accepted || seat.user_id === null).length
    const price = Number(stake) === 0 ? 'for nothing' : `for ${stake} ${currency}`
    const answer = (what: 'accept' | 'decline') => () => this.room.request(what, { match }).catch(tellError)
    show(
      this.offer,
      el('p', {}, `A match of ${game} ${mode} ${price}: ${accepted} of ${seats.length} have accepted.`),
      el(
        'div',
        { class: 'row' },
        button(Number(stake) === 0 ? 'Accept' : `Stake ${stake} ${currency}`, answer('accept'), { class: 'main' }),
        button('Decline', answer('decline')),
      ),
    )
  }
}

const TEXTS: Readonly<Record<string, string>> = {
  none: 'Not in a queue.',
  matched: 'A match is offered to you.',
  ready: 'Your match waits for you.',
  cancelled: 'Not in a queue.',
  expired: 'Nobody came in time. Try again.',
}
