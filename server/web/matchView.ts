// A match in this page: played from the own seat, or looked on at; and what came of it.

import { ArenaBoard, type Board } from './arenaBoard.ts'
import { button, el, show, tell } from './dom.ts'
import { DuelBoard } from './duelBoard.ts'
import { KeptRoom } from './keptRoom.ts'
import type { Session } from './session.ts'

export interface MatchParts {
  readonly session: Session
  readonly match: string
  readonly watch: boolean
  readonly names: ReadonlyMap<string, string>
  back(): void
}

interface Told {
  readonly status: string
  readonly you: number
  readonly game: string
  readonly mode: string
  readonly map: string | null
  readonly asset: string
  readonly pool: string
  readonly seats: readonly { readonly seat: number; readonly team: number; readonly user_id: string | null }[]
}

interface Watched extends Omit<Told, 'you' | 'status' | 'asset' | 'pool' | 'seats'> {
  readonly delay_seconds: number
  readonly seats: readonly { readonly seat: number; readonly team: number; readonly bot: boolean }[]
}

interface Result {
  readonly results: readonly { readonly seat: number; readonly position: number; readonly score: number }[]
}

interface Settlement {
  readonly payouts: readonly { readonly seat: number; readonly amount: string }[]
  readonly rake: string
}

/** docs/rooms.md: taken over, idle, over. */
const LAST_CODES = [4011, 4012, 4013]
/** The seat is there a moment after the match is ready. */
const PATIENCE_MS = 90_000

export class MatchView {
  readonly element: HTMLElement
  private readonly parts: MatchParts
  private readonly head = el('p', { class: 'about' }, 'Waiting for the match…')
  private readonly board = el('div', { class: 'board' })
  private readonly result = el('div', { class: 'result', id: 'result' })
  private readonly room: KeptRoom
  private playing: Board | null = null
  private told: Told | null = null
  /** Larger than any that this seat sent before, also in another tab: a few of them pass each second. */
  private sequence = Math.floor(Date.now() / 40) % 2 ** 30

  constructor(parts: MatchParts) {
    this.parts = parts
    const { session, match, watch } = parts
    this.element = el('section', { class: 'panel match', id: 'match', attributes: { 'data-match': match } })
    this.room = new KeptRoom({
      session,
      asking: { method: 'join', room: 'match', options: { matchId: match, ...(watch ? { spectate: true } : {}) } },
      // docs/rooms.md says what each push holds.
      listeners: {
        match: (message) => this.changed(message as unknown as Told),
        watching: (message) => this.watching(message as unknown as Watched),
        view: (message) => this.playing?.view((message as unknown as { readonly v: unknown }).v),
        result: (message) => this.decided(message as unknown as Result),
        settlement: (message) => this.settled(message as unknown as Settlement),
        cancelled: () => this.over('The match was called off; stakes go back.'),
        over: () => this.over('The match is over.'),
      },
      last: LAST_CODES,
      patientUntilMs: Date.now() + PATIENCE_MS,
      over: (why) => this.over(ENDS[why] ?? 'There is no such match to join just now.'),
    })
    const surrender = watch ? null : button('Give up', () => this.room.request('surrender'))
    const link = el('span', { class: 'code', title: 'Others watch with it' }, match)
    const back = button('Back', () => parts.back())
    show(
      this.element,
      el('h2', {}, watch ? 'Watching' : 'Match'),
      ...[this.head, this.board, this.result, el('div', { class: 'row' }, surrender, back, link)],
    )
  }

  end(): void {
    this.room.end()
    this.playing?.end()
  }

  private changed(told: Told): void {
    this.told = told
    const { status, game, mode, map, pool, asset, you } = told
    const money = Number(pool) > 0 ? ` · pool ${pool} ${asset}` : ''
    this.head.textContent = `${game} ${mode}${map === null ? '' : ` on ${map}`}${money} · ${status} · ${this.seatsText(told.seats, you)}`
    this.element.dataset.status = status
    if (this.playing === null && (status === 'ready' || status === 'live')) this.begin(game, map, true)
  }

  private watching({ game, mode, map, delay_seconds: delay, seats }: Watched): void {
    const late = delay > 0 ? ` · ${delay} s late` : ''
    this.head.textContent = `${game} ${mode}${map === null ? '' : ` on ${map}`} · ${seats.length} seats${late}`
    this.element.dataset.status = 'watching'
    if (this.playing === null) this.begin(game, map, false)
  }

  private begin(game: string, map: string | null, isMine: boolean): void {
    const send = (input: unknown): void => {
      this.sequence++
      this.room.send('input', { s: this.sequence, i: input })
    }
    if (game !== 'arena' && game !== 'duel') {
      this.head.textContent = `This page cannot show ${game}.`
      return
    }
    this.playing = game === 'arena' ? new ArenaBoard(map, isMine ? send : null) : new DuelBoard(isMine ? send : null)
    show(this.board, this.playing.element)
  }

  private seatsText(seats: Told['seats'], you: number): string {
    return seats.map((each) => this.nameOf(each.seat, each.user_id, you)).join(', ')
  }

  private nameOf(seat: number, user: string | null, you: number): string {
    if (seat === you) return 'you'
    return user === null ? 'a bot' : (this.parts.names.get(user) ?? user.slice(0, 8))
  }

  private decided({ results }: Result): void {
    const sorted = [...results].sort((a, b) => a.position - b.position)
    const you = this.told?.you ?? -1
    const own = results.find(({ seat }) => seat === you)
    const drawn = results.every(({ position }) => position === 1)
    const word =
      own === undefined ? 'It is over.' : drawn ? 'A draw.' : own.position === 1 ? 'You have won.' : 'You have lost.'
    const rows = sorted.map(({ seat, position, score }) => {
      const user = this.told?.seats.find((each) => each.seat === seat)?.user_id ?? null
      return el('li', {}, `${position}. ${this.nameOf(seat, user, you)} · ${score}`)
    })
    show(this.result, el('p', { class: 'word' }, word), el('ol', { class: 'places' }, ...rows))
  }

  private settled({ payouts, rake }: Settlement): void {
    const asset = this.told?.asset ?? ''
    const mine = payouts.find(({ seat }) => seat === this.told?.you)
    if (payouts.length === 0) return
    const text = mine === undefined ? 'Nothing was paid to you' : `${mine.amount} ${asset} was paid to you`
    this.result.append(el('p', { class: 'paid' }, `${text}; the platform's fee was ${rake}.`))
  }

  private over(text: string): void {
    if (this.result.childElementCount === 0) show(this.result, el('p', { class: 'word' }, text))
    if (this.element.dataset.status === undefined) tell(text)
    this.element.dataset.over = 'yes'
  }
}

const ENDS: Readonly<Record<string, string>> = {
  '4011': 'You play this match in another tab.',
  '4012': 'You said nothing for too long.',
  '4013': 'The match is over.',
  forbidden: 'You have no seat in this match: watch it instead.',
}
